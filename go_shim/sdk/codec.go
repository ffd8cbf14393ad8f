package driftcheck

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Major types of CBOR (RFC 8949, 3.1), in the upper three bits of a head.
const (
	majorUint  = 0 << 5
	majorNint  = 1 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
	majorOther = 7 << 5
)

const (
	headFalse = majorOther | 20
	headTrue  = majorOther | 21
	headNull  = majorOther | 22
	headFloat = majorOther | 27

	// tagIllFormed stands before the bytes of a string that is not UTF-8.
	tagIllFormed = 25699

	canonicalNaN = 0x7ff8000000000000

	maxDepth = 64
)

// Writer appends canonical CBOR to a buffer. Its zero value is ready to use.
type Writer struct {
	buf     []byte
	spans   []span // of unsorted items, for [Writer.Sort]; a stack, since items nest
	scratch []byte
}

type span struct{ from, to int }

// Data returns what was written; it is valid until the next write.
func (w *Writer) Data() []byte { return w.buf }

// cut takes back all that was written after the first n bytes.
func (w *Writer) cut(n int) { w.buf, w.spans = w.buf[:n], w.spans[:0] }

func (w *Writer) head(major byte, n uint64) {
	switch {
	case n < 24:
		w.buf = append(w.buf, major|byte(n))
	case n <= math.MaxUint8:
		w.buf = append(w.buf, major|24, byte(n))
	case n <= math.MaxUint16:
		w.buf = binary.BigEndian.AppendUint16(append(w.buf, major|25), uint16(n))
	case n <= math.MaxUint32:
		w.buf = binary.BigEndian.AppendUint32(append(w.buf, major|26), uint32(n))
	default:
		w.buf = binary.BigEndian.AppendUint64(append(w.buf, major|27), n)
	}
}

// Null writes null.
func (w *Writer) Null() { w.buf = append(w.buf, headNull) }

// Bool writes a truth value.
func (w *Writer) Bool(v bool) {
	if v {
		w.buf = append(w.buf, headTrue)
	} else {
		w.buf = append(w.buf, headFalse)
	}
}

// Uint writes an unsigned integer.
func (w *Writer) Uint(v uint64) { w.head(majorUint, v) }

// Int writes a signed integer.
func (w *Writer) Int(v int64) {
	if v < 0 {
		w.head(majorNint, uint64(^v)) // CBOR holds -1 - v, which is the complement
	} else {
		w.head(majorUint, uint64(v))
	}
}

// Float writes a double with all its bits.
func (w *Writer) Float(v float64) {
	w.buf = binary.BigEndian.AppendUint64(append(w.buf, headFloat), math.Float64bits(v))
}

// FloatNaNEqual writes a double, every NaN as the one canonical NaN.
func (w *Writer) FloatNaNEqual(v float64) {
	if v != v {
		w.buf = binary.BigEndian.AppendUint64(append(w.buf, headFloat), canonicalNaN)
	} else {
		w.Float(v)
	}
}

// Text writes a string: as text where it is UTF-8, else as tagged bytes, which equal no text.
func (w *Writer) Text(v string) {
	if utf8.ValidString(v) {
		w.head(majorText, uint64(len(v)))
	} else {
		w.head(majorTag, tagIllFormed)
		w.head(majorBytes, uint64(len(v)))
	}
	w.buf = append(w.buf, v...)
}

// Bytes writes a byte string; nil is the empty one.
func (w *Writer) Bytes(v []byte) {
	w.head(majorBytes, uint64(len(v)))
	w.buf = append(w.buf, v...)
}

// BytesOf writes the bytes of a string as a byte string.
func (w *Writer) BytesOf(v string) {
	w.head(majorBytes, uint64(len(v)))
	w.buf = append(w.buf, v...)
}

// Array writes the head of an array of n items.
func (w *Writer) Array(n int) { w.head(majorArray, uint64(n)) }

// Map writes the head of a map of n pairs, which [Writer.Sort] brings into order.
func (w *Writer) Map(n int) { w.head(majorMap, uint64(n)) }

// Mark returns where the next item begins, for [Writer.Item].
func (w *Writer) Mark() int { return len(w.buf) }

// Item says that an item which [Writer.Sort] is to sort, or a pair of a map, began at mark and
// ends here.
func (w *Writer) Item(mark int) { w.spans = append(w.spans, span{mark, len(w.buf)}) }

// Sort brings the last n items into the bytewise order of their encodings. Since no encoding is
// the beginning of another, that is for pairs of a map the order of their keys.
func (w *Writer) Sort(n int) {
	spans := w.spans[len(w.spans)-n:]
	w.spans = w.spans[:len(w.spans)-n]
	order := func(a, b span) int { return bytes.Compare(w.buf[a.from:a.to], w.buf[b.from:b.to]) }
	if n < 2 || slices.IsSortedFunc(spans, order) {
		return
	}
	from := spans[0].from
	slices.SortFunc(spans, order)
	w.scratch = w.scratch[:0]
	for _, s := range spans {
		w.scratch = append(w.scratch, w.buf[s.from:s.to]...)
	}
	copy(w.buf[from:], w.scratch)
}

// Reader reads canonical CBOR strictly. After an error it yields zero values only, so that a
// caller may look at [Reader.Err] once, after several reads. What it yields are copies.
type Reader struct {
	data []byte
	at   int
	err  error
	// Of the step whose arguments are read.
	instances []Bound
	instance  int
	fault     int
}

// NewReader returns a reader of data.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Err returns the first error, with its position.
func (r *Reader) Err() error { return r.err }

// Failed says whether there was an error.
func (r *Reader) Failed() bool { return r.err != nil }

// End fails unless all was read.
func (r *Reader) End() {
	if r.err == nil && r.at != len(r.data) {
		r.failf("%d trailing bytes", len(r.data)-r.at)
	}
}

func (r *Reader) failf(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %w", r.at, fmt.Errorf(format, args...))
	}
}

func (r *Reader) left() int { return len(r.data) - r.at }

// peek returns the next item's first byte, 0xff (which begins no item) where there is none.
func (r *Reader) peek() byte {
	if r.err != nil || r.at == len(r.data) {
		return 0xff
	}
	return r.data[r.at]
}

// due fails since something else comes next than what was due.
func (r *Reader) due(what string) {
	if r.left() == 0 {
		r.failf("%w", errTruncated)
	} else {
		r.failf("head %#02x where %s was due", r.data[r.at], what)
	}
}

var errTruncated = errors.New("the data end within an item")

// head reads a head other than that of a float or a simple value.
func (r *Reader) head() (major byte, n uint64) {
	if r.err != nil {
		return 0, 0
	}
	if r.left() == 0 {
		r.due("an item")
		return 0, 0
	}
	major, info := r.data[r.at]&0xe0, r.data[r.at]&0x1f
	if info < 24 {
		r.at++
		return major, uint64(info)
	}
	if info > 27 {
		r.failf("head %#02x has an indefinite or reserved length", r.data[r.at])
		return 0, 0
	}
	size := 1 << (info - 24)
	if r.left() < 1+size {
		r.failf("%w", errTruncated)
		return 0, 0
	}
	for _, b := range r.data[r.at+1 : r.at+1+size] {
		n = n<<8 | uint64(b)
	}
	if n < 24 || size > 1 && n>>(4*size) == 0 {
		r.failf("%d is not in its shortest head", n)
		return 0, 0
	}
	r.at += 1 + size
	return major, n
}

// expect reads a head of the given major type.
func (r *Reader) expect(major byte, what string) uint64 {
	if r.peek()&0xe0 != major {
		r.due(what)
		return 0
	}
	_, n := r.head()
	return n
}

// length reads a head of the given major type, of a length that must fit into what is left.
func (r *Reader) length(major byte, what string, itemBytes int) int {
	at := r.at
	n := r.expect(major, what)
	if n > uint64(r.left()/itemBytes) {
		r.at = at
		r.failf("%s of length %d, but %d bytes are left", what, n, r.left())
		return 0
	}
	return int(n)
}

// view reads a byte string or text without copying it.
func (r *Reader) view(major byte, what string) []byte {
	n := r.length(major, what, 1)
	if r.err != nil {
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

// Null says whether a null comes next, and reads it if so.
func (r *Reader) Null() bool {
	if r.peek() != headNull {
		return false
	}
	r.at++
	return true
}

// Bool reads a truth value.
func (r *Reader) Bool() bool {
	b := r.peek()
	if b != headTrue && b != headFalse {
		r.due("a truth value")
		return false
	}
	r.at++
	return b == headTrue
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 { return r.expect(majorUint, "an unsigned integer") }

// Int reads a signed integer.
func (r *Reader) Int() int64 {
	major := byte(majorUint)
	if r.peek()&0xe0 == majorNint {
		major = majorNint
	}
	at := r.at
	n := r.expect(major, "an integer")
	if n > math.MaxInt64 {
		r.at = at
		r.failf("an integer beyond 64 bits with a sign")
		return 0
	}
	if major == majorNint {
		return ^int64(n)
	}
	return int64(n)
}

// Index reads an unsigned integer below n.
func (r *Reader) Index(n int) int {
	at := r.at
	i := r.Uint()
	if r.err == nil && i >= uint64(n) {
		r.at = at
		r.failf("index %d, but there are %d", i, n)
		return 0
	}
	return int(i)
}

// Float reads a double.
func (r *Reader) Float() float64 {
	if r.peek() != headFloat {
		r.due("a float of 8 bytes")
		return 0
	}
	if r.left() < 9 {
		r.failf("%w", errTruncated)
		return 0
	}
	r.at += 9
	return math.Float64frombits(binary.BigEndian.Uint64(r.data[r.at-8:]))
}

// Text reads text.
func (r *Reader) Text() string {
	at := r.at
	v := r.view(majorText, "text")
	if !utf8.Valid(v) {
		r.at = at
		r.failf("text that is not UTF-8")
		return ""
	}
	return string(v)
}

// Bytes reads a byte string.
func (r *Reader) Bytes() []byte { return append([]byte{}, r.view(majorBytes, "a byte string")...) }

// BytesOf reads a byte string into a string.
func (r *Reader) BytesOf() string { return string(r.view(majorBytes, "a byte string")) }

// Array reads the head of an array and returns its length, at most the number of bytes left.
func (r *Reader) Array() int { return r.length(majorArray, "an array", 1) }

// Fixed reads the head of an array that must have n items.
func (r *Reader) Fixed(n int) {
	at := r.at
	if got := r.Array(); r.err == nil && got != n {
		r.at = at
		r.failf("an array of %d items where %d were due", got, n)
	}
}

// Map reads the head of a map and returns how many pairs it has.
func (r *Reader) Map() int { return r.length(majorMap, "a map", 2) }

// Mark returns where the next item begins, for [Reader.Key].
func (r *Reader) Mark() int { return r.at }

// Key takes the key that began at mark and ends here, fails unless it stands after the key
// before it (nil for the first), and returns it, encoded.
func (r *Reader) Key(mark int, before []byte) []byte {
	key := r.data[mark:r.at]
	if r.err == nil && before != nil && bytes.Compare(before, key) >= 0 {
		r.at = mark
		r.failf("a map's key that is repeated or out of order")
	}
	return key
}

// Peer reads the number of another instance of the trace, and returns what is bound there.
func (r *Reader) Peer() Bound {
	n := r.Index(len(r.instances))
	if r.err == nil && n == r.instance {
		r.failf("instance %d as its own peer", n)
	}
	if r.err != nil {
		return nil
	}
	return r.instances[n]
}

// Fault returns what goes wrong around the step whose arguments are read: 0 where nothing does, else its
// index and 1.
func (r *Reader) Fault() int { return r.fault }

// Skip reads one item of any kind, as strictly as all others, nested at most 64 deep.
func (r *Reader) Skip() { r.skip(maxDepth) }

func (r *Reader) skip(depth int) {
	if depth == 0 {
		r.failf("nesting deeper than %d", maxDepth)
	}
	if r.err != nil {
		return
	}
	switch r.peek() & 0xe0 {
	case majorUint:
		r.Uint()
	case majorNint:
		r.Int()
	case majorBytes:
		r.view(majorBytes, "a byte string")
	case majorText:
		r.Text()
	case majorArray:
		for range r.Array() {
			r.skip(depth - 1)
		}
	case majorMap:
		var key []byte
		for range r.Map() {
			mark := r.Mark()
			r.skip(depth - 1)
			key = r.Key(mark, key)
			r.skip(depth - 1)
		}
	case majorTag:
		r.skipTag()
	default:
		r.skipOther()
	}
}

// skipTag reads the one tag there is, around bytes that are indeed not UTF-8.
func (r *Reader) skipTag() {
	at := r.at
	_, tag := r.head()
	if r.err == nil && tag != tagIllFormed {
		r.at = at
		r.failf("tag %d", tag)
	}
	if v := r.view(majorBytes, "a byte string"); r.err == nil && utf8.Valid(v) {
		r.at = at
		r.failf("UTF-8 under the tag of strings that are not")
	}
}

func (r *Reader) skipOther() {
	switch r.peek() {
	case headFalse, headTrue, headNull:
		r.at++
	case headFloat:
		r.Float()
	default:
		r.due("an item of any kind in use")
	}
}
