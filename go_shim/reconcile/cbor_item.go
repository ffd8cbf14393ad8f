package reconcile

import "math"

// An itemRule says which items are allowed in an item of any shape.
type itemRule struct {
	kinds      kindSet
	maxInteger uint64  // the greatest argument of an integer
	keys       kindSet // of maps
}

// item reads an item of any shape, and returns its encoding.
func (r *reader) item(allowed itemRule) []byte {
	start := r.pos
	h, ok := r.head(allowed.kinds)
	if !ok {
		return nil
	}
	switch h.kind {
	case kindUnsigned, kindNegative:
		r.checkInteger(h, allowed.maxInteger)
	case kindBytes, kindText:
		if r.checkSize(h, 0, math.MaxUint64) {
			r.stringBody(h)
		}
	case kindArray:
		r.arrayItems(h, allowed)
	case kindMap:
		r.mapItems(h, allowed)
	}
	if r.defect != nil {
		return nil
	}
	return r.data[start:r.pos]
}

func (r *reader) checkInteger(h head, greatest uint64) {
	if h.argument <= greatest {
		return
	}
	got := decimal(h.argument)
	if h.kind == kindNegative {
		got = negative(h.argument)
	}
	r.failRange(h.offset, negative(greatest), decimal(greatest), got)
}

func (r *reader) arrayItems(h head, allowed itemRule) {
	base := len(r.path)
	if !r.enter(h, 0, math.MaxUint64) {
		return
	}
	for i := uint64(0); i < h.argument && r.defect == nil; i++ {
		r.push(segment{number: i, isNumber: true})
		r.item(allowed)
		r.path = r.path[:base]
	}
	r.depth--
}

func (r *reader) mapItems(h head, allowed itemRule) {
	base := len(r.path)
	if !r.enter(h, 0, math.MaxUint64) {
		return
	}
	p := pairReader{r: r, left: h.argument, base: base}
	inKeys := allowed
	inKeys.kinds = allowed.keys
	for p.nextPair() {
		start := r.pos
		r.nestedKeys++
		key := r.item(inKeys)
		r.nestedKeys--
		if p.checkKey(start) {
			r.push(keySegment(key))
			r.item(allowed)
		}
	}
}

// keySegment returns the step of a path below a key of any kind, R11.3.
func keySegment(encoded []byte) segment {
	if kind := kindOf(encoded[0]); kind == kindBytes || kind == kindText {
		r := newReader(encoded, 0)
		r.head(kind)
		return segment{name: encoded[r.pos:]}
	}
	return segment{name: encoded}
}
