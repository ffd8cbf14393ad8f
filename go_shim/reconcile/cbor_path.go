package reconcile

import "strings"

// A segment is one step of a path: a decimal, or bytes to be shown in hex. It is written out only
// when there is a fault to report.
type segment struct {
	number   uint64
	name     []byte // of a byte or text string, or of another key's encoding
	isNumber bool
	negative bool // the number is -1-n
}

// A path leads from a body to an item in it, R11.3.
type path []segment

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte('/')
		switch {
		case !s.isNumber:
			b.WriteString(hexOf(s.name))
		case s.negative:
			b.WriteString(negative(s.number))
		default:
			b.WriteString(decimal(s.number))
		}
	}
	return b.String()
}

// negative gives the decimal of -1-n.
func negative(n uint64) string {
	if n == 1<<64-1 {
		return "-18446744073709551616"
	}
	return "-" + decimal(n+1)
}
