package reconcile

import (
	"errors"
	"slices"
	"testing"
)

// R4.1: a put of a wrong value or label is rejected. The checks have the order of the rule.
func TestR4_1PutRejected(t *testing.T) {
	r, _ := open(t, "a", atSchema(1))
	counter := func(got string) Error {
		return rejected(ErrWrongKind, "value", 0, "unsigned integer", got, "this prefix holds counters")
	}
	for value, got := range map[string]string{"20": "negative integer", "6161": "text string", "f4": "false", "80": "array"} {
		_, err := r.Put("c1", unhex(t, value), NewLabel("x"), 1)
		wantError(t, err, counter(got))
	}
	_, err := r.Put("k", []byte{1}, NewLabel(""), 1)
	wantError(t, err, rejected(ErrNeedsSchema, "label", 0, "schema 2 or later", "schema 1", "migrate before using labels"))
}

// Section 4: arguments out of bounds are rejected.
func TestArgumentsOutOfRange(t *testing.T) {
	r, _ := open(t, "a")
	long := string(make([]byte, 65))
	for name, run := range map[string]func() error{
		"key empty":      func() error { _, err := r.Put("", []byte{1}, Label{}, 1); return err },
		"key long":       func() error { _, err := r.Delete(long, 1); return err },
		"label long":     func() error { _, err := r.Put("k", []byte{1}, NewLabel(long), 1); return err },
		"label no text":  func() error { _, err := r.Put("k", []byte{1}, NewLabel("\xff"), 1); return err },
		"now":            func() error { _, err := r.Tick(1 << 48); return err },
		"by zero":        func() error { _, err := r.Increase("c", 0, 1); return err },
		"by large":       func() error { _, err := r.Increase("c", 1<<63, 1); return err },
		"get":            func() error { _, err := r.View().Get(""); return err },
		"prefix":         func() error { _, err := r.View().Scan(long, 1); return err },
		"limit":          func() error { _, err := r.View().Scan("", 65); return err },
		"limit negative": func() error { _, err := r.View().Scan("", -1); return err },
		"rationale":      func() error { _, err := r.Migrate(2, "", "a"); return err },
		"approver":       func() error { _, err := r.Migrate(2, "r", long); return err },
		"flag":           func() error { return r.SetFlag(3) },
	} {
		if err := run(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want %v", name, err, ErrMalformed)
		}
	}
}

// R4.2, R4.5: a key that is absent or deleted cannot be deleted or read.
func TestR4_2Absent(t *testing.T) {
	r, _ := open(t, "a")
	want := rejected(ErrAbsent, "6b", 0, "a visible value", "none", "")

	_, err := r.Delete("k", 1)
	wantError(t, err, want)
	put(t, r, "k", "01", 1)
	must[WriteResult](t)(r.Delete("k", 1))
	_, err = r.Delete("k", 1)
	wantError(t, err, want)
	_, err = r.View().Get("k")
	wantError(t, err, want)
}

// R4.3: an increase adds to a counter, and is rejected for other keys and on overflow.
func TestR4_3Increase(t *testing.T) {
	r, _ := open(t, "a")
	for key, policy := range map[string]string{"k": "last", "m": "multi"} {
		_, err := r.Increase(key, 1, 1)
		wantError(t, err, rejected(ErrWrongKind, hexOf(key), 0, "a counter", policy, "this prefix does not hold counters"))
	}
	if n := must[uint64](t)(r.Increase("c", 7, 1)); n != 7 {
		t.Errorf("got %d, want 7", n)
	}
	if n := must[uint64](t)(r.Increase("c", counterLimit-7, 2)); n != counterLimit {
		t.Errorf("got %d, want %d", n, uint64(counterLimit))
	}
	overflow := func(got string) Error {
		return rejected(ErrOverflow, "63", 0, "at most 9223372036854775807", got, "counters do not wrap")
	}
	_, err := r.Increase("c", 1, 3)
	wantError(t, err, overflow("9223372036854775808"))
	_, err = r.Increase("c", counterLimit, 3)
	wantError(t, err, overflow("18446744073709551614"))
	must[WriteResult](t)(r.Delete("c", 4))
	if n := must[uint64](t)(r.Increase("c", 2, 5)); n != 2 {
		t.Errorf("after a delete: got %d, want 2", n)
	}
}

// R1.3, R4.4: a write has the next dot and clock, and replaces all entries of its key.
func TestR4_4Write(t *testing.T) {
	r, _ := open(t, "a", atSchema(2))
	peer, _ := open(t, "b", atSchema(2))
	put(t, peer, "m", "05", 1)
	put(t, r, "m", "06", 1)
	pull(t, r, peer, 2)
	got := put(t, r, "m", "07", 9)

	origin := NewOrigin("a", 0)
	want := Entry{Dot: Dot{origin, 2}, Clock: NewClock(9, 0), Value: "\x07", Schema: 2}
	if got != (WriteResult{want.Dot, want.Clock}) {
		t.Errorf("got %v, want %v, %v", got, want.Dot, want.Clock)
	}
	if entries := r.View().state.entries("m"); !equalEntries(entries, []Entry{want}) {
		t.Errorf("got %v, want %v", entries, want)
	}
	if v := r.View().Vector(); !v.Equal(Vector{origin: 2, NewOrigin("b", 0): 1}) {
		t.Errorf("got %v, want 2 of a and 1 of b", v)
	}
}

// R4.4: the counters of an origin can be exhausted, and a rollback starts a new origin.
func TestR4_4Exhausted(t *testing.T) {
	r, _ := open(t, "a")
	full := r.View().state.clone()
	full.part = full.with(nil, Vector{NewOrigin("a", 0): counterLimit}, nil)
	r.state.Store(full)
	_, err := r.Put("k", []byte{1}, Label{}, 1)

	wantError(t, err, rejected(ErrExhausted, "6100000000", 0, "at most 9223372036854775807", "9223372036854775808",
		"roll back to begin a new epoch"))
	must[Hash](t)(r.Rollback(r.View().Snapshot()))
	if got := put(t, r, "k", "01", 1); got.Dot != (Dot{NewOrigin("a", 1), 1}) {
		t.Errorf("got %v, want counter 1 in epoch 1", got)
	}
}

// R4.5: siblings are ordered by their bytes, with duplicates. The label is that of the latest put.
func TestR4_5Visible(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b")
	c, _ := open(t, "c")
	must[WriteResult](t)(a.Put("m", []byte{9}, NewLabel("late"), 9))
	must[WriteResult](t)(b.Put("m", []byte{1}, NewLabel("early"), 1))
	put(t, c, "m", "01", 2)
	pull(t, a, b, 9)
	pull(t, a, c, 9)
	read := must[ReadResult](t)(a.View().Get("m"))

	if !slices.Equal(read.Values, []string{"\x01", "\x01", "\x09"}) || read.Label != NewLabel("late") {
		t.Errorf("got %+v, want 01, 01, 09 and the label late", read)
	}
	must[Hash](t)(a.Migrate(2, "r", "a"))
	must[Hash](t)(a.Migrate(1, "r", "a"))
	if read := must[ReadResult](t)(a.View().Get("m")); read.Label.Present || len(read.Values) != 3 {
		t.Errorf("at schema 1: got %+v, want three values and no label", read)
	}
}

// R4.6: a scan returns keys in the order of their bytes, without those that have no visible value.
func TestR4_6Scan(t *testing.T) {
	r, _ := open(t, "a")
	for _, key := range []string{"ka", "k", "kab", "kb", "l", "j", "k\x00", "k\xff"} {
		put(t, r, key, "01", 1)
	}
	must[WriteResult](t)(r.Delete("kab", 2))
	scan := func(prefix string, limit int) (keys []string) {
		for _, pair := range must[[]Pair](t)(r.View().Scan(prefix, limit)) {
			keys = append(keys, pair.Key)
		}
		return keys
	}

	if got := scan("k", 64); !slices.Equal(got, []string{"k", "k\x00", "ka", "kb", "k\xff"}) {
		t.Errorf("got %q, want five keys in the order of their bytes", got)
	}
	if got := scan("k", 2); !slices.Equal(got, []string{"k", "k\x00"}) {
		t.Errorf("got %q, want the first two keys", got)
	}
	if got := scan("", 64); len(got) != 7 {
		t.Errorf("got %q, want seven keys", got)
	}
}

// R4.7: a tick moves the clock and nothing else.
func TestR4_7Tick(t *testing.T) {
	r, _ := open(t, "a")
	before := r.View()
	got := must[Clock](t)(r.Tick(7))

	if got != NewClock(7, 0) || r.View().Local().Clock != got || r.View().state.part != before.state.part {
		t.Errorf("got %v, want 7 with the count 0, and the same part", got)
	}
}

// R4.8, R6.5: diff names the children that differ, also below a leaf.
func TestR4_8Diff(t *testing.T) {
	a, _ := open(t, "a")
	before := a.View().Digest()
	put(t, a, "k", "01", 1)
	equal, children := a.View().Diff(before)

	if want := int(pathOf("k")[0] >> 4); equal || !slices.Equal(children, []int{want}) {
		t.Errorf("got %t, %v, want child %d", equal, children, want)
	}
	if equal, children := a.View().Diff(a.View().Digest()); !equal || children != nil {
		t.Errorf("compared with itself: got %t, %v, want equal", equal, children)
	}
}

// R5.1: the longest prefix decides the policy, and a key without one has the policy last.
func TestR5_1Policies(t *testing.T) {
	rules, err := newRules(members, []PrefixPolicy{{"m", MultiValue}, {"mc", MaxCounter}, {"mcl", LastWriterWins}})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]Policy{"": LastWriterWins, "x": LastWriterWins, "m": MultiValue, "mx": MultiValue, "mc1": MaxCounter, "mcl": LastWriterWins} {
		if got := rules.policies.of(key); got != want {
			t.Errorf("%q: got %v, want %v", key, got, want)
		}
	}
}

// R1.1, R5.1: invalid configurations open no replica, and write nothing.
func TestR1_1InvalidConfigurations(t *testing.T) {
	long := string(make([]byte, 17))
	many := make([]string, 17)
	for i := range many {
		many[i] = string(rune('a' + i))
	}
	for name, config := range map[string]Config{
		"no members":       {Writer: "a", Schema: 1},
		"member twice":     {Writer: "a", Members: []string{"a", "a"}, Schema: 1},
		"member too long":  {Writer: "a", Members: []string{"a", long}, Schema: 1},
		"member empty":     {Writer: "a", Members: []string{"a", ""}, Schema: 1},
		"too many":         {Writer: "a", Members: many, Schema: 1},
		"prefix twice":     {Writer: "a", Members: members, Schema: 1, Policies: []PrefixPolicy{{"x", LastWriterWins}, {"x", MultiValue}}},
		"prefix too long":  {Writer: "a", Members: members, Schema: 1, Policies: []PrefixPolicy{{string(make([]byte, 65)), LastWriterWins}}},
		"too many rules":   {Writer: "a", Members: members, Schema: 1, Policies: make([]PrefixPolicy, 17)},
		"unknown policy":   {Writer: "a", Members: members, Schema: 1, Policies: []PrefixPolicy{{"x", 3}}},
		"no schema":        {Writer: "a", Members: members},
		"schema too large": {Writer: "a", Members: members, Schema: 4},
		"unknown flag":     {Writer: "a", Members: members, Schema: 1, Flag: 3},
	} {
		storage := NewMemory(nil)
		if r, err := Open(storage, config); !errors.Is(err, ErrConfig) || r != nil || len(storage.Bytes()) > 0 {
			t.Errorf("%s: got %v, %v, want %v", name, r, err, ErrConfig)
		}
	}
}
