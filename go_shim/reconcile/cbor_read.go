package reconcile

import (
	"math"
	"unicode/utf8"
)

const (
	maxDepth      = 16 // R2.3
	maxValueDepth = 12 // R2.2
)

// A reader reads CBOR strictly, by section 2. It stops at the first fault: from then on err is
// set, reads give zeros, and open maps and arrays have no more items.
type reader struct {
	data []byte
	pos  int
	err  error

	path       path
	nestedKeys int // how many keys that may nest are being read: what they hold has no path of its own

	depth         int // arrays and maps that are open
	maxDepth      int // the greatest depth here
	reportedDepth int // how that limit is told
}

// newReader reads data from its first byte; offsets count from there.
func newReader(data []byte, depth int) *reader {
	return &reader{data: data, maxDepth: depth, reportedDepth: depth}
}

// A head is the initial byte of an item and its argument.
type head struct {
	kind     kindSet
	argument uint64
	offset   int
}

// head asks the first five questions of R2.4.
func (r *reader) head(allowed kindSet) (h head, ok bool) {
	if r.err != nil {
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
		r.fail(h.offset, "additional information 0 to 27", decimal(info), "this is not CBOR")
	case info == 31:
		r.fail(h.offset, "a definite length", "an indefinite length", "write lengths before contents")
	case h.isOverlong(info):
		r.fail(h.offset, "the shortest form", "a longer form", "write each head in as few bytes as it takes")
	case h.kind&allowed == 0:
		r.fail(h.offset, allowed.String(), h.kind.String(), hintLayout)
	}
	return h, r.err == nil
}

// argument reads the bytes that belong to the head.
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

// unsigned reads an unsigned integer, and asks range of R2.4: from lo to hi.
func (r *reader) unsigned(lo, hi uint64) uint64 {
	h, ok := r.head(kindUnsigned)
	if ok && (h.argument < lo || h.argument > hi) {
		r.fail(h.offset, decimal(lo)+" to "+decimal(hi), decimal(h.argument), hintLayout)
		return 0
	}
	return h.argument
}

// bytes reads a byte string of lo to hi bytes.
func (r *reader) bytes(lo, hi int) string { return string(r.content(kindBytes, lo, hi)) }

// text reads a text string of lo to hi bytes.
func (r *reader) text(lo, hi int) string { return string(r.content(kindText, lo, hi)) }

// content reads a string; what it gives is a part of the reader's data.
func (r *reader) content(kind kindSet, lo, hi int) []byte {
	h, ok := r.head(kind)
	if !ok || !r.checkSize(h, uint64(lo), uint64(hi)) {
		return nil
	}
	return r.stringBody(h)
}

// stringBody reads the bytes of a string whose head was read and whose length holds, and asks utf8 of R2.4.
func (r *reader) stringBody(h head) []byte {
	content := r.data[r.pos : r.pos+int(h.argument)]
	if h.kind == kindText {
		if bad := invalidUTF8(content); bad < len(content) {
			r.fail(r.pos+bad, "UTF-8", "byte "+hexOf(content[bad:bad+1]), "text must be well-formed UTF-8")
			return nil
		}
	}
	r.pos += len(content)
	return content
}

// invalidUTF8 gives the index of the first byte that no well-formed sequence explains.
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

// checkSize asks limit and length of R2.4.
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
		r.fail(h.offset, "at most "+decimal(room), decimal(h.argument), "the length is larger than what follows")
		return false
	}
	return true
}

// enter goes into an array or a map whose head was read, and asks depth of R2.4, by the limits of R2.3.
func (r *reader) enter(h head, lo, hi uint64) bool {
	if !r.checkSize(h, lo, hi) {
		return false
	}
	if r.depth == r.maxDepth {
		r.fail(h.offset, "at most "+decimal(r.reportedDepth)+" levels", decimal(r.reportedDepth+1)+" levels", "nest less deeply")
		return false
	}
	r.depth++
	return true
}

// end asks that nothing follows the body, R2.7.
func (r *reader) end() {
	if rest := len(r.data) - r.pos; r.err == nil && rest > 0 {
		r.path = nil
		r.fail(r.pos, "the end", decimal(rest)+" more bytes", "one message holds one body")
	}
}
