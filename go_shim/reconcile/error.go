package reconcile

import (
	"errors"
	"fmt"
)

// ErrConfig says that a [Config] cannot open a replica. It is no rejection, and has no [Class].
var ErrConfig = errors.New("invalid configuration")

const (
	hintLayout   = "check the layout of this schema"
	hintLimits   = "check the limits"
	hintCutShort = "the bytes were cut short"
	hintUTF8     = "text must be well-formed UTF-8"
)

// An Error is a rejection with its detail, R11.2. The rejected step changed nothing.
// [errors.Is] compares an Error with a [Class].
type Error struct {
	Class    Class
	Path     string // of the item at fault, R11.3, or the name that the rule gives
	Offset   uint64 // in the bytes that were read; 0 if the rule names none
	Expected string
	Got      string
	Hint     string

	cause error
}

// Error returns the class with its detail, and the cause if there is one.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s at %q, offset %d: expected %s, got %s", e.Class, e.Path, e.Offset, e.Expected, e.Got)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Is reports whether target is the class of e.
func (e *Error) Is(target error) bool { return target == e.Class }

// Unwrap returns the error that caused the rejection, or nil. It comes from a storage or a peer.
func (e *Error) Unwrap() error { return e.cause }

// Retryable reports whether the same step may succeed later with the same arguments.
func (e *Error) Retryable() bool { return e.Class.Retryable() }

// classOf returns the class of a rejection, or zero for any other error.
func classOf(err error) Class {
	var rejection *Error
	if errors.As(err, &rejection) {
		return rejection.Class
	}
	return 0
}

// malformed turns a defect into a rejection, with the hints of R2.8. It returns nil for no defect.
func malformed(d *defect) error {
	if d == nil {
		return nil
	}
	return &Error{Class: ErrMalformed, Path: d.path, Offset: uint64(d.offset), Expected: d.expected, Got: d.got,
		Hint: defectHints[d.kind]}
}

var defectHints = [...]string{
	defectEnd:        hintCutShort,
	defectReserved:   "this is not CBOR",
	defectIndefinite: "write lengths before contents",
	defectWide:       "write each head in as few bytes as it takes",
	defectType:       hintLayout,
	defectRange:      hintLayout,
	defectLimit:      hintLimits,
	defectLength:     "the length is larger than what follows",
	defectDepth:      "nest less deeply",
	defectUTF8:       hintUTF8,
	defectDuplicate:  "write each once",
	defectOrder:      "sort by encoded bytes",
	defectField:      hintLayout,
	defectMissing:    hintLayout,
	defectTrailing:   "one message holds one body",
}
