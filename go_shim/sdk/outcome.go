package driftcheck

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Kinds of outcomes, as they travel.
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

// Rejection is a class of rejections that all subjects of a contract share. Generated code has
// one value of it for each class, Err and the class's name; an adapter returns that, bare or
// wrapped with %w.
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

// NewCatchAll makes the class that takes the errors which [Library] hands on.
func NewCatchAll(index int, name, doc string) *Rejection {
	return &Rejection{index: index, name: name, doc: doc, catchAll: true}
}

// NewDetailed makes a class whose rejections bring a detail: [Rejection.With] makes them.
func NewDetailed(index int, name, doc string) *Rejection {
	return &Rejection{index: index, name: name, doc: doc, detailed: true}
}

// With returns a rejection of this class with the detail that write writes; for generated code.
func (r *Rejection) With(write func(*Writer)) error {
	w := &Writer{}
	write(w)
	return &detailedError{r, w.Data()}
}

type detailedError struct {
	class  *Rejection
	detail []byte // as it travels
}

func (e *detailedError) Error() string { return e.class.Error() }
func (e *detailedError) Unwrap() error { return e.class }

// Error returns the class's name and meaning.
func (r *Rejection) Error() string { return r.name + ": " + r.doc }

// Rejections are the classes of a contract, by index; at most one is a catch-all.
type Rejections []*Rejection

// Library hands on an error as the library's own: the contract's catch-all class takes it.
// Nil stays nil.
func Library(err error) error {
	if err == nil {
		return nil
	}
	return &libraryError{err}
}

type libraryError struct{ err error }

func (e *libraryError) Error() string { return e.err.Error() }
func (e *libraryError) Unwrap() error { return e.err }

// Broken says that the adapter is at fault, not the subject: a conversion that should never have
// failed. It takes what fmt.Errorf takes.
func Broken(format string, args ...any) error {
	return &brokenError{fmt.Errorf(format, args...)}
}

type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// Unsupported is what an adapter returns, bare or wrapped, where its subject cannot do a step.
var Unsupported error = unsupportedError{}

type unsupportedError struct{}

func (unsupportedError) Error() string { return "the subject does not support this" }

// Void is what generated code returns for a step whose handle was never made or is closed.
var Void error = voidError{}

type voidError struct{}

func (voidError) Error() string { return "the handle was never made, or is closed" }

// class returns the class that takes err, or nil.
func (rs Rejections) class(err error) *Rejection {
	if r, ok := err.(*Rejection); ok { // the usual case, without a walk through err's tree
		return r
	}
	if isBroken(err) || errors.Is(err, Unsupported) {
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

// outcome writes the outcome of a call that returned an error.
func (rs Rejections) outcome(w *Writer, err error) {
	class := rs.class(err)
	switch {
	case class != nil:
		class.outcome(w, err)
	case err == Void:
		writeOutcome(w, outcomeVoid)
	case isBroken(err):
		writeOutcomeText(w, outcomeBroken, err.Error())
	case errors.Is(err, Unsupported):
		writeOutcome(w, outcomeUnsupported)
	default:
		writeOutcomeText(w, outcomeUnmapped, err.Error())
	}
}

// outcome writes a rejection of this class, err among whose wrapped errors the detail is looked for.
func (r *Rejection) outcome(w *Writer, err error) {
	e := (*detailedError)(nil)
	if r.detailed && !errors.As(err, &e) {
		reason := "rejects with " + r.name + " without the detail that the contract declares"
		writeOutcomeText(w, outcomeBroken, reason)
		return
	}
	w.Array(3)
	w.Uint(outcomeRejected)
	w.Uint(uint64(r.index))
	if e == nil {
		w.Null()
		return
	}
	w.buf = append(w.buf, e.detail...)
}

// words returns the library's own words behind a rejection or an unmapped error, else "".
func (rs Rejections) words(err error) string {
	switch err.(type) {
	case nil, *Rejection, *detailedError, voidError:
		return ""
	}
	if rs.class(err) == nil && (isBroken(err) || errors.Is(err, Unsupported)) {
		return ""
	}
	return strings.ToValidUTF8(err.Error(), "\ufffd")
}

func writeOutcome(w *Writer, kind uint64) {
	w.Array(1)
	w.Uint(kind)
}

func writeOutcomeText(w *Writer, kind uint64, text string) {
	w.Array(2)
	w.Uint(kind)
	w.Text(strings.ToValidUTF8(text, "\ufffd"))
}

// guard calls do and returns the text of a panic that unwinds out of it, "" if there is none.
// It is the one place that catches panics of a subject.
func guard(do func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("%v (%s)", v, origin())
		}
	}()
	do()
	return ""
}

// origin names the innermost frame of the panic being recovered that is not the runtime's own.
func origin() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if panicking && !inRuntime {
			return fmt.Sprintf("%s:%d, %s", path.Base(f.File), f.Line, f.Function)
		}
		panicking = panicking || inRuntime && strings.Contains(f.Function, "panic")
		if !more {
			return "in an unknown place"
		}
	}
}
