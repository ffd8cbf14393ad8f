package reconcile

import (
	"fmt"
	"testing"
)

// filledState returns a state of the writer "b" with n keys. It wrote the last extra of them after the others.
func filledState(n, extra int) *state {
	s := &state{part: newPart(), writer: "b", schema: 3}
	origin := NewOrigin("b", 0)
	write := func(from, to int) {
		slots := make([]*slot, 0, to-from)
		for i := from; i < to; i++ {
			counter := uint64(i + 1)
			e := Entry{Dot: Dot{origin, counter}, Clock: NewClock(counter, 0), Value: integer(counter), Schema: 3}
			slots = append(slots, newSlot(fmt.Sprintf("key %08d", i), []Entry{e}))
		}
		s.part = s.with(slots, Vector{origin: uint64(to)}, nil)
	}
	write(0, n-extra)
	if extra > 0 {
		write(n-extra, n)
	}
	s.clock = NewClock(uint64(n), 0)
	return s
}

// BenchmarkReconcile pulls what differs between two states, up to the merged state, without the log.
func BenchmarkReconcile(b *testing.B) {
	r, err := newRules(members, table)
	if err != nil {
		b.Fatal(err)
	}
	for _, entries := range []int{100, 1000, 10_000, 100_000} {
		for _, difference := range []int{1, 10, 100, 1000} {
			if difference >= entries {
				continue
			}
			own, peer := filledState(entries-difference, 0), View{filledState(entries, difference), r}
			own.writer = "a"
			for _, algorithm := range []Algorithm{V1, V2} {
				b.Run(fmt.Sprintf("%s/entries=%d/difference=%d", algorithm, entries, difference), func(b *testing.B) {
					var cost Cost
					b.ReportAllocs()
					for b.Loop() {
						var o outcome
						o, cost = try(algorithm, r, own, peer, NoHooks{}, 1<<40)
						if o.err != nil || o.result.Taken != uint64(difference) {
							b.Fatalf("got %+v, %v, want %d entries taken", o.result, o.err, difference)
						}
					}
					b.ReportMetric(float64(cost.Messages), "messages")
					b.ReportMetric(float64(cost.Bytes), "wire-bytes")
				})
			}
		}
	}
}

// BenchmarkPut writes to states of several sizes, with the log in memory.
func BenchmarkPut(b *testing.B) {
	for _, entries := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			r, _ := open(b, "a")
			s := filledState(entries, 0)
			s.writer = "a"
			r.state.Store(s)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				put(b, r, fmt.Sprintf("key %08d", i%entries), "01", 1<<40+uint64(i/1000))
			}
		})
	}
}

// BenchmarkGC collects ten tombstones, without the log.
func BenchmarkGC(b *testing.B) {
	r, err := newRules([]string{"b"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, entries := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			s := filledState(entries, 0)
			var deleted []*slot
			for i := range 10 {
				e := Entry{Dot: Dot{NewOrigin("b", 0), uint64(entries + i + 1)}, Clock: s.clock, Kind: Tombstone, Schema: 3}
				deleted = append(deleted, newSlot(fmt.Sprintf("key %08d", i*entries/10), []Entry{e}))
			}
			s.part = s.with(deleted, Vector{NewOrigin("b", 0): uint64(entries + 10)}, nil)
			b.ReportAllocs()
			for b.Loop() {
				if _, removed, err := s.gc(r, nil); err != nil || removed != 10 {
					b.Fatalf("got %d removed, %v, want 10", removed, err)
				}
			}
		})
	}
}

// BenchmarkImport merges a whole document into an empty replica.
func BenchmarkImport(b *testing.B) {
	r, err := newRules(members, table)
	if err != nil {
		b.Fatal(err)
	}
	document := View{filledState(10_000, 0), r}.Export()
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		replica, _ := open(b, "a")
		must[MergeResult](b)(replica.Import(document, 1<<40))
	}
}
