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

// session runs the traces of one request, one after the other; its buffers are used again.
type session struct {
	contract *Contract
	note     *uint64
	mode     int

	trace  uint32
	bounds []Bound // one for each instance; nil where one did not open, or panicked
	rest   uint64  // the outcome of steps without subjects
	large  bool    // a digested state of this trace was larger than largeState
	reply  Writer
	states list
	texts  list
	state  Writer
}

// list collects items of the reply that stand behind the outcomes.
type list struct {
	Writer
	n int
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
	s.bounds, s.large = nil, false
	s.reply.cut(0)
	s.states.cut(0)
	s.texts.cut(0)
	s.states.n, s.texts.n = 0, 0
	s.reply.Array(4)
	last, err := s.open(r)
	if err != nil {
		return err
	}
	n := r.Array()
	if n == 0 && s.bounds != nil && s.try(last, s.drop) {
		s.states.cut(0)
		s.states.n = 0
	}
	s.rest = outcomeVoid
	if s.bounds != nil {
		s.rest = outcomeNotReached
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
	s.attach(s.contract.HasState && s.mode >= modeStates, &s.states, n+1, headNull)
	s.attach(s.mode == modeFull, &s.texts, n, majorText)
	return nil
}

// open reads a trace's header and opens the subject of each instance; s.bounds stays nil where one
// does not open. It returns where the outcome of the last opening stands.
func (s *session) open(r *Reader) (last position, err error) {
	n := s.contract.instances()
	r.Fixed(4)
	if id := r.Text(); len(id) > maxCorrelationID {
		r.failf("a correlation id of %d bytes, more than %d", len(id), maxCorrelationID)
	}
	r.Fixed(n)
	for range n {
		r.Fixed(2)
		if schema := r.Uint(); r.err == nil && schema != 1 {
			r.failf("schema %d is not known here, only 1", schema)
		}
		r.Fixed(0) // of flags
	}
	r.Fixed(n) // with their opening arguments
	if r.err != nil {
		return last, r.err
	}
	s.say(0)
	s.reply.Array(n)
	if s.contract.HasState && s.mode >= modeStates {
		s.states.Array(n)
		s.states.n++
	}
	for i := range n {
		last = s.position()
		s.try(last, func() { s.openOne(r) })
		if r.err != nil {
			return last, r.err
		}
		if len(s.bounds) == i+1 {
			continue
		}
		s.bounds = nil
		s.states.cut(0)
		s.states.n = 0
		for range n - i - 1 {
			r.Skip()
			writeOutcome(&s.reply, outcomeNotReached)
		}
		break
	}
	return last, r.err
}

// openOne opens one instance. The state just after belongs to it, and is encoded in every mode, so that a
// panic there is the same in all. Where it does not open, those before it are dropped.
func (s *session) openOne(r *Reader) {
	bound, err := s.contract.Open(r)
	switch {
	case r.err != nil:
	case err != nil:
		opened := s.bounds
		s.bounds = nil
		for _, b := range opened {
			b.Drop()
		}
		s.contract.Rejections.outcome(&s.reply, err)
	default:
		s.bounds = append(s.bounds, bound)
		s.reply.Array(2)
		s.reply.Uint(outcomeAccepted)
		s.reply.Null()
		if s.contract.HasState {
			s.encodeState(bound)
		}
	}
}

func (s *session) drop() {
	for _, bound := range s.bounds {
		bound.Drop()
	}
}

// step runs one step; with the last one, it drops the subjects.
func (s *session) step(n uint64, last bool, r *Reader) error {
	if s.bounds == nil {
		r.Skip()
		writeOutcome(&s.reply, s.rest)
		s.reply.Null()
		return r.err
	}
	s.say(uint32(n) + 1)
	from := r.at
	panicked := s.try(s.position(), func() {
		if s.call(n, r); r.err == nil {
			s.digest(last)
		}
		if last && r.err == nil {
			s.drop()
		}
	})
	if panicked {
		s.reply.Null()
		r.at = from
		r.Skip()
	}
	return r.err
}

// call runs one operation and writes its outcome.
func (s *session) call(n uint64, r *Reader) {
	r.Fixed(4)
	operation := r.Index(len(s.contract.Operations))
	instance := r.Index(len(s.bounds))
	r.fault = 0
	if !r.Null() {
		r.fault = 1 + r.Index(len(s.contract.Faults))
	}
	if r.err != nil {
		return
	}
	start := len(s.reply.buf)
	s.reply.Array(2)
	s.reply.Uint(outcomeAccepted)
	r.instances, r.instance = s.bounds, instance
	err := s.bounds[instance].Step(n, operation, r, &s.reply)
	if r.err != nil {
		r.err = fmt.Errorf("operation %s: %w", s.contract.Operations[operation], r.err)
		return
	}
	if err != nil {
		s.reply.cut(start)
		s.contract.Rejections.outcome(&s.reply, err)
	}
	if s.mode == modeFull {
		s.texts.Text(s.contract.Rejections.words(err))
		s.texts.n++
	}
}

// digest writes the digest of the state, and keeps the state itself where it is asked for.
func (s *session) digest(last bool) {
	if !s.contract.HasState || s.large && !last && s.mode == modeDigests {
		s.reply.Null()
		return
	}
	if s.mode >= modeStates {
		s.states.Array(len(s.bounds))
		s.states.n++
	}
	s.reply.head(majorBytes, uint64(8*len(s.bounds)))
	for _, bound := range s.bounds {
		s.encodeState(bound)
		s.large = s.large || len(s.state.buf) > largeState
		s.reply.buf = binary.BigEndian.AppendUint64(s.reply.buf, fnv1a(s.state.buf))
	}
}

func (s *session) encodeState(bound Bound) {
	s.state.cut(0)
	bound.State(&s.state)
	if s.mode >= modeStates {
		s.states.Bytes(s.state.buf)
	}
}

// position is how far the writers of a reply are.
type position struct{ reply, states, nStates, texts, nTexts int }

func (s *session) position() position {
	return position{len(s.reply.buf), len(s.states.buf), s.states.n, len(s.texts.buf), s.texts.n}
}

// try does something with the subject and says whether it panicked. Then the panic stands in
// place of all that was written since the position, and the subjects are given up.
func (s *session) try(since position, do func()) (panicked bool) {
	text := guard(do)
	if text == "" {
		return false
	}
	s.reply.cut(since.reply)
	s.states.cut(since.states)
	s.texts.cut(since.texts)
	s.states.n, s.texts.n = since.nStates, since.nTexts
	writeOutcomeText(&s.reply, outcomePanicked, text)
	s.bounds = nil
	return true
}

// attach appends a list of n items, or null where it was not asked for. Items that lack, since
// nothing is known of a subject that is gone, are filled up.
func (s *session) attach(asked bool, items *list, n int, filling byte) {
	if !asked {
		s.reply.Null()
		return
	}
	s.reply.Array(n)
	s.reply.buf = append(s.reply.buf, items.buf...)
	for range n - items.n {
		s.reply.buf = append(s.reply.buf, filling) // null, or the empty text
	}
}

// fnv1a returns the 64-bit FNV-1a hash of data. hash/fnv gives the same, by way of an interface.
func fnv1a(data []byte) uint64 {
	hash := uint64(14695981039346656037)
	for _, b := range data {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return hash
}
