package driftcheck

import (
	"errors"
	"fmt"
)

// Kinds of outcomes, as docs/reference/wire.md numbers them.
const (
	outcomeAccepted = iota
	outcomeRejected
	outcomeUnmapped
	outcomePanicked
	outcomeUnsupported
	outcomeVoid
	outcomeBroken
	outcomeNotReached
)

// Rejection is a class of rejections that all subjects of a contract share.
// The generated package has one variable for each class, named Err and the name of the class.
// An adapter returns that variable, bare or wrapped with %w.
type Rejection struct {
	index    int
	name     string
	doc      string
	catchAll bool
	detailed bool
}

// NewRejection makes the class of the given index.
func NewRejection(index int, name, doc string) *Rejection {
	return &Rejection{index: index, name: name, doc: doc}
}

// NewCatchAll makes the class that takes the errors which [Library] marks.
func NewCatchAll(index int, name, doc string) *Rejection {
	return &Rejection{index: index, name: name, doc: doc, catchAll: true}
}

// NewDetailed makes a class whose rejections carry a detail. [Rejection.With] makes such a rejection.
func NewDetailed(index int, name, doc string) *Rejection {
	return &Rejection{index: index, name: name, doc: doc, detailed: true}
}

// With returns a rejection of this class with the detail that write encodes. The generated package calls it.
func (r *Rejection) With(write func(*Writer)) error {
	w := &Writer{}
	write(w)
	return &detailedError{r, w.Data()}
}

type detailedError struct {
	class  *Rejection
	detail []byte // encoded
}

func (e *detailedError) Error() string { return e.class.Error() }
func (e *detailedError) Unwrap() error { return e.class }

// Error returns the name of the class and what it means.
func (r *Rejection) Error() string { return r.name + ": " + r.doc }

// Rejections are the classes of a contract, by index. At most one is a catch-all.
type Rejections []*Rejection

// Library marks an error as the library's own: the catch-all class of the contract takes it.
// Without a catch-all class the error is unmapped. Nil stays nil.
func Library(err error) error {
	if err == nil {
		return nil
	}
	return &libraryError{err}
}

type libraryError struct{ err error }

func (e *libraryError) Error() string { return e.err.Error() }
func (e *libraryError) Unwrap() error { return e.err }

// Broken reports a fault of the adapter itself, such as a conversion that should never fail.
// Its arguments are those of [fmt.Errorf].
func Broken(format string, args ...any) error {
	return &brokenError{fmt.Errorf(format, args...)}
}

type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// ErrUnsupported says that the subject cannot do the step. driftcheck counts such steps and does not compare them.
// An adapter returns it, bare or wrapped with %w.
var ErrUnsupported = errors.New("the subject does not support this")

// ErrVoid says that a handle of the step was never made, or is closed. The generated package returns it.
var ErrVoid = errors.New("the handle was never made, or is closed")

// class returns the class that takes err, or nil.
func (rs Rejections) class(err error) *Rejection {
	if r, ok := err.(*Rejection); ok { // the usual case, which needs no search
		return r
	}
	if isBroken(err) || errors.Is(err, ErrUnsupported) {
		return nil
	}
	for _, r := range rs {
		if errors.Is(err, r) {
			return r
		}
	}
	if e := (*libraryError)(nil); errors.As(err, &e) {
		for _, r := range rs {
			if r.catchAll {
				return r
			}
		}
	}
	return nil
}

func isBroken(err error) bool {
	e := (*brokenError)(nil)
	return errors.As(err, &e)
}

// write writes the outcome of a call that returned an error.
func (rs Rejections) write(w *Writer, err error) {
	class := rs.class(err)
	switch {
	case class != nil:
		class.write(w, err)
	case errors.Is(err, ErrVoid):
		writeOutcome(w, outcomeVoid)
	case isBroken(err):
		writeOutcomeText(w, outcomeBroken, err.Error())
	case errors.Is(err, ErrUnsupported):
		writeOutcome(w, outcomeUnsupported)
	default:
		writeOutcomeText(w, outcomeUnmapped, err.Error())
	}
}

// write writes a rejection of this class. The detail is in err, or in an error that err wraps.
func (r *Rejection) write(w *Writer, err error) {
	e := (*detailedError)(nil)
	if r.detailed && !errors.As(err, &e) {
		writeOutcomeText(w, outcomeBroken, "the rejection "+r.name+" lacks the detail that the contract declares; make it with the generated function of its name")
		return
	}
	w.Array(3)
	w.Uint(outcomeRejected)
	w.Uint(uint64(r.index))
	if e == nil {
		w.Null()
		return
	}
	w.encoded(e.detail)
}

// text returns the library's own text behind a rejection or an unmapped error, otherwise "".
func (rs Rejections) text(err error) string {
	switch err.(type) {
	case nil, *Rejection, *detailedError:
		return ""
	}
	if rs.class(err) == nil && (isBroken(err) || errors.Is(err, ErrUnsupported) || errors.Is(err, ErrVoid)) {
		return ""
	}
	return cutText(err.Error(), maxText)
}

func writeOutcome(w *Writer, kind uint64) {
	w.Array(1)
	w.Uint(kind)
}

func writeOutcomeText(w *Writer, kind uint64, text string) {
	w.Array(2)
	w.Uint(kind)
	w.Text(cutText(text, maxText))
}
