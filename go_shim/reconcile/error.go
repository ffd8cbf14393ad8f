package reconcile

import (
	"errors"
	"fmt"
)

// An Error is a rejection with its detail, R11.2: the step changed nothing, for the reason told.
// errors.Is compares an Error with a [Class].
type Error struct {
	Class    Class
	Path     string // of the item at fault, R11.3, or the name that the rule gives
	Offset   uint64 // in the bytes that were read, 0 where the rule names none
	Expected string
	Got      string
	Hint     string

	cause error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s at %q, offset %d: expected %s, got %s", e.Class, e.Path, e.Offset, e.Expected, e.Got)
}

// Is says whether target is the class of e.
func (e *Error) Is(target error) bool { return target == e.Class }

// Unwrap gives the error of a storage or a peer that was the cause, nil where there was none.
func (e *Error) Unwrap() error { return e.cause }

// Retryable says whether the same step may succeed later though nobody changed its arguments.
func (e *Error) Retryable() bool { return e.Class.Retryable() }

// classOf gives the class of a rejection, zero for none.
func classOf(err error) Class {
	var rejection *Error
	if errors.As(err, &rejection) {
		return rejection.Class
	}
	return 0
}
