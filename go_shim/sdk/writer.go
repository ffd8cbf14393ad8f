package driftcheck

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"
)

// Writer appends canonical CBOR to a buffer. Its zero value is ready to use.
type Writer struct {
	buf     []byte
	spans   []span // of unsorted items, for [Writer.Sort]; a stack, because items nest
	scratch []byte
}

type span struct{ from, to int }

// Data returns the encoded items. The slice is valid until the next write.
func (w *Writer) Data() []byte { return w.buf }

// cut removes everything after the first n bytes.
func (w *Writer) cut(n int) { w.buf, w.spans = w.buf[:n], w.spans[:0] }

// encoded appends items that are already encoded.
func (w *Writer) encoded(items []byte) { w.buf = append(w.buf, items...) }

// Null writes null.
func (w *Writer) Null() { w.buf = append(w.buf, headNull) }

// Bool writes a boolean.
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

// Float writes a float with all its bits.
func (w *Writer) Float(v float64) {
	w.buf = binary.BigEndian.AppendUint64(append(w.buf, headFloat), math.Float64bits(v))
}

// FloatNaNEqual writes a float, and writes every NaN as the same one.
func (w *Writer) FloatNaNEqual(v float64) {
	if v != v {
		v = math.Float64frombits(canonicalNaN)
	}
	w.Float(v)
}

// Text writes a string as text. A string that is not UTF-8 becomes tagged bytes, which equal no text.
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

// Map writes the head of a map of n pairs. [Writer.Sort] puts the pairs in order.
func (w *Writer) Map(n int) { w.head(majorMap, uint64(n)) }

// Mark returns where the next item begins, for [Writer.Item].
func (w *Writer) Mark() int { return len(w.buf) }

// Item records an item, or a pair of a map, that began at mark and ends here. [Writer.Sort] sorts these.
func (w *Writer) Item(mark int) { w.spans = append(w.spans, span{mark, len(w.buf)}) }

// Sort puts the last n items in the bytewise order of their encodings.
// No encoding is a prefix of another, so this puts the pairs of a map in the order of their keys.
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
