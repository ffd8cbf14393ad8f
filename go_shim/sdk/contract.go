package driftcheck

import "errors"

// Contract is a contract bound to an adapter. The generated package makes it.
type Contract struct {
	Name        string
	Fingerprint string   // of the contract's wire format, as 16 hexadecimal digits
	Operations  []string // names, by index
	Rejections  Rejections
	HasState    bool
	Instances   int      // subjects of one kind in one trace; 0 means 1
	Faults      []string // names, by index
	// Open reads the opening arguments and opens a subject for one trace.
	// When it cannot read them, the reader has failed and the caller ignores the results.
	Open func(r *Reader) (Opened, error)
}

func (c *Contract) instances() int { return max(c.Instances, 1) }

// Opened is one open subject and the handles that its steps made. The generated package implements it.
type Opened interface {
	// Step reads the arguments of the step's operation, calls the subject, and writes the result's value.
	// It returns the subject's error instead, or [ErrVoid].
	// When it cannot read the arguments, the reader has failed and Step has not called the subject.
	Step(step *Step, r *Reader, w *Writer) error
	// State writes the subject's state.
	State(w *Writer)
	// Drop ends the trace for the subject.
	Drop()
}

// Dropper is a subject that holds what the garbage collector does not free, such as goroutines or files.
// The SDK calls Drop at the end of the subject's trace, unless the subject panicked.
type Dropper interface{ Drop() }

// Drop drops a subject that is a [Dropper], and ignores any other.
func Drop(subject any) {
	if d, ok := subject.(Dropper); ok {
		d.Drop()
	}
}

// ErrNotRegistered reports a library without a contract: its adapter has not called [Register].
var ErrNotRegistered = errors.New("no contract is registered; call driftcheck.Register in the adapter's init")

var registered *Contract

// Register sets the contract that this library serves. The adapter calls it once, in init.
// A second call panics, because a library serves one contract.
func Register(contract Contract) {
	if registered != nil {
		panic("driftcheck: Register was called for " + registered.Name + " and again for " + contract.Name +
			"; a library serves one contract")
	}
	registered = &contract
}

// Describe returns the encoded description of the registered contract and of this library.
func Describe() ([]byte, error) {
	if registered == nil {
		return nil, ErrNotRegistered
	}
	return registered.describe(), nil
}

// Run runs a request on subjects of the registered contract and returns the reply.
// While it runs, note says which trace and step are being run.
// An error says which part of the request Run cannot read.
func Run(note *uint64, request []byte) ([]byte, error) {
	if registered == nil {
		return nil, ErrNotRegistered
	}
	return registered.run(note, request)
}
