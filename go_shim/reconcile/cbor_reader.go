package reconcile

import (
	"math"
	"unicode/utf8"
)

// A reader reads CBOR strictly, by section 2. It knows items, and not what they mean to the store.
// It stops at the first defect: from then on reads return zeros, and open maps and arrays have no more items.
type reader struct {
	data   []byte
	pos    int
	defect *defect

	path       path
	nestedKeys int // map keys being read now that may nest; their content has no path of its own

	depth         int // arrays and maps that are open
	maxDepth      int // the greatest depth here
	reportedDepth int // the number that a defect gives for maxDepth
}

// newReader returns a reader at the first byte of data. Offsets count from that byte.
func newReader(data []byte, maxDepth int) *reader {
	return &reader{data: data, maxDepth: maxDepth, reportedDepth: maxDepth}
}

// A head is the initial byte of an item with its argument.
type head struct {
	kind     kindSet
	argument uint64
	offset   int
}

// head makes the first five checks of R2.4.
func (r *reader) head(allowed kindSet) (h head, ok bool) {
	if r.defect != nil {
		return head{}, false
	}
	h.offset = r.pos
	if r.pos == len(r.data) {
		r.failEnd(h.offset)
		return head{}, false
	}
	initial := r.data[r.pos]
	info := initial & 31
	if !r.argument(&h, info) {
		return head{}, false
	}
	h.kind = kindOf(initial)
	switch {
	case info >= 28 && info <= 30:
		r.fail(defectReserved, h.offset, "additional information 0 to 27", decimal(info))
	case info == 31:
		r.fail(defectIndefinite, h.offset, "a definite length", "an indefinite length")
	case h.isOverlong(info):
		r.fail(defectWide, h.offset, "the shortest form", "a longer form")
	case h.kind&allowed == 0:
		r.fail(defectType, h.offset, allowed.String(), h.kind.String())
	}
	return h, r.defect == nil
}

// argument reads the bytes of the head after the initial byte.
func (r *reader) argument(h *head, info byte) bool {
	width := 0
	if info >= 24 && info <= 27 {
		width = 1 << (info - 24)
	}
	if len(r.data)-r.pos-1 < width {
		r.failEnd(h.offset)
		return false
	}
	h.argument = uint64(info)
	if width > 0 {
		h.argument = 0
		for _, b := range r.data[r.pos+1 : r.pos+1+width] {
			h.argument = h.argument<<8 | uint64(b)
		}
	}
	r.pos += 1 + width
	return true
}

func (h head) isOverlong(info byte) bool {
	switch {
	case h.kind == kindFloat:
		return false
	case h.kind >= kindSimple:
		return info == 24 && h.argument < 32
	case info == 24:
		return h.argument < 24
	case info == 25:
		return h.argument <= math.MaxUint8
	case info == 26:
		return h.argument <= math.MaxUint16
	case info == 27:
		return h.argument <= math.MaxUint32
	default:
		return false
	}
}

// unsigned reads an unsigned integer from lo to hi, and makes the check "range" of R2.4.
func (r *reader) unsigned(lo, hi uint64) uint64 {
	h, ok := r.head(kindUnsigned)
	if ok && (h.argument < lo || h.argument > hi) {
		r.failRange(h.offset, decimal(lo), decimal(hi), decimal(h.argument))
		return 0
	}
	return h.argument
}

// bytes reads a byte string of lo to hi bytes.
func (r *reader) bytes(lo, hi int) string { return string(r.content(kindBytes, lo, hi)) }

// text reads a text string of lo to hi bytes.
func (r *reader) text(lo, hi int) string { return string(r.content(kindText, lo, hi)) }

// content reads a string of one kind. The result shares memory with the reader's data.
func (r *reader) content(kind kindSet, lo, hi int) []byte {
	h, ok := r.head(kind)
	if !ok || !r.checkSize(h, uint64(lo), uint64(hi)) {
		return nil
	}
	return r.stringBody(h)
}

// stringBody reads the bytes of a string after its head, and makes the check "utf8" of R2.4.
// The caller has checked the length.
func (r *reader) stringBody(h head) []byte {
	content := r.data[r.pos : r.pos+int(h.argument)]
	if h.kind == kindText {
		if bad := invalidUTF8(content); bad < len(content) {
			r.fail(defectUTF8, r.pos+bad, "UTF-8", "byte "+hexOf(content[bad:bad+1]))
			return nil
		}
	}
	r.pos += len(content)
	return content
}

// invalidUTF8 returns the index of the first byte that is no part of a well-formed sequence.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

// checkSize makes the checks "limit" and "length" of R2.4.
func (r *reader) checkSize(h head, lo, hi uint64) bool {
	if h.argument < lo || h.argument > hi {
		r.failLimit(h.offset, lo, hi, h.argument)
		return false
	}
	room := uint64(len(r.data) - r.pos)
	if h.kind == kindMap {
		room /= 2
	}
	if h.argument > room {
		r.fail(defectLength, h.offset, "at most "+decimal(room), decimal(h.argument))
		return false
	}
	return true
}

// enter opens an array or a map after its head, and makes the check "depth" of R2.4 by the limits of R2.3.
func (r *reader) enter(h head, lo, hi uint64) bool {
	if !r.checkSize(h, lo, hi) {
		return false
	}
	if r.depth == r.maxDepth {
		r.fail(defectDepth, h.offset, "at most "+decimal(r.reportedDepth)+" levels", decimal(r.reportedDepth+1)+" levels")
		return false
	}
	r.depth++
	return true
}

// end fails unless the body was the last item, R2.7.
func (r *reader) end() {
	if rest := len(r.data) - r.pos; r.defect == nil && rest > 0 {
		r.path = nil
		r.fail(defectTrailing, r.pos, "the end", decimal(rest)+" more bytes")
	}
}
