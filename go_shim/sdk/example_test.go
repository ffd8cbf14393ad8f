package driftcheck_test

import (
	"errors"
	"fmt"
	"strconv"

	driftcheck "driftcheck/sdk"
)

// counter is a subject: a number that an operation adds to.
type counter struct{ sum uint64 }

// Step does what the generated package does: it reads the arguments, calls the subject, and writes the result.
func (c *counter) Step(step *driftcheck.Step, r *driftcheck.Reader, w *driftcheck.Writer) error {
	r.Fields(1)
	number := r.Uint()
	if r.Failed() {
		return nil
	}
	c.sum += number
	w.Uint(c.sum)
	return nil
}

func (c *counter) State(w *driftcheck.Writer) { w.Uint(c.sum) }
func (c *counter) Drop()                      {}

var counterContract = driftcheck.Contract{
	Name:        "counter",
	Fingerprint: "0123456789abcdef",
	Operations:  []string{"add"},
	HasState:    true,
	Open: func(r *driftcheck.Reader) (driftcheck.Opened, error) {
		r.Fields(0)
		return &counter{}, nil
	},
}

// An adapter registers its contract in init.
func init() { driftcheck.Register(counterContract) }

// The host sends requests to the registered contract, and reads the replies.
func Example() {
	// One trace of one step: add(5).
	trace := []byte("\x84\x62id\x81\x82\x01\x80\x81\x80\x81\x84\x00\x00\xf6\x81\x05")
	var request driftcheck.Writer
	request.Array(3)
	request.Uint(driftcheck.Protocol)
	request.Uint(0) // the mode
	request.Array(1)
	request.Bytes(trace)

	var note uint64
	reply, err := driftcheck.Run(&note, request.Data())
	if err != nil {
		fmt.Println(err)
		return
	}

	r := driftcheck.NewReader(reply)
	r.Fields(1) // one trace
	r = driftcheck.NewReader(r.Bytes())
	r.Fields(4) // opened, outcomes and digests, states, texts
	r.Skip()
	r.Fields(2) // an outcome and a digest
	r.Fields(2)
	fmt.Println("kind:", r.Uint())
	fmt.Println("value:", r.Uint())
	fmt.Printf("digest: %x\n", r.Bytes())
	// Output:
	// kind: 0
	// value: 5
	// digest: af63b84c8601af60
}

// A request that the SDK cannot read is an error that names the place and the reason.
func ExampleRun() {
	var note uint64
	_, err := driftcheck.Run(&note, []byte{0x83, 2, 0, 0x80})

	fmt.Println(errors.Is(err, driftcheck.ErrUnexpected))
	fmt.Println(err)
	// Output:
	// true
	// read request: byte 1: unexpected item: want protocol 1
}

// The generated package has such a variable for each rejection class of the contract.
var errAbsent = driftcheck.NewRejection(0, "absent", "the cache holds no such key")

// An adapter rejects a step with a variable of the generated package, bare or wrapped.
func ExampleRejection() {
	get := func(key string) (string, error) {
		return "", fmt.Errorf("get %q: %w", key, errAbsent)
	}

	_, err := get("a")

	fmt.Println(errors.Is(err, errAbsent))
	fmt.Println(err)
	// Output:
	// true
	// get "a": absent: the cache holds no such key
}

// An adapter marks an error of the library, so that the catch-all class of the contract takes it.
// Without a mark the error is unmapped, and driftcheck reports a finding about the adapter.
func ExampleLibrary() {
	parse := func(text string) (uint64, error) {
		n, err := strconv.ParseUint(text, 10, 64)
		return n, driftcheck.Library(err)
	}

	_, err := parse("seven")
	fmt.Println(err)
	_, err = parse("7")
	fmt.Println(err)
	// Output:
	// strconv.ParseUint: parsing "seven": invalid syntax
	// <nil>
}

// An adapter reports its own fault, so that driftcheck does not blame the subject.
func ExampleBroken() {
	toContract := func(count int) (uint64, error) {
		if count < 0 {
			return 0, driftcheck.Broken("convert the count %d: it is negative", count)
		}
		return uint64(count), nil
	}

	_, err := toContract(-1)

	fmt.Println(err)
	// Output: convert the count -1: it is negative
}

// An adapter returns ErrUnsupported for a step that its library has no function for.
func Example_unsupported() {
	resize := func(capacity uint64) error {
		return fmt.Errorf("resize to %d: %w", capacity, driftcheck.ErrUnsupported)
	}

	err := resize(8)

	fmt.Println(errors.Is(err, driftcheck.ErrUnsupported))
	// Output: true
}

// A writer and a reader agree on canonical CBOR.
func ExampleReader() {
	var w driftcheck.Writer
	w.Array(2)
	w.Text("key")
	w.Uint(300)
	fmt.Printf("%x\n", w.Data())

	r := driftcheck.NewReader(w.Data())
	r.Fields(2)
	key, n := r.Text(), r.Uint()
	r.Finish()
	fmt.Println(key, n, r.Err())
	// Output:
	// 82636b657919012c
	// key 300 <nil>
}

// After the first error a reader returns zero values, so one check at the end is enough.
func ExampleReader_Err() {
	r := driftcheck.NewReader([]byte{0x82, 0x18, 0x05, 0x01})
	r.Fields(2)
	fmt.Println(r.Uint(), r.Uint())
	fmt.Println(r.Err())
	// Output:
	// 0 0
	// byte 1: not the shortest head of a definite length
}

// Go's maps have no order. Mark, Item and Sort write the pairs in the order of their keys.
func ExampleWriter_Sort() {
	var w driftcheck.Writer
	stock := map[string]uint64{"pear": 2, "fig": 1}
	w.Map(len(stock))
	for name, count := range stock {
		mark := w.Mark()
		w.Text(name)
		w.Uint(count)
		w.Item(mark)
	}
	w.Sort(len(stock))
	fmt.Printf("%x\n", w.Data())
	// Output: a26366696701647065617202
}

// A step takes a handle, and keeps it again unless the step closes it.
func ExampleHandles() {
	var cursors driftcheck.Handles[string]
	cursors.Keep(3, "the cursor that step 3 made")

	_, isLive := cursors.Take(3)
	fmt.Println(isLive)
	_, isLive = cursors.Take(3)
	fmt.Println(isLive)
	// Output:
	// true
	// false
}
