//go:build driftcheck_coverage

package driftcheck

import (
	"encoding/binary"
	"testing"
)

// ask asks a question that must have an answer.
func ask(t *testing.T, c *coverage, question int, data []byte) []byte {
	t.Helper()
	var w Writer
	w.Array(2)
	w.Uint(uint64(question))
	w.Bytes(data)
	answer, err := c.answer(w.Data())
	if err != nil {
		t.Fatalf("question %d: %v", question, err)
	}
	return answer
}

// run notes a trace that increments these counters, and returns its report.
func run(c *coverage, counts map[int]uint32) (pairs uint32, path uint64) {
	c.begin()
	for counter, count := range counts {
		c.counters[counter] = count
	}
	c.note()
	return binary.BigEndian.Uint32(c.reports), binary.BigEndian.Uint64(c.reports[4:])
}

func TestBucketsAreThoseOfAFL(t *testing.T) {
	for want, counts := range [][]uint32{{1}, {2}, {3}, {4, 7}, {8, 15}, {16, 31}, {32, 127}, {128, 1 << 31}} {
		for _, count := range counts {
			if got := bucket(count); got != 1<<want {
				t.Errorf("bucket(%d): got %b, want %b", count, got, 1<<want)
			}
		}
	}
}

func TestAPairIsNewOnce(t *testing.T) {
	c := newCoverage(make([]uint32, 100))

	first, path := run(c, map[int]uint32{3: 1, 99: 8})
	same, samePath := run(c, map[int]uint32{3: 1, 99: 9})
	other, otherPath := run(c, map[int]uint32{3: 2, 99: 9})

	if first != 2 || same != 0 || other != 1 {
		t.Errorf("new pairs: got %d, %d, %d, want 2, 0, 1", first, same, other)
	}
	if path != samePath || path == otherPath {
		t.Errorf("paths: got %x, %x, %x, want two equal ones and another", path, samePath, otherPath)
	}
	for i, count := range c.counters {
		if count != 0 {
			t.Errorf("counter %d: got %d, want 0 after a trace", i, count)
		}
	}
}

func TestAnIgnoredCounterCountsNoMore(t *testing.T) {
	c := newCoverage(make([]uint32, 4))
	run(c, map[int]uint32{1: 1})

	ask(t, c, questionIgnore, []byte{0, 1, 0, 0})
	pairs, path := run(c, map[int]uint32{1: 2})
	_, empty := run(c, nil)

	if pairs != 0 || path != empty {
		t.Errorf("got %d new pairs and path %x, want 0 and that of no counter, %x", pairs, path, empty)
	}
	if got := ask(t, c, questionMap, nil); got[1] != 0 {
		t.Errorf("map: got %v, want nothing of the ignored counter", got)
	}
}

func TestAMapReplacesAnother(t *testing.T) {
	one, other := newCoverage(make([]uint32, 4)), newCoverage(make([]uint32, 4))
	run(one, map[int]uint32{0: 1, 2: 4})
	run(other, map[int]uint32{1: 1})

	ask(t, other, questionLoad, ask(t, one, questionMap, nil))
	known, _ := run(other, map[int]uint32{0: 1, 2: 4})
	pairs, _ := run(other, map[int]uint32{1: 1})

	if known != 0 || pairs != 1 {
		t.Errorf("new pairs: got %d and %d, want 0 and 1", known, pairs)
	}
}

func TestTheCountersOfTheLastTrace(t *testing.T) {
	c := newCoverage(make([]uint32, 4))
	run(c, map[int]uint32{0: 1})
	run(c, map[int]uint32{2: 200})

	got := ask(t, c, questionCounters, nil)

	if string(got) != "\x00\x00\x80\x00" {
		t.Errorf("got %v, want the bucket of 200 at 2", got)
	}
}
