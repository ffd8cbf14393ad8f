package driftcheck

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// Reader reads canonical CBOR and refuses everything else.
// After the first error it returns zero values only, so a caller may check [Reader.Err] once after several reads.
// It returns copies of the data.
type Reader struct {
	data []byte
	at   int
	err  error
}

// NewReader returns a reader of data.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Err returns the first error. It wraps [ErrUnexpected] or one of the errors beside it, and names the byte.
func (r *Reader) Err() error { return r.err }

// Failed reports whether there was an error.
func (r *Reader) Failed() bool { return r.err != nil }

// Finish fails unless the reader has read all data.
func (r *Reader) Finish() {
	if r.err == nil && r.at != len(r.data) {
		r.fail(r.at, ErrTrailing)
	}
}

// Null reports whether null comes next, and reads it if so.
func (r *Reader) Null() bool {
	if r.peek() != headNull {
		return false
	}
	r.at++
	return true
}

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	b := r.peek()
	if b != headTrue && b != headFalse {
		r.expected("a boolean")
		return false
	}
	r.at++
	return b == headTrue
}

// Uint reads an unsigned integer.
func (r *Reader) Uint() uint64 { return r.head(majorUint, "an unsigned integer") }

// Int reads a signed integer.
func (r *Reader) Int() int64 {
	at, major := r.at, byte(majorUint)
	if r.peek()&0xe0 == majorNint {
		major = majorNint
	}
	n := r.head(major, "an integer")
	if n > math.MaxInt64 {
		r.fail(at, outOfRange(n, 1<<63))
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
		r.fail(at, outOfRange(i, uint64(n)))
		return 0
	}
	return int(i)
}

// constant reads an unsigned integer that must be n.
func (r *Reader) constant(n uint64, what string) {
	at := r.at
	if got := r.Uint(); r.err == nil && got != n {
		r.at = at
		r.expected(what)
	}
}

// Float reads a float.
func (r *Reader) Float() float64 {
	if r.peek() != headFloat {
		r.expected("a float of 8 bytes")
		return 0
	}
	if r.left() < 9 {
		r.fail(r.at, ErrCutShort)
		return 0
	}
	r.at += 9
	return math.Float64frombits(binary.BigEndian.Uint64(r.data[r.at-8:]))
}

// Text reads text.
func (r *Reader) Text() string {
	at := r.at
	v := r.view(majorText, "a text")
	if !utf8.Valid(v) {
		r.fail(at, ErrNotUTF8)
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

// Fields reads the head of an array that must have n items.
func (r *Reader) Fields(n int) {
	at := r.at
	if got := r.Array(); r.err == nil && got != n {
		r.fail(at, fmt.Errorf("%w: got %d, want %d", ErrWrongLength, got, n))
	}
}

// Map reads the head of a map and returns how many pairs it has.
func (r *Reader) Map() int { return r.length(majorMap, "a map", 2) }

// Mark returns where the next item begins, for [Reader.Key].
func (r *Reader) Mark() int { return r.at }

// Key returns the encoded key that began at mark and ends here.
// It fails unless the key comes after the key before it, which is nil for the first.
func (r *Reader) Key(mark int, before []byte) []byte {
	key := r.data[mark:r.at]
	if r.err == nil && before != nil && bytes.Compare(before, key) >= 0 {
		r.fail(mark, ErrNotSorted)
	}
	return key
}

// Skip reads one item of any kind, with the same checks as the other methods.
func (r *Reader) Skip() { r.skip(MaxDepth) }

func (r *Reader) skip(depth int) {
	if r.err != nil {
		return
	}
	major := r.peek() & 0xe0
	if depth == 0 && (major == majorArray || major == majorMap) {
		r.fail(r.at, ErrTooDeep)
		return
	}
	switch major {
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
	default:
		r.skipSimple()
	}
}

func (r *Reader) skipSimple() {
	switch r.peek() {
	case headFalse, headTrue, headNull:
		r.at++
	default:
		r.Float()
	}
}

// expected fails because the next item is not the one that was due.
func (r *Reader) expected(what string) {
	if r.left() == 0 {
		r.fail(r.at, ErrCutShort)
	} else {
		r.fail(r.at, fmt.Errorf("%w: want %s", ErrUnexpected, what))
	}
}

func (r *Reader) left() int { return len(r.data) - r.at }

// peek returns the first byte of the next item. Without one it returns 0xff, which begins no item.
func (r *Reader) peek() byte {
	if r.err != nil || r.at == len(r.data) {
		return 0xff
	}
	return r.data[r.at]
}

// view reads a byte string or text without a copy.
func (r *Reader) view(major byte, what string) []byte {
	n := r.length(major, what, 1)
	if r.err != nil {
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

// length reads the head of a string, array or map, whose items take at least itemBytes each.
// It checks the length against the data that are left, before anything is allocated.
func (r *Reader) length(major byte, what string, itemBytes int) int {
	at := r.at
	n := r.head(major, what)
	if n > uint64(r.left()/itemBytes) {
		r.fail(at, ErrCutShort)
		return 0
	}
	return int(n)
}

// head reads a head of the given major type and returns its number.
func (r *Reader) head(major byte, what string) (n uint64) {
	if r.peek()&0xe0 != major {
		r.expected(what)
		return 0
	}
	info := r.data[r.at] & 0x1f
	if info < 24 {
		r.at++
		return uint64(info)
	}
	if info > 27 {
		r.fail(r.at, ErrNotCanonical)
		return 0
	}
	size := 1 << (info - 24)
	if r.left() < 1+size {
		r.fail(r.at, ErrCutShort)
		return 0
	}
	for _, b := range r.data[r.at+1 : r.at+1+size] {
		n = n<<8 | uint64(b)
	}
	if n < 24 || size > 1 && n>>(4*size) == 0 {
		r.fail(r.at, ErrNotCanonical)
		return 0
	}
	r.at += 1 + size
	return n
}

// fail records an error about the item at that byte, unless there was an error before.
func (r *Reader) fail(at int, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %w", at, err)
	}
}

func outOfRange(got, below uint64) error {
	return fmt.Errorf("%w: got %d, want less than %d", ErrOutOfRange, got, below)
}
