package reconcile

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

const (
	maxWriter      = 16
	minOrigin      = 5
	maxOrigin      = 20
	counterLimit   = 1<<63 - 1
	maxVectorPairs = 4096
)

// An Origin names a writer in one epoch, R1.2: the bytes of the writer, then the epoch as u32.
type Origin string

// NewOrigin returns the origin of a writer in an epoch, R1.2.
func NewOrigin(writer string, epoch uint32) Origin {
	return Origin(binary.BigEndian.AppendUint32([]byte(writer), epoch))
}

// Writer returns the name of the writer.
func (o Origin) Writer() string { return string(o[:len(o)-4]) }

// Epoch returns the epoch: how often the writer had rolled back.
func (o Origin) Epoch() uint32 { return binary.BigEndian.Uint32([]byte(o[len(o)-4:])) }

// A Dot names one write, R1.3.
type Dot struct {
	Origin  Origin
	Counter uint64
}

func (d Dot) compare(e Dot) int {
	return cmp.Or(strings.Compare(string(d.Origin), string(e.Origin)), cmp.Compare(d.Counter, e.Counter))
}

// String formats the dot as the detail of a rejection has it: the origin in hex, a colon, the counter.
func (d Dot) String() string { return hexOf(string(d.Origin)) + ":" + decimal(d.Counter) }

// A Vector says how many writes of each origin are known, R1.4. It has no zeros.
// States share their vectors, so nobody may change one.
type Vector map[Origin]uint64

// Covers reports whether the write that the dot names is known, R1.4.
func (v Vector) Covers(d Dot) bool { return d.Counter <= v[d.Origin] }

// Equal reports whether both vectors cover the same dots.
func (v Vector) Equal(w Vector) bool { return maps.Equal(v, w) }

// join returns the greater counter of each origin, R1.4.
func (v Vector) join(w Vector) Vector {
	if _, any := v.excess(w); !any {
		return v
	}
	joined := maps.Clone(v)
	if joined == nil {
		joined = make(Vector, len(w))
	}
	for origin, counter := range w {
		if counter > joined[origin] {
			joined[origin] = counter
		}
	}
	return joined
}

// meet returns the smaller counter of each origin, R1.4.
func (v Vector) meet(w Vector) Vector {
	common := make(Vector)
	for origin, counter := range v {
		if least := min(counter, w[origin]); least > 0 {
			common[origin] = least
		}
	}
	return common
}

// with returns the vector that covers one dot more.
func (v Vector) with(d Dot) Vector { return v.join(Vector{d.Origin: d.Counter}) }

// excess returns the first origin of which w has more than v. There is none if w ≤ v, R1.4.
func (v Vector) excess(w Vector) (first Origin, found bool) {
	for origin, counter := range w {
		if counter > v[origin] && (!found || origin < first) {
			first, found = origin, true
		}
	}
	return first, found
}

// origins returns the origins in the order of their bytes.
func (v Vector) origins() []Origin { return slices.Sorted(maps.Keys(v)) }

// append writes the map of R7.3.
func (v Vector) append(b []byte) []byte {
	b = appendHead(b, majorMap, uint64(len(v)))
	for _, origin := range slices.SortedFunc(maps.Keys(v), compareEncoded[Origin]) {
		b = appendBytes(b, string(origin))
		b = appendHead(b, majorUnsigned, v[origin])
	}
	return b
}

// readVector reads the map of R7.3.
func readVector(r *reader) Vector {
	v := make(Vector)
	for m := r.openKeys(minOrigin, maxOrigin, 0, maxVectorPairs); m.next(); {
		v[Origin(m.key)] = r.unsigned(1, counterLimit)
	}
	return v
}

// compareEncoded compares byte strings by the order of their encodings: the shorter one comes first.
func compareEncoded[T ~string](a, b T) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(string(a), string(b)))
}
