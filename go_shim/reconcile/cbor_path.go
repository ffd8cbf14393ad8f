package reconcile

import "strings"

// A segment is one step of a path: a decimal, or bytes to be shown in hex. It is written out only
// when there is a fault to report.
type segment struct {
	number   uint64
	name     []byte // of a byte or text string, or of another key's encoding
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
