package reconcile_test

import (
	"errors"
	"fmt"
	"log"

	"driftcheck/reconcile"
)

// Two replicas of one store write the same key, and reconcile.
func Example() {
	open := func(writer string) *reconcile.Replica {
		r, err := reconcile.Open(&reconcile.Memory{}, reconcile.Config{
			Writer: writer, Members: []string{"alice", "bob"}, Schema: 3, Flag: reconcile.FlagOn,
		})
		if err != nil {
			log.Fatal(err)
		}
		return r
	}
	alice, bob := open("alice"), open("bob")
	put := func(r *reconcile.Replica, value byte, now uint64) {
		if _, err := r.Put("key", []byte{value}, reconcile.Label{}, now); err != nil {
			log.Fatal(err)
		}
	}
	put(alice, 1, 1000)
	put(bob, 2, 2000)

	merge, err := alice.Reconcile(bob.View(), 3000)
	if err != nil {
		log.Fatal(err)
	}
	read, err := alice.View().Get("key")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d taken, %d dropped, value %x\n", merge.Taken, merge.Dropped, read.Values)
	// Output: 1 taken, 1 dropped, value [02]
}

// A rejection has a class, which errors.Is compares, and a detail.
func ExampleError() {
	r, err := reconcile.Open(&reconcile.Memory{}, reconcile.Config{Writer: "alice", Members: []string{"alice"}, Schema: 3})
	if err != nil {
		log.Fatal(err)
	}

	_, err = r.Delete("key", 1000)
	fmt.Println(errors.Is(err, reconcile.ErrAbsent))
	fmt.Println(err)
	// Output:
	// true
	// absent at "6b6579", offset 0: expected a visible value, got none
}
