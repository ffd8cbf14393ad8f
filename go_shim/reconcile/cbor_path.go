package reconcile

import "strings"

// A segment is one step of a path: a number, or bytes that are shown in hex.
// Segments are formatted only when there is a defect to report.
type segment struct {
	number   uint64
	name     []byte // content of a byte or text string, or the encoding of another key
	isNumber bool
}

// A path leads from a body to an item in it, R11.3.
type path []segment

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte('/')
		if s.isNumber {
			b.WriteString(decimal(s.number))
		} else {
			b.WriteString(hexOf(s.name))
		}
	}
	return b.String()
}
