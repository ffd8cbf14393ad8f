package reconcile

import "math"

const (
	maxValue  = 1024
	maxExtras = 256
)

// A itemRule says which items may stand in a value or in an extra.
type itemRule struct {
	kinds    kindSet
	integers uint64  // the greatest argument of an integer
	keys     kindSet // of maps
}

var (
	valueRule = itemRule{valueKinds, math.MaxInt64, kindText}    // R2.2
	extraRule = itemRule{extraKinds, math.MaxUint64, extraKinds} // R2.1
)

// value reads a value, R2.2, and gives its bytes.
func (r *reader) value() string { return string(r.item(valueRule)) }

// extra reads any item, R2.1, and gives its bytes.
func (r *reader) extra() string { return string(r.item(extraRule)) }

func (r *reader) item(allowed itemRule) []byte {
	start := r.pos
	h, ok := r.head(allowed.kinds)
	if !ok {
		return nil
	}
	switch h.kind {
	case kindUnsigned, kindNegative:
		r.checkInteger(h, allowed.integers)
	case kindBytes, kindText:
		if r.checkSize(h, 0, math.MaxUint64) {
			r.stringBody(h)
		}
	case kindArray:
		r.array(h, allowed)
	case kindMap:
		r.mapping(h, allowed)
	}
	if r.err != nil {
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
	r.fail(h.offset, negative(greatest)+" to "+decimal(greatest), got, hintLayout)
}

func (r *reader) array(h head, allowed itemRule) {
	base := len(r.path)
	if !r.enter(h, 0, math.MaxUint64) {
		return
	}
	for i := uint64(0); i < h.argument && r.err == nil; i++ {
		r.push(segment{number: i, isNumber: true})
		r.item(allowed)
		r.path = r.path[:base]
	}
	r.depth--
}

func (r *reader) mapping(h head, allowed itemRule) {
	base := len(r.path)
	if !r.enter(h, 0, math.MaxUint64) {
		return
	}
	p := pairs{r: r, left: h.argument, base: base}
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

// keySegment gives the step of a path below a key that may be of any kind, R11.3.
func keySegment(encoded []byte) segment {
	r := newReader(encoded, maxDepth)
	if h, _ := r.head(extraKinds); h.kind&(kindBytes|kindText) != 0 {
		return segment{name: encoded[r.pos:]}
	}
	return segment{name: encoded}
}

// readArgument reads the value that an operation was given, R2.7 and R4.1, as a body of its own.
func readArgument(value []byte) (string, error) {
	if len(value) > maxValue {
		return "", &Error{Class: ErrTooLarge, Path: "value", Expected: "at most 1024",
			Got: decimal(len(value)), Hint: hintLimits}
	}
	r := newReader(value, maxValueDepth)
	v := r.value()
	r.end()
	return v, r.err
}

// countOf gives the number that a value holds, where it is an integer from 0 up.
func countOf(value string) (uint64, bool) {
	r := newReader([]byte(value), maxValueDepth)
	n := r.unsigned(0, math.MaxInt64)
	return n, r.err == nil
}

// integer encodes a number as a value.
func integer(n uint64) string { return string(appendHead(nil, majorUnsigned, n)) }
