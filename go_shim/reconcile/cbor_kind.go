package reconcile

import "strings"

// A kindSet is a set of kinds of CBOR items, R2.9.
type kindSet uint16

const (
	kindUnsigned kindSet = 1 << iota
	kindNegative
	kindBytes
	kindText
	kindArray
	kindMap
	kindTag
	kindSimple
	kindFalse
	kindTrue
	kindNull
	kindFloat
)

var kindNames = [...]string{"unsigned integer", "negative integer", "byte string", "text string", "array", "map",
	"tag", "simple value", "false", "true", "null", "float"}

// String joins the names of the kinds in the order of R2.9.
func (s kindSet) String() string {
	var names []string
	for i, name := range kindNames {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// kindOf returns the kind of the item that starts with an initial byte.
func kindOf(initial byte) kindSet {
	major, info := initial>>5, initial&31
	if major < majorSimple {
		return 1 << major
	}
	switch info {
	case 20:
		return kindFalse
	case 21:
		return kindTrue
	case 22:
		return kindNull
	case 25, 26, 27:
		return kindFloat
	default:
		return kindSimple
	}
}
