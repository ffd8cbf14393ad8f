package reconcile

import (
	"bytes"
	"math"
)

// pairReader reads the pairs of a map one after the other, R2.5.
type pairReader struct {
	r      *reader
	offset int
	left   uint64
	base   int    // segments of the map's own path
	before []byte // the encoding of the key before
}

func (r *reader) openMap(lo, hi uint64) pairReader {
	p := pairReader{r: r, base: len(r.path)}
	if h, ok := r.head(kindMap); ok && r.enter(h, lo, hi) {
		p.offset, p.left = h.offset, h.argument
	}
	return p
}

// nextPair returns to the map's path, and reports whether another pair follows.
func (p *pairReader) nextPair() bool {
	if p.r.defect != nil {
		return false
	}
	p.r.path = p.r.path[:p.base]
	if p.left == 0 {
		p.r.depth--
		return false
	}
	p.left--
	return true
}

// checkKey fails unless the key that starts at offset comes after the key before it, R2.5.
func (p *pairReader) checkKey(offset int) bool {
	if p.r.defect != nil {
		return false
	}
	key := p.r.data[offset:p.r.pos]
	if p.before != nil {
		p.r.checkOrder(offset, bytes.Compare(p.before, key))
	}
	p.before = key
	return p.r.defect == nil
}

// fieldReader reads a map whose keys are field numbers.
type fieldReader struct {
	pairReader
	key   uint64 // of the current pair
	start int    // where the current key begins
	seen  uint64 // a bit for each field below 64
}

func (r *reader) openFields(hi uint64) *fieldReader {
	return &fieldReader{pairReader: r.openMap(0, hi)}
}

func (m *fieldReader) next() bool {
	if !m.nextPair() {
		return false
	}
	m.start = m.r.pos
	m.key = m.r.unsigned(0, math.MaxUint64)
	if !m.checkKey(m.start) {
		return false
	}
	m.r.push(segment{number: m.key, isNumber: true})
	return true
}

// accept marks the current field as seen. It fails if the layout does not allow the field, R2.5.
func (m *fieldReader) accept(isAllowed bool) bool {
	if !isAllowed {
		m.r.path = m.r.path[:m.base]
		m.r.failField(m.start, m.key)
		return false
	}
	m.seen |= 1 << m.key
	return true
}

func (m *fieldReader) has(field uint64) bool { return m.seen>>field&1 == 1 }

// require fails unless all these fields were seen, R2.5. The caller lists them in ascending order,
// after the last pair.
func (m *fieldReader) require(names ...uint64) {
	for _, field := range names {
		if !m.has(field) {
			m.r.fail(defectMissing, m.offset, "field "+decimal(field), "no such field")
			return
		}
	}
}

// keyReader reads a map whose keys are byte strings.
type keyReader struct {
	pairReader
	key    string
	lo, hi int // bounds of a key's length
}

func (r *reader) openKeys(keyLo, keyHi int, lo, hi uint64) *keyReader {
	return &keyReader{pairReader: r.openMap(lo, hi), lo: keyLo, hi: keyHi}
}

func (m *keyReader) next() bool {
	if !m.nextPair() {
		return false
	}
	start := m.r.pos
	key := m.r.content(kindBytes, m.lo, m.hi)
	if !m.checkKey(start) {
		return false
	}
	m.key = string(key)
	m.r.push(segment{name: key})
	return true
}

// elementReader reads the elements of an array one after the other.
type elementReader struct {
	r      *reader
	left   uint64
	base   int
	index  int // of the current element
	offset int // where it begins
}

func (r *reader) openArray(lo, hi uint64) *elementReader {
	a := &elementReader{r: r, base: len(r.path), index: -1}
	if h, ok := r.head(kindArray); ok && r.enter(h, lo, hi) {
		a.left = h.argument
	}
	return a
}

func (a *elementReader) next() bool {
	if a.r.defect != nil {
		return false
	}
	a.r.path = a.r.path[:a.base]
	if a.left == 0 {
		a.r.depth--
		return false
	}
	a.left--
	a.index++
	a.offset = a.r.pos
	a.r.push(segment{number: uint64(a.index), isNumber: true})
	return true
}

// push goes one step down. Items inside a map key have the path of the map, so they add no step.
func (r *reader) push(s segment) {
	if r.nestedKeys == 0 {
		r.path = append(r.path, s)
	}
}
