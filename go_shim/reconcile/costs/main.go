// Costs measures what a reconcile costs by each algorithm, and prints one line of JSON for each measurement.
//
// Usage: costs KEYS:DIFFERING[,DIFFERING...]... | costs -
//
// The peer and the asker hold KEYS keys each. The peer has written DIFFERING of them again since.
// With "-" it reads documents from its input, one in hex on each line, and imports each into an empty replica.
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
	minTime = time.Second / 2 // of one measurement
	maxTime = 10 * time.Second
	minRuns = 3
	maxRuns = 7
	stride  = 7919      // shares no factor with the numbers of keys, so its multiples spread over all of them
	late    = 1_000_000 // milliseconds, later than all old values
)

// cost is one line of output.
type cost struct {
	Keys      int       `json:"keys"`
	Differing int       `json:"differing"`
	Algorithm string    `json:"algorithm"`
	Messages  uint64    `json:"messages"`
	Bytes     uint64    `json:"bytes"`
	Seconds   []float64 `json:"seconds"`
	Allocated uint64    `json:"allocated"` // bytes in one reconcile
}

// pair is an asker and its peer. The asker can be rolled back to the state in which they differ.
type pair struct {
	asker, peer *reconcile.Replica
	differing   reconcile.Snapshot
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
			// V2 is first, because the garbage of v1 would slow it down.
			for _, flag := range []reconcile.Flag{reconcile.FlagOn, reconcile.FlagOff} {
				if err := out.Encode(p.measure(flag, keys, differing)); err != nil {
					log.Fatal(err)
				}
			}
			p.agree()
		}
	}
}

// imports measures what each import allocates, accepted or rejected.
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
		return 0, nil, fmt.Errorf("parse keys of %q: %w", argument, err)
	}
	for field := range strings.SplitSeq(tail, ",") {
		differing, err := strconv.Atoi(field)
		if err != nil {
			return 0, nil, fmt.Errorf("parse differing keys of %q: %w", argument, err)
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
	text := append([]byte{0x60 + byte(len(value))}, value...) // CBOR
	must(p.peer.Put(fmt.Sprintf("key/%08d", number), text, reconcile.Label{}, now))
}

// differ lets the peer write some keys again, and keeps a snapshot of the asker.
func (p *pair) differ(keys, differing int) {
	for number := range differing {
		p.now++
		p.put(number*stride%keys, "new", p.now)
	}
	p.differing = p.asker.View().Snapshot()
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

// measure pulls by one algorithm several times, each time from the state in which asker and peer differ.
func (p *pair) measure(flag reconcile.Flag, keys, differing int) cost {
	p.flag(flag)
	found := cost{Keys: keys, Differing: differing}
	var before, after runtime.MemStats
	for total := time.Duration(0); (total < minTime || len(found.Seconds) < minRuns) && total < maxTime; {
		if len(found.Seconds) == maxRuns {
			break
		}
		must(p.asker.Rollback(p.differing))
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		merge := p.pull()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if merge.Taken != uint64(differing) {
			log.Fatalf("reconcile: got %d entries, want %d", merge.Taken, differing)
		}
		total += took
		found.Seconds = append(found.Seconds, took.Seconds())
		found.Allocated = after.TotalAlloc - before.TotalAlloc
	}
	must(p.asker.Rollback(p.differing))
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
