package driftcheck

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
)

// Protocol is the version of the messages between parent and host.
const Protocol = 1

// Modes of a request: what a reply holds beside outcomes and digests.
const (
	modeDigests = iota
	modeStates
	modeFull
)

const (
	// noteDone is the upper half of the note after the whole request.
	noteDone = 0xffffffff

	// largeState is a size in bytes. After a larger state, mode 0 digests only the state at the end of the trace.
	// Encoding a state of 1,000 entries took 12 to 48 µs, many times what a step takes.
	largeState = 4096

	maxCorrelationID = 64
)

// session runs the traces of one request, one after the other, and reuses its buffers.
type session struct {
	contract *Contract
	note     *uint64
	mode     int

	trace     uint32
	instances []Opened // one for each instance; nil if one did not open, or panicked
	rest      uint64   // the outcome of steps without instances
	isLarge   bool     // a digested state of this trace was larger than largeState
	current   Step     // here, because a step of its own would be allocated each time
	reply     Writer
	states    list
	texts     list
	state     Writer
}

// list collects items of the reply that follow the outcomes.
type list struct {
	Writer
	n int
}

func (l *list) clear() {
	l.cut(0)
	l.n = 0
}

// run runs all traces of a request and returns the reply.
func (c *Contract) run(note *uint64, request []byte) ([]byte, error) {
	r := NewReader(request)
	r.Fields(3)
	r.constant(Protocol, "protocol 1")
	s := session{contract: c, note: note, mode: r.Index(modeFull + 1)}
	traces := r.Array()
	var replies Writer
	replies.Array(traces)
	beginCoverage()
	for i := range traces {
		trace := r.view(majorBytes, "a trace")
		if r.err != nil {
			break
		}
		s.trace = uint32(i)
		if err := s.runTrace(trace); err != nil {
			return nil, fmt.Errorf("read trace %d: %w", i, err)
		}
		noteCoverage()
		replies.Bytes(s.reply.Data())
	}
	if r.Finish(); r.err != nil {
		return nil, fmt.Errorf("read request: %w", r.err)
	}
	s.writeNote(noteDone)
	return replies.Data(), nil
}

// runTrace runs one trace and leaves its reply in s.reply.
func (s *session) runTrace(trace []byte) error {
	s.instances, s.isLarge = nil, false
	s.reply.cut(0)
	s.states.clear()
	s.texts.clear()
	s.reply.Array(4)
	r := NewReader(trace)
	last, err := s.open(r)
	if err != nil {
		return err
	}
	n := r.Array()
	if n == 0 && s.instances != nil && s.attempt(last, s.drop) {
		s.states.clear()
	}
	s.rest = outcomeVoid
	if s.instances != nil {
		s.rest = outcomeNotReached
	}
	s.reply.Array(2 * n)
	for i := range n {
		if err := s.step(uint64(i), i == n-1, r); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	if r.Finish(); r.err != nil {
		return r.err
	}
	s.attach(s.keepsStates(), &s.states, n+1, headNull)
	s.attach(s.mode == modeFull, &s.texts, n, majorText)
	return nil
}

// keepsStates reports whether the reply holds the states themselves.
func (s *session) keepsStates() bool { return s.contract.HasState && s.mode >= modeStates }

// open reads the header of a trace and opens the subject of each instance.
// If one does not open, s.instances stays nil. open returns where the outcome of the last opening begins.
func (s *session) open(r *Reader) (last position, err error) {
	n := s.contract.instances()
	r.Fields(4)
	at := r.at
	if id := r.Text(); len(id) > maxCorrelationID {
		r.at = at
		r.expected("a correlation id of at most 64 bytes")
	}
	r.Fields(n)
	for range n {
		r.Fields(2)
		r.constant(1, "schema version 1")
		r.Fields(0) // flags
	}
	r.Fields(n) // opening arguments
	if r.err != nil {
		return last, r.err
	}
	s.writeNote(0)
	s.reply.Array(n)
	if s.keepsStates() {
		s.states.Array(n)
		s.states.n++
	}
	for i := range n {
		last = s.position()
		s.attempt(last, func() { s.openOne(r) })
		if r.err != nil {
			return last, r.err
		}
		if len(s.instances) == i+1 {
			continue
		}
		s.instances = nil
		s.states.clear()
		for range n - i - 1 {
			r.Skip()
			writeOutcome(&s.reply, outcomeNotReached)
		}
		break
	}
	return last, r.err
}

// openOne opens one instance. If it does not open, openOne drops those before it.
func (s *session) openOne(r *Reader) {
	opened, err := s.contract.Open(r)
	if r.err != nil {
		return
	}
	if err != nil {
		before := s.instances
		s.instances = nil
		for _, o := range before {
			o.Drop()
		}
		s.contract.Rejections.write(&s.reply, err)
		return
	}
	s.instances = append(s.instances, opened)
	s.reply.Array(2)
	s.reply.Uint(outcomeAccepted)
	s.reply.Null()
	if s.contract.HasState {
		// This state belongs to the opening. Every mode encodes it, so that a panic there is the same in all.
		s.encodeState(opened)
	}
}

func (s *session) drop() {
	for _, opened := range s.instances {
		opened.Drop()
	}
}

// step runs one step. After the last one it drops the subjects.
func (s *session) step(number uint64, isLast bool, r *Reader) error {
	if s.instances == nil {
		r.Skip()
		writeOutcome(&s.reply, s.rest)
		s.reply.Null()
		return r.err
	}
	s.writeNote(uint32(number) + 1)
	from := r.at
	panicked := s.attempt(s.position(), func() {
		if s.call(number, r); r.err != nil {
			return
		}
		s.digest(isLast)
		if isLast {
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

// call runs the operation of one step and writes its outcome.
func (s *session) call(number uint64, r *Reader) {
	r.Fields(4)
	s.current = Step{
		Number:    number,
		Operation: r.Index(len(s.contract.Operations)),
		Instance:  r.Index(len(s.instances)),
		peers:     s.instances,
	}
	if !r.Null() {
		s.current.Fault = 1 + r.Index(len(s.contract.Faults))
	}
	if r.err != nil {
		return
	}
	start := len(s.reply.Data())
	s.reply.Array(2)
	s.reply.Uint(outcomeAccepted)
	err := s.instances[s.current.Instance].Step(&s.current, r, &s.reply)
	if r.err != nil {
		r.err = fmt.Errorf("operation %s: %w", s.contract.Operations[s.current.Operation], r.err)
		return
	}
	if err != nil {
		s.reply.cut(start)
		s.contract.Rejections.write(&s.reply, err)
	}
	if s.mode == modeFull {
		s.texts.Text(s.contract.Rejections.text(err))
		s.texts.n++
	}
}

// digest writes the digests of all states, and keeps the states if the mode asks for them.
func (s *session) digest(isLast bool) {
	if !s.contract.HasState || s.isLarge && !isLast && s.mode == modeDigests {
		s.reply.Null()
		return
	}
	if s.keepsStates() {
		s.states.Array(len(s.instances))
		s.states.n++
	}
	s.reply.head(majorBytes, uint64(8*len(s.instances)))
	for _, opened := range s.instances {
		s.encodeState(opened)
		s.isLarge = s.isLarge || len(s.state.Data()) > largeState
		s.reply.buf = binary.BigEndian.AppendUint64(s.reply.buf, fnv1a(s.state.Data()))
	}
}

func (s *session) encodeState(opened Opened) {
	s.state.cut(0)
	opened.State(&s.state)
	checkState(len(s.state.Data()))
	if s.keepsStates() {
		s.states.Bytes(s.state.Data())
	}
}

// position says how much the writers of a reply hold.
type position struct{ reply, states, nStates, texts, nTexts int }

func (s *session) position() position {
	return position{len(s.reply.Data()), len(s.states.Data()), s.states.n, len(s.texts.Data()), s.texts.n}
}

// attempt calls body and reports whether it panicked.
// Then the panic replaces everything written since the position, and the trace goes on without instances.
func (s *session) attempt(since position, body func()) (panicked bool) {
	text := guard(body)
	if text == "" {
		return false
	}
	s.reply.cut(since.reply)
	s.states.cut(since.states)
	s.texts.cut(since.texts)
	s.states.n, s.texts.n = since.nStates, since.nTexts
	writeOutcomeText(&s.reply, outcomePanicked, text)
	s.instances = nil
	return true
}

// writeNote writes which trace is being run, and what is being done there.
func (s *session) writeNote(doing uint32) {
	atomic.StoreUint64(s.note, uint64(doing)<<32|uint64(s.trace))
}

// attach appends a list of n items, or null if the mode does not ask for it.
// Steps that have no item get the filler, because nothing is known of a subject that is gone.
func (s *session) attach(isAsked bool, items *list, n int, filler byte) {
	if !isAsked {
		s.reply.Null()
		return
	}
	s.reply.Array(n)
	s.reply.encoded(items.Data())
	for range n - items.n {
		s.reply.encoded([]byte{filler}) // null, or the empty text
	}
}

// fnv1a returns the 64-bit FNV-1a hash of data. hash/fnv returns the same, but through an interface.
func fnv1a(data []byte) uint64 {
	hash := uint64(14695981039346656037)
	for _, b := range data {
		hash = (hash ^ uint64(b)) * 1099511628211
	}
	return hash
}
