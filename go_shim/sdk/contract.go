package driftcheck

import "errors"

// Protocol is the version of the messages between parent and host.
const Protocol = 1

// Contract is a contract bound to an adapter; generated code makes it.
type Contract struct {
	Name        string
	Fingerprint string
	Operations  []string // names, by index
	Rejections  Rejections
	HasState    bool
	Instances   int      // subjects of one kind in one trace; 0 is 1
	Faults      []string // names of what goes wrong around steps, by index
	// Open reads the opening arguments and opens a subject for one trace.
	// Where the arguments cannot be read, the reader has failed and the result is not used.
	Open func(r *Reader) (Bound, error)
}

// Bound is one subject with generated dispatch around it, for one trace.
type Bound interface {
	// Step reads the arguments of an operation, calls the subject, and writes the result's value
	// or returns the subject's error, or [Void].
	// Where the arguments cannot be read, the reader has failed and the subject was not called.
	Step(step uint64, operation int, r *Reader, w *Writer) error
	// State writes the subject's state.
	State(w *Writer)
	// Drop ends the trace for the subject.
	Drop()
}

// Dropper is a subject that holds what the garbage collector does not free, such as goroutines
// or files: Drop is called at the end of its trace, unless it panicked.
type Dropper interface{ Drop() }

// Drop drops a subject that is a [Dropper].
func Drop(subject any) {
	if d, ok := subject.(Dropper); ok {
		d.Drop()
	}
}

func (c *Contract) instances() int { return max(c.Instances, 1) }

var registered *Contract

// Register makes a contract the one that this library serves. An adapter calls it once, in init.
func Register(contract Contract) {
	if registered != nil {
		panic("driftcheck: contract " + contract.Name + " is registered after " + registered.Name +
			", but a library serves one contract")
	}
	registered = &contract
}

var errNotRegistered = errors.New("no contract is registered; the adapter calls driftcheck.Register in init")

// Describe returns the description of the registered contract and of this library, encoded.
func Describe() ([]byte, error) {
	if registered == nil {
		return nil, errNotRegistered
	}
	return registered.describe(), nil
}

// Run runs a request on subjects of the registered contract and returns the reply. What is being
// done stands in note all the while. An error says what of the request could not be read.
func Run(note *uint64, request []byte) ([]byte, error) {
	if registered == nil {
		return nil, errNotRegistered
	}
	return registered.run(note, request)
}
