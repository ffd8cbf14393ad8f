package driftcheck

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

var (
	errFull = NewRejection(0, "full", "no room is left")
	errBad  = NewCatchAll(1, "bad", "the library says so")
	classes = Rejections{errFull, errBad}
)

// miniature is a subject whose state is a string of x. The operation grow makes it longer; each other operation
// misbehaves in one way.
type miniature struct {
	size    int
	handles Handles[string]
	dropped *int
}

const (
	opGrow = iota
	opFail // with the error of that index in failures
	opPanic
	opPanicInState
	opPanicInResult
	opMake
	opUse
	opClose // with the error of its second argument in closings
)

var operations = []string{"grow", "fail", "panic", "panic in state", "panic in result", "make", "use", "close"}

var failures = []error{
	0:  errFull,
	1:  fmt.Errorf("grow: %w", errFull),
	2:  Library(errors.New("no such thing")),
	3:  errors.New("surprise"),
	4:  ErrUnsupported,
	5:  fmt.Errorf("no: %w", ErrUnsupported),
	6:  Broken("convert %d: %w", 7, errFull),
	7:  fmt.Errorf("step: %w", Broken("lost")),
	8:  Library(errFull),
	9:  Library(nil),
	10: errors.New("not \xff UTF-8"),
}

var closings = []error{nil, errFull, errors.New("surprise"), ErrUnsupported, Broken("lost")}

func (m *miniature) Step(step *Step, r *Reader, w *Writer) error {
	r.Fields(2)
	a, b := r.Uint(), r.Uint()
	if r.Failed() {
		return nil
	}
	switch step.Operation {
	case opGrow:
		m.size += int(a)
	case opFail:
		if err := failures[a]; err != nil {
			return err
		}
	case opPanic:
		panic("boom")
	case opPanicInState:
		m.size = -1
	case opPanicInResult:
		w.Array(3)
		var nothing *miniature
		nothing.size++
	case opMake:
		m.handles.Keep(step.Number, "made")
	case opUse, opClose:
		handle, isLive := m.handles.Take(a)
		if !isLive {
			return ErrVoid
		}
		if step.Operation == opUse {
			m.handles.Keep(a, handle)
			break
		}
		if err := closings[b]; err != nil {
			return err
		}
	}
	w.Null()
	return nil
}

func (m *miniature) State(w *Writer) { w.Text(strings.Repeat("x", m.size)) }
func (m *miniature) Drop()           { *m.dropped++ }

// contract opens miniatures. Its one opening argument is the size of the state. At 100 it rejects, at 101 it
// panics, and at 102 the state after the opening panics.
func contract(hasState bool) (*Contract, *int) {
	dropped := new(int)
	return &Contract{
		Name:       "miniature",
		Operations: operations,
		Rejections: classes,
		HasState:   hasState,
		Open: func(r *Reader) (Opened, error) {
			r.Fields(1)
			size := r.Uint()
			if r.Failed() {
				return nil, nil
			}
			switch size {
			case 100:
				return nil, errFull
			case 101:
				panic("boom")
			case 102:
				return &miniature{size: -1, dropped: dropped}, nil
			}
			return &miniature{size: int(size), dropped: dropped}, nil
		},
	}, dropped
}

type step struct{ operation, a, b uint64 }

func encodeTrace(size uint64, steps ...step) []byte {
	var w Writer
	w.Array(4)
	w.Text("test")
	w.Array(1)
	w.Array(2)
	w.Uint(1)
	w.Array(0)
	w.Array(1)
	w.Array(1)
	w.Uint(size)
	w.Array(len(steps))
	for _, s := range steps {
		w.Array(4)
		w.Uint(s.operation)
		w.Uint(0)
		w.Null()
		w.Array(2)
		w.Uint(s.a)
		w.Uint(s.b)
	}
	return w.Data()
}

func encodeRequest(mode uint64, traces ...[]byte) []byte {
	var w Writer
	w.Array(3)
	w.Uint(Protocol)
	w.Uint(mode)
	w.Array(len(traces))
	for _, trace := range traces {
		w.Bytes(trace)
	}
	return w.Data()
}

// reply is the reply of one trace. All parts but the texts are hexadecimal.
type reply struct {
	opened   string
	outcomes []string
	digests  []string
	states   []string // nil where there are none in the reply
	texts    []string
}

// rawItem returns the next item in hexadecimal.
func rawItem(r *Reader) string {
	from := r.at
	r.Skip()
	return hex.EncodeToString(r.data[from:r.at])
}

func decodeReply(t *testing.T, data []byte) reply {
	t.Helper()
	var got reply
	r := NewReader(data)
	r.Fields(4)
	r.Fields(1)
	got.opened = rawItem(r)
	for range r.Array() / 2 {
		got.outcomes = append(got.outcomes, rawItem(r))
		got.digests = append(got.digests, rawItem(r))
	}
	if !r.Null() {
		for range r.Array() {
			got.states = append(got.states, rawItem(r))
		}
	}
	if !r.Null() {
		for range r.Array() {
			got.texts = append(got.texts, r.Text())
		}
	}
	if r.Finish(); r.Err() != nil {
		t.Fatalf("reply %x: %v", data, r.Err())
	}
	return got
}

func runTrace(t *testing.T, c *Contract, mode uint64, trace []byte) reply {
	t.Helper()
	var note uint64
	data, err := c.run(&note, encodeRequest(mode, trace))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(data)
	r.Fields(1)
	return decodeReply(t, r.Bytes())
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

const (
	accepted    = "8200f6"
	rejected    = "830100f6"
	caughtAll   = "830101f6"
	unsupported = "8104"
	void        = "8105"
	notReached  = "8107"
)

func worded(kind byte, text string) string {
	var w Writer
	w.Array(2)
	w.Uint(uint64(kind))
	w.Text(text)
	return hex.EncodeToString(w.Data())
}

// What an error wraps decides whether it is a rejection, unmapped, unsupported, or a fault of the adapter.
func TestOutcomes(t *testing.T) {
	c, _ := contract(false)
	var steps []step
	for i := range failures {
		steps = append(steps, step{opFail, uint64(i), 0})
	}
	got := runTrace(t, c, modeFull, encodeTrace(0, steps...))

	expect(t, "outcomes", got.outcomes, []string{
		rejected, rejected, caughtAll, worded(2, "surprise"), unsupported, unsupported,
		worded(6, "convert 7: "+errFull.Error()), worded(6, "step: lost"), rejected, accepted,
		worded(2, "not \ufffd UTF-8"),
	})
	expect(t, "texts", got.texts, []string{
		"", "grow: " + errFull.Error(), "no such thing", "surprise", "", "", "", "", errFull.Error(), "",
		"not \ufffd UTF-8",
	})
}

// Without a catch-all class, the library's own errors are unmapped.
func TestNoCatchAll(t *testing.T) {
	var w Writer
	Rejections{errFull}.write(&w, Library(errors.New("no such thing")))
	expect(t, "outcome", []string{hex.EncodeToString(w.Data())}, []string{worded(2, "no such thing")})
}

// The detail of a rejection may be wrapped. Without a detail the adapter is at fault.
func TestDetail(t *testing.T) {
	errFar := NewDetailed(0, "far", "it is too far")
	far := errFar.With(func(w *Writer) { w.Text("here") })
	for _, c := range []struct {
		err      error
		outcome  string
		expected string
	}{
		{far, "bare", "8301006468657265"},
		{fmt.Errorf("go: %w", far), "wrapped", "8301006468657265"},
		{errFar, "missing", worded(6, "the rejection far lacks the detail that the contract declares; make it with the generated function of its name")},
	} {
		var w Writer
		Rejections{errFar}.write(&w, c.err)
		expect(t, c.outcome, []string{hex.EncodeToString(w.Data())}, []string{c.expected})
	}
	expect(t, "texts", []string{
		Rejections{errFar}.text(far), Rejections{errFar}.text(fmt.Errorf("go: %w", far)),
	}, []string{"", "go: far: it is too far"})
}

// A step is void if its handle is not made yet, if the step named made none, or after a step that closes the
// handle, with any outcome.
func TestHandles(t *testing.T) {
	c, _ := contract(false)
	got := runTrace(t, c, modeDigests, encodeTrace(0,
		step{opUse, 1, 0},
		step{opMake, 0, 0},
		step{opUse, 1, 0},
		step{opUse, 0, 0},
	))
	expect(t, "outcomes", got.outcomes, []string{void, accepted, accepted, void})

	for b, outcome := range []string{accepted, rejected, worded(2, "surprise"), unsupported, worded(6, "lost")} {
		got := runTrace(t, c, modeDigests, encodeTrace(0,
			step{opMake, 0, 0},
			step{opClose, 0, uint64(b)},
			step{opUse, 0, 0},
			step{opClose, 0, 0},
		))
		expect(t, "outcomes", got.outcomes, []string{accepted, outcome, void, void})
	}
}

// After a panic anywhere in a step, later steps are not reached, and have neither digest nor state.
func TestPanic(t *testing.T) {
	for _, operation := range []uint64{opPanic, opPanicInState, opPanicInResult} {
		c, dropped := contract(true)
		got := runTrace(t, c, modeFull, encodeTrace(1, step{opGrow, 1, 0}, step{operation, 0, 0}, step{opGrow, 1, 0}))

		if text := got.outcomes[1]; !strings.HasPrefix(text, "8203") {
			t.Errorf("%s: got %s, want a panic", operations[operation], text)
		}
		expect(t, "outcomes", []string{got.outcomes[0], got.outcomes[2]}, []string{accepted, notReached})
		expect(t, "digests", got.digests[1:], []string{"f6", "f6"})
		expect(t, "states", got.states, []string{"81426178", "8143627878", "f6", "f6"})
		expect(t, "texts", got.texts, []string{"", "", ""})
		if *dropped != 0 {
			t.Error("a subject that panicked was dropped")
		}
	}
}

// The text of a panic names the place where it began, without the frames of the runtime.
func TestPanicPlace(t *testing.T) {
	var nothing *miniature
	for _, do := range []func(){func() { panic("boom") }, func() { nothing.size++ }} {
		text := guard(do)
		if !strings.Contains(text, "session_test.go:") || !strings.Contains(text, "TestPanicPlace") {
			t.Errorf("got %q", text)
		}
	}
}

// If the subject does not open, or its first state panics, every step is void, and has neither digest nor
// state. The session does not drop the subject.
func TestNotOpened(t *testing.T) {
	for size, opened := range map[uint64]string{100: rejected, 101: "8203", 102: "8203"} {
		c, dropped := contract(true)
		steps := []step{{opGrow, 1, 0}, {opGrow, 1, 0}}
		got := runTrace(t, c, modeStates, encodeTrace(size, steps...))
		if in := runTrace(t, c, modeDigests, encodeTrace(size, steps...)); in.opened != got.opened || *dropped != 0 {
			t.Errorf("mode 0: got %s, want %s as in mode 1", in.opened, got.opened)
		}

		if !strings.HasPrefix(got.opened, opened) {
			t.Errorf("got %s, want %s", got.opened, opened)
		}
		expect(t, "outcomes", got.outcomes, []string{void, void})
		expect(t, "digests", got.digests, []string{"f6", "f6"})
		expect(t, "states", got.states, []string{"f6", "f6", "f6"})
	}
}

// A digest is the hash of the encoded state after its step.
func TestDigest(t *testing.T) {
	c, dropped := contract(true)
	got := runTrace(t, c, modeStates, encodeTrace(0, step{opGrow, 2, 0}))

	expect(t, "digests", got.digests, []string{fmt.Sprintf("48%016x", fnv1a([]byte("\x62xx")))})
	expect(t, "states", got.states, []string{"814160", "8143627878"})
	if *dropped != 1 {
		t.Errorf("dropped %d times, want once", *dropped)
	}
}

// After a state of more than 4,096 bytes, mode 0 has a digest at the end of the trace only. The state after the
// opening does not count.
func TestDigestOfLargeState(t *testing.T) {
	made := func(mode uint64, size uint64) string {
		c, _ := contract(true)
		got := runTrace(t, c, mode, encodeTrace(size, step{opGrow, 0, 0}, step{opGrow, 1, 0}, step{opGrow, 0, 0}, step{opGrow, 0, 0}))
		var which string
		for _, digest := range got.digests {
			which += map[bool]string{true: "-", false: "d"}[digest == "f6"]
		}
		return which
	}
	// The head of a text of that length takes three bytes.
	for _, x := range []struct {
		mode, size uint64
		want       string
	}{
		{modeDigests, 4092, "dddd"},
		{modeDigests, 4093, "dd-d"},
		{modeDigests, 4094, "d--d"},
		{modeStates, 4094, "dddd"},
		{modeFull, 4094, "dddd"},
	} {
		if got := made(x.mode, x.size); got != x.want {
			t.Errorf("mode %d, %d bytes: got %s, want %s", x.mode, x.size, got, x.want)
		}
	}
}

// A contract without state has neither digests nor states, in any mode.
func TestNoState(t *testing.T) {
	for mode := range uint64(modeFull + 1) {
		c, _ := contract(false)
		got := runTrace(t, c, mode, encodeTrace(0, step{opGrow, 1, 0}))

		expect(t, "digests", got.digests, []string{"f6"})
		if got.states != nil {
			t.Errorf("mode %d: got states %q", mode, got.states)
		}
	}
}

// A trace without steps opens its subject, and drops it.
func TestNoSteps(t *testing.T) {
	c, dropped := contract(true)
	got := runTrace(t, c, modeStates, encodeTrace(1))

	expect(t, "opened", []string{got.opened}, []string{accepted})
	expect(t, "states", got.states, []string{"81426178"})
	if *dropped != 1 {
		t.Errorf("dropped %d times, want once", *dropped)
	}
}

// The note names trace and step before each call of the subject, and says at the end that all is done.
func TestNote(t *testing.T) {
	var note uint64
	var seen []uint64
	c := &Contract{
		Operations: []string{"look"},
		Open: func(r *Reader) (Opened, error) {
			seen = append(seen, note)
			r.Skip()
			return &looker{&note, &seen}, nil
		},
	}
	trace := encodeTrace(0, step{0, 0, 0}, step{0, 0, 0})
	if _, err := c.run(&note, encodeRequest(modeDigests, trace, trace)); err != nil {
		t.Fatal(err)
	}

	want := "[0 100000000 200000000 1 100000001 200000001]"
	if got := fmt.Sprintf("%x", seen); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if note>>32 != noteDone {
		t.Errorf("at the end: %x", note)
	}
}

type looker struct {
	note *uint64
	seen *[]uint64
}

func (l *looker) Step(_ *Step, r *Reader, w *Writer) error {
	*l.seen = append(*l.seen, *l.note)
	r.Skip()
	w.Null()
	return nil
}
func (*looker) State(*Writer) {}
func (*looker) Drop()         {}

// The error for an unreadable request names what was being read, and wraps the reason.
func TestUnreadableRequest(t *testing.T) {
	good := encodeTrace(0, step{opGrow, 0, 0})
	for _, c := range []struct {
		request []byte
		reason  error
		text    string
	}{
		{[]byte{}, ErrCutShort, "read request: byte 0: the data end too early"},
		{[]byte{0x83, 2, 0, 0x80}, ErrUnexpected, "read request: byte 1: unexpected item: want protocol 1"},
		{
			[]byte{0x83, 1, 3, 0x80}, ErrOutOfRange,
			"read request: byte 2: number out of range: got 3, want less than 3",
		},
		{append(encodeRequest(0, good), 0), ErrTrailing, "read request: byte 26: data after the last item"},
		{
			encodeRequest(0, good, append(encodeTrace(0, step{opGrow, 0, 0}), 0)), ErrTrailing,
			"read trace 1: byte 21: data after the last item",
		},
		{
			encodeRequest(0, encodeTrace(0, step{50, 0, 0})), ErrOutOfRange,
			"read trace 0: step 0: byte 15: number out of range: got 50, want less than 8",
		},
		{
			encodeRequest(0, good[:len(good)-1]), ErrCutShort,
			"read trace 0: step 0: operation grow: byte 18: the data end too early",
		},
		{encodeRequest(0, good[:15]), ErrCutShort, "read trace 0: step 0: byte 14: the data end too early"},
		{
			encodeRequest(0, []byte{0x98, 4}), ErrNotCanonical,
			"read trace 0: byte 0: not the shortest head of a definite length",
		},
	} {
		contract, _ := contract(true)
		var note uint64
		_, err := contract.run(&note, c.request)
		if !errors.Is(err, c.reason) || err.Error() != c.text {
			t.Errorf("got %v, want %s", err, c.text)
		}
	}
}

// After a panic the session still reads the rest of the trace strictly.
func TestUnreadableAfterPanic(t *testing.T) {
	c, _ := contract(true)
	trace := encodeTrace(0, step{opPanic, 0, 0}, step{opGrow, 0, 0})
	var note uint64
	if _, err := c.run(&note, encodeRequest(0, trace[:len(trace)-1])); err == nil {
		t.Error("accepted")
	}
}

// Digests are those of the published vectors of FNV-1a.
func TestFNV1a(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0xcbf29ce484222325, "a": 0xaf63dc4c8601ec8c, "b": 0xaf63df4c8601f1a5, "foobar": 0x85944171f73967e8,
	} {
		if got := fnv1a([]byte(text)); got != want {
			t.Errorf("%q: got %x, want %x", text, got, want)
		}
	}
}

// A description has the keys that docs/reference/wire.md lists, in canonical order.
func TestDescribe(t *testing.T) {
	c, _ := contract(true)
	r := NewReader(c.describe())
	var keys []string
	var before []byte
	for range r.Map() {
		mark := r.Mark()
		keys = append(keys, r.Text())
		before = r.Key(mark, before)
		r.Skip()
	}
	if r.Finish(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	expect(t, "keys", keys, strings.Fields("abi build contract language protocol libraries toolchain fingerprint"))
}

func BenchmarkStep(b *testing.B) {
	c, _ := contract(true)
	steps := make([]step, 50)
	request := encodeRequest(modeDigests, encodeTrace(20, steps...))
	var note uint64
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.run(&note, request); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(steps)), "ns/step")
}
