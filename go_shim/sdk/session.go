package driftcheck

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
)

// What a reply holds beside outcomes and digests.
const (
	modeDigests = iota
	modeStates
	modeFull
)

const (
	noteDone = 0xffffffff // in the note's upper half: the whole request is done

	// Above this size states are digested at the end of a trace only: 1,000 entries took 12 to
	// 48 µs to encode, many times what a step takes.
	largeState = 4096

	maxCorrelationID = 64
)

// session runs the traces of one request, one after the other. Its buffers are used again by
// each trace.
type session struct {
	contract *Contract
	note     *uint64
	mode     int

	trace  uint32
	bound  Bound  // nil where it did not open, or panicked
	rest   uint64 // the outcome of steps without a subject
	large  bool   // a state of this trace was larger than largeState
	reply  Writer
	state  Writer
	states Writer
	texts  Writer
}

func (c *Contract) run(note *uint64, request []byte) ([]byte, error) {
	r := NewReader(request)
	r.Fixed(3)
	if protocol := r.Uint(); r.err == nil && protocol != Protocol {
		return nil, fmt.Errorf("protocol %d is not known here, only %d", protocol, Protocol)
	}
	s := session{contract: c, note: note, mode: r.Index(modeFull + 1)}
	n := r.Array()
	if r.err != nil {
		return nil, fmt.Errorf("read request: %w", r.err)
	}
	var w Writer
	w.Array(n)
	for i := range n {
		s.trace = uint32(i)
		if trace := r.view(majorBytes, "a trace"); r.err == nil {
			if err := s.run(NewReader(trace)); err != nil {
				return nil, fmt.Errorf("read trace %d: %w", i, err)
			}
		}
		w.Bytes(s.reply.buf)
	}
	if r.End(); r.err != nil {
		return nil, fmt.Errorf("read request: %w", r.err)
	}
	s.say(noteDone)
	return w.Data(), nil
}

// say writes the note: which trace this is, and what is being done there.
func (s *session) say(what uint32) {
	atomic.StoreUint64(s.note, uint64(what)<<32|uint64(s.trace))
}

// run runs one trace and leaves its reply in s.reply.
func (s *session) run(r *Reader) error {
	s.bound, s.large = nil, false
	s.reply.reset()
	s.states.reset()
	s.texts.reset()
	s.reply.Array(4)
	r.Fixed(4)
	if err := s.open(r); err != nil {
		return err
	}
	n := r.Array()
	if n == 0 && s.bound != nil {
		s.bound.Drop()
	}
	s.reply.Array(2 * n)
	for i := range n {
		if err := s.step(uint64(i), i == n-1, r); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	if r.End(); r.err != nil {
		return r.err
	}
	s.attach(s.mode >= modeStates, &s.states, n+1)
	s.attach(s.mode == modeFull, &s.texts, n)
	return nil
}

// attach appends what was collected aside, an array of n items, or null where it was not asked for.
func (s *session) attach(asked bool, w *Writer, n int) {
	if !asked {
		s.reply.Null()
		return
	}
	s.reply.Array(n)
	s.reply.buf = append(s.reply.buf, w.buf...)
}

// open reads a trace's header and opens its subject; s.bound stays nil where that fails.
func (s *session) open(r *Reader) error {
	if id := r.Text(); len(id) > maxCorrelationID {
		r.failf("a correlation id of %d bytes, more than %d", len(id), maxCorrelationID)
	}
	r.Fixed(1) // of instances
	r.Fixed(2)
	if schema := r.Uint(); r.err == nil && schema != 1 {
		r.failf("schema %d is not known here, only 1", schema)
	}
	r.Fixed(0) // of flags
	r.Fixed(1) // of instances, with their opening arguments
	if r.err != nil {
		return r.err
	}
	s.say(0)
	s.reply.Array(1)
	before := s.position()
	text := guard(func() {
		bound, err := s.contract.Open(r)
		switch {
		case r.err != nil:
		case err != nil:
			s.contract.Rejections.outcome(&s.reply, err)
			s.noState()
		default:
			s.bound = bound
			s.reply.Array(2)
			s.reply.Uint(outcomeAccepted)
			s.reply.Null()
			s.stateAfterOpen()
		}
	})
	if text != "" {
		s.panicked(before, text)
		s.noState()
	}
	s.rest = outcomeVoid
	if s.bound != nil {
		s.rest = outcomeNotReached
	}
	return r.err
}

// step runs one step; after the last one, it drops the subject.
func (s *session) step(n uint64, last bool, r *Reader) error {
	if s.bound == nil {
		r.Skip()
		writeOutcome(&s.reply, s.rest)
		s.reply.Null()
		s.noState()
		s.text("")
		return r.err
	}
	r.Fixed(4)
	operation := r.Index(len(s.contract.Operations))
	r.Index(1) // instance
	if !r.Null() {
		r.failf("a fault, of which there are none")
	}
	if r.err != nil {
		return r.err
	}
	s.say(uint32(n) + 1)
	before := s.position()
	text := guard(func() {
		s.call(n, operation, r)
		if r.err != nil {
			return
		}
		s.digest(last)
		if last {
			s.bound.Drop()
		}
	})
	if r.err != nil {
		return fmt.Errorf("operation %q: %w", s.contract.Operations[operation], r.err)
	}
	if text != "" {
		s.panicked(before, text)
		s.reply.Null()
		s.noState()
		s.text("")
	}
	return nil
}

// call runs one operation and writes its outcome.
func (s *session) call(n uint64, operation int, r *Reader) {
	start := len(s.reply.buf)
	s.reply.Array(2)
	s.reply.Uint(outcomeAccepted)
	err := s.bound.Step(n, operation, r, &s.reply)
	if r.err != nil {
		return
	}
	if err != nil {
		s.reply.cut(start)
		s.contract.Rejections.outcome(&s.reply, err)
	}
	if s.mode == modeFull {
		s.text(s.contract.Rejections.words(err))
	}
}

// position is how far the writers of a reply are, for taking back what a panic left unfinished.
type position struct{ reply, states, texts int }

func (s *session) position() position {
	return position{len(s.reply.buf), len(s.states.buf), len(s.texts.buf)}
}

// panicked replaces what was written since before by a panic, with which the subject is given up.
func (s *session) panicked(before position, text string) {
	s.reply.cut(before.reply)
	s.states.cut(before.states)
	s.texts.cut(before.texts)
	writeOutcomeText(&s.reply, outcomePanicked, text)
	s.bound = nil
}

// digest writes the digest of the state, and in some modes the state itself.
func (s *session) digest(last bool) {
	if !s.contract.HasState || s.large && !last && s.mode == modeDigests {
		s.reply.Null()
		s.noState()
		return
	}
	s.encodeState()
	s.reply.head(majorBytes, 8)
	s.reply.buf = binary.BigEndian.AppendUint64(s.reply.buf, fnv1a(s.state.buf))
}

func (s *session) stateAfterOpen() {
	switch {
	case !s.contract.HasState:
		s.noState()
	case s.mode >= modeStates:
		s.encodeState()
	}
}

func (s *session) encodeState() {
	s.state.reset()
	s.bound.State(&s.state)
	s.large = s.large || len(s.state.buf) > largeState
	if s.mode >= modeStates {
		s.states.Array(1) // instance
		s.states.Bytes(s.state.buf)
	}
}

func (s *session) noState() {
	if s.mode >= modeStates {
		s.states.Null()
	}
}

func (s *session) text(words string) {
	if s.mode == modeFull {
		s.texts.Text(words)
	}
}

// fnv1a returns the 64-bit FNV-1a hash of data. hash/fnv gives the same through an interface,
// at twice the cost for short data.
func fnv1a(data []byte) uint64 {
	hash := uint64(14695981039346656037)
	for _, b := range data {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return hash
}
