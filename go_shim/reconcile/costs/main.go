// Costs measures what a reconcile costs by either algorithm, and prints a line of JSON for each.
//
// Usage: costs KEYS:DIFFERING[,DIFFERING...]... | costs -
//
// A peer holds so many keys, and the asker all of them but those differing, which the peer wrote anew.
// With "-" it imports documents instead, in hex, a line each, into an empty replica each.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"driftcheck/reconcile"
)

const (
	enough  = time.Second / 2  // of measuring one thing,
	least   = 3                // but so many times,
	tooMuch = 10 * time.Second // but no longer,
	most    = 7                // and no more times
	stride  = 7919             // shares no factor with the numbers of keys, so that its multiples spread over all
	late    = 1_000_000        // milliseconds, after all old values
)

// cost is one line.
type cost struct {
	Keys      int       `json:"keys"`
	Differing int       `json:"differing"`
	Algorithm string    `json:"algorithm"`
	Messages  uint64    `json:"messages"`
	Bytes     uint64    `json:"bytes"`
	Seconds   []float64 `json:"seconds"`
	Allocated uint64    `json:"allocated"` // bytes, in one reconcile
}

// pair is an asker that can be set back to where it differs from its peer.
type pair struct {
	asker, peer *reconcile.Replica
	behind      reconcile.Snapshot
	now         uint64
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, argument := range os.Args[1:] {
		if argument == "-" {
			imports(out)
			continue
		}
		keys, differences, err := parse(argument)
		if err != nil {
			log.Fatal(err)
		}
		p := newPair(keys)
		for _, differing := range differences {
			p.differ(keys, differing)
			// What v1 leaves behind would be tidied up at the cost of v2, were that the second.
			for _, flag := range []reconcile.Flag{reconcile.FlagOn, reconcile.FlagOff} {
				if err := out.Encode(p.measure(flag, keys, differing)); err != nil {
					log.Fatal(err)
				}
			}
			p.agree()
		}
	}
}

// imports tells what reading documents allocates, accepted or not.
func imports(out *json.Encoder) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	var before, after runtime.MemStats
	for lines.Scan() {
		document := must(hex.DecodeString(lines.Text()))
		replica := open("a")
		runtime.ReadMemStats(&before)
		_, err := replica.Import(document, late)
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		if err := out.Encode(map[string]any{"accepted": err == nil, "allocated": allocated}); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// parse reads KEYS:DIFFERING,DIFFERING.
func parse(argument string) (keys int, differences []int, err error) {
	head, tail, _ := strings.Cut(argument, ":")
	if keys, err = strconv.Atoi(head); err != nil {
		return 0, nil, fmt.Errorf("keys of %q: %w", argument, err)
	}
	for field := range strings.SplitSeq(tail, ",") {
		differing, err := strconv.Atoi(field)
		if err != nil {
			return 0, nil, fmt.Errorf("differing of %q: %w", argument, err)
		}
		differences = append(differences, differing)
	}
	return keys, differences, nil
}

func newPair(keys int) *pair {
	p := &pair{asker: open("a"), peer: open("b"), now: late}
	for number := range keys {
		p.put(number, "old", uint64(number/1000))
	}
	p.agree()
	return p
}

func open(writer string) *reconcile.Replica {
	return must(reconcile.Open(reconcile.NewMemory(nil), reconcile.Config{
		Writer: writer, Members: []string{"a", "b"}, Schema: 3,
	}))
}

func (p *pair) put(number int, value string, now uint64) {
	text := append([]byte{0x60 + byte(len(value))}, value...)
	must(p.peer.Put(fmt.Sprintf("key/%08d", number), text, reconcile.Label{}, now))
}

// differ lets the peer write some keys anew, and keeps the asker's state from before.
func (p *pair) differ(keys, differing int) {
	for number := range differing {
		p.now++
		p.put(number*stride%keys, "new", p.now)
	}
	p.behind = p.asker.View().Snapshot()
}

func (p *pair) agree() {
	p.flag(reconcile.FlagOn)
	p.pull()
}

func (p *pair) flag(flag reconcile.Flag) {
	if err := p.asker.SetFlag(flag); err != nil {
		log.Fatal(err)
	}
}

func (p *pair) pull() reconcile.MergeResult { return must(p.asker.Reconcile(p.peer.View(), p.now)) }

// measure pulls by one algorithm until that took long enough, each time from where the asker was behind.
func (p *pair) measure(flag reconcile.Flag, keys, differing int) cost {
	p.flag(flag)
	found := cost{Keys: keys, Differing: differing}
	var before, after runtime.MemStats
	for total := time.Duration(0); (total < enough || len(found.Seconds) < least) && total < tooMuch; {
		if len(found.Seconds) == most {
			break
		}
		must(p.asker.Rollback(p.behind))
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		merge := p.pull()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if merge.Taken != uint64(differing) {
			log.Fatalf("took %d of %d", merge.Taken, differing)
		}
		total += took
		found.Seconds = append(found.Seconds, took.Seconds())
		found.Allocated = after.TotalAlloc - before.TotalAlloc
	}
	must(p.asker.Rollback(p.behind))
	audit := p.asker.Audit()
	record := audit[len(audit)-1]
	found.Algorithm = string(record.Algorithm)
	spent := record.V1
	if record.Algorithm == reconcile.V2 {
		spent = record.V2
	}
	found.Messages, found.Bytes = spent.Messages, spent.Bytes
	return found
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
