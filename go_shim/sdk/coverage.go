//go:build driftcheck_coverage

package driftcheck

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unsafe"
)

// Questions about coverage, by index.
const (
	questionTraces   = iota // what each trace of the last request reached
	questionMap             // the map: what was ever reached
	questionLoad            // replaces the map
	questionIgnore          // sets which counters do not count
	questionCounters        // what the last trace reached
	questions
)

const (
	traceReport = 12 // bytes: the number of new pairs in four, and the path in eight
	blockWords  = 16 // counters that are skipped at once where all of them are zero
)

// hit is a counter that a trace has reached, and its bucket as one bit.
type hit struct {
	counter uint32
	bucket  byte
}

// coverage holds what the traces reached so far. The pairs of a counter and a bucket in seen never become fewer.
type coverage struct {
	counters []uint32 // of the code under test, which increments them
	seen     []byte   // for each counter, a bit for each of its buckets
	ignored  []bool   // by counter
	reports  []byte   // of the traces of the last request
	hits     []hit    // of the last trace
}

var covered = newCoverage(counters())

// counterBounds returns the addresses of the first counter and of the end of all counters.
func counterBounds() (start, end uintptr)

// counters returns the counters that the compiler has added. The linker puts them side by side.
func counters() []uint32 {
	start, end := counterBounds()
	// The linker's symbols are outside Go's heap, so the address never changes.
	first := *(*unsafe.Pointer)(unsafe.Pointer(&start))
	return unsafe.Slice((*uint32)(first), (end-start)/unsafe.Sizeof(uint32(0)))
}

func newCoverage(counters []uint32) *coverage {
	n := len(counters)
	return &coverage{counters: counters, seen: make([]byte, n), ignored: make([]bool, n)}
}

// beginCoverage forgets the last request, and what ran since its last trace.
func beginCoverage() { covered.begin() }

// noteCoverage notes what a trace has reached, and sets all counters to zero.
func noteCoverage() { covered.note() }

// Coverage answers a question about coverage: an array of its index and a byte string.
func Coverage(request []byte) ([]byte, error) { return covered.answer(request) }

func (c *coverage) begin() {
	c.reports = c.reports[:0]
	clear(c.counters)
}

func (c *coverage) note() {
	c.hits = c.hits[:0]
	var pairs uint32
	path := uint64(14695981039346656037)
	for start := 0; start < len(c.counters); start += blockWords {
		block := c.counters[start:min(start+blockWords, len(c.counters))]
		if isZero(block) {
			continue
		}
		for i, count := range block {
			if count == 0 {
				continue
			}
			block[i] = 0
			counter := start + i
			if c.ignored[counter] {
				continue
			}
			reached := bucket(count)
			if c.seen[counter]&reached == 0 {
				c.seen[counter] |= reached
				pairs++
			}
			path = (path ^ (uint64(counter)<<8 | uint64(reached))) * 1099511628211
			c.hits = append(c.hits, hit{uint32(counter), reached})
		}
	}
	c.reports = binary.BigEndian.AppendUint32(c.reports, pairs)
	c.reports = binary.BigEndian.AppendUint64(c.reports, mixed(path))
}

func (c *coverage) answer(request []byte) ([]byte, error) {
	r := NewReader(request)
	r.Fields(2)
	question := r.Index(questions)
	data := r.Bytes()
	if r.Finish(); r.err != nil {
		return nil, fmt.Errorf("read question about coverage: %w", r.err)
	}
	switch question {
	case questionTraces:
		return c.reports, nil
	case questionMap:
		return c.seen, nil
	case questionCounters:
		reached := make([]byte, len(c.counters))
		for _, h := range c.hits {
			reached[h.counter] = h.bucket
		}
		return reached, nil
	}
	if len(data) != len(c.counters) {
		return nil, errOtherBuild(len(data), len(c.counters))
	}
	for i, b := range data {
		if question == questionLoad {
			c.seen[i] = b
		} else {
			c.ignored[i] = b != 0
		}
		if c.ignored[i] {
			c.seen[i] = 0
		}
	}
	return nil, nil
}

// bucket returns the bucket of a count as one bit, with the bounds of AFL: 1, 2, 3, 4, 8, 16, 32, 128.
func bucket(count uint32) byte {
	switch {
	case count < 4:
		return 1 << (count - 1)
	case count >= 128:
		return 1 << 7
	}
	return 1 << min(bits.Len32(count), 6)
}

func isZero(block []uint32) bool {
	var any uint32
	for _, count := range block {
		any |= count
	}
	return any == 0
}

// mixed spreads a hash over all its bits, as MurmurHash3 does at its end.
func mixed(hash uint64) uint64 {
	hash = (hash ^ hash>>33) * 0xff51afd7ed558ccd
	hash = (hash ^ hash>>33) * 0xc4ceb9fe1a85ec53
	return hash ^ hash>>33
}

func errOtherBuild(got, want int) error {
	return fmt.Errorf("a map of %d counters is of another build, since this one has %d", got, want)
}
