package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// entriesOf returns the entries of a key in a replica.
func entriesOf(r *Replica, key string) []Entry { return r.View().state.entries(key) }

// R5.2: an entry that the other side covers and lacks was replaced. An entry that it does not cover is new.
func TestR5_2Merge(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b")
	put(t, a, "m1", "01", 1)
	pull(t, b, a, 1)
	put(t, b, "m1", "02", 2) // replaces the write of a
	put(t, a, "m2", "03", 2) // is unknown to b
	got := pull(t, a, b, 3)

	if !got.Changed || got.Taken != 1 || got.Dropped != 1 || got.Digest != a.View().Digest().State {
		t.Errorf("got %+v, want one entry taken and one dropped", got)
	}
	if e := entriesOf(a, "m1"); len(e) != 1 || e[0].Value != "\x02" {
		t.Errorf("got %v, want the write of b alone", e)
	}
	if e := entriesOf(a, "m2"); len(e) != 1 {
		t.Errorf("got %v, want the write of a", e)
	}
}

// R5.2: a merge equals its definition, entry by entry.
func TestR5_2MergeEntries(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	origins := []Origin{NewOrigin("a", 0), NewOrigin("b", 0)}
	for range 2000 {
		side := func() (entries []Entry, vector Vector) {
			vector = Vector{origins[0]: random.Uint64N(3) + 1, origins[1]: random.Uint64N(3) + 1}
			for _, origin := range origins {
				for counter := uint64(1); counter <= vector[origin]; counter++ {
					if random.IntN(2) == 0 {
						entries = append(entries, Entry{Dot: Dot{origin, counter}})
					}
				}
			}
			return entries, vector
		}
		a, ofA := side()
		b, ofB := side()
		var want []Entry
		for _, origin := range origins {
			for counter := uint64(1); counter < 5; counter++ {
				dot := Dot{origin, counter}
				inA, inB := findDot(a, dot) != nil, findDot(b, dot) != nil
				if inA && inB || inA && !ofB.Covers(dot) || inB && !ofA.Covers(dot) {
					want = append(want, Entry{Dot: dot})
				}
			}
		}
		if got := mergeEntries(a, b, ofA, ofB); !equalEntries(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// R5.4: last keeps the greatest entry by the whole order, and the other policies keep all.
func TestR5_4NormalForm(t *testing.T) {
	base := Entry{Dot: Dot{NewOrigin("a", 0), 1}, Clock: NewClock(5, 0), Value: "\x07"}
	with := func(change func(*Entry)) Entry {
		e := base
		change(&e)
		return e
	}
	later := with(func(e *Entry) { e.Clock++; e.Value = "\x01" })
	other := with(func(e *Entry) { e.Dot.Origin = NewOrigin("b", 0); e.Value = "\x01" })
	second := with(func(e *Entry) { e.Dot.Counter = 2; e.Value = "\x01" })
	gone := with(func(e *Entry) { e.Kind, e.Value = Tombstone, "" })
	zero := with(func(e *Entry) { e.Value = "\x00" })
	for name, c := range map[string]struct {
		policy        Policy
		less, greater Entry
	}{
		"last by clock":   {LastWriterWins, base, later},
		"last by origin":  {LastWriterWins, base, other},
		"last by counter": {LastWriterWins, base, second},
		"last by kind":    {LastWriterWins, base, gone},
		"last by value":   {LastWriterWins, zero, base},
	} {
		for _, both := range [][]Entry{{c.less, c.greater}, {c.greater, c.less}} {
			if got := c.policy.normal(slices.Clone(both)); !equalEntries(got, []Entry{c.greater}) {
				t.Errorf("%s: got %+v, want %+v", name, got, c.greater)
			}
		}
	}
	for _, policy := range []Policy{MultiValue, MaxCounter} {
		if got := policy.normal([]Entry{base, other}); len(got) != 2 {
			t.Errorf("%v: got %v, want both entries", policy, got)
		}
	}
}

// R5.3: one dot names one write. The rejection names the first conflict in the order of keys, then of dots.
func TestR5_3DotConflict(t *testing.T) {
	conflict := func(key string) Error {
		return rejected(ErrDotConflict, hexOf(key), 0, "one write for each dot", "6200000000:1", "two replicas wrote as one")
	}
	for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
		first, _ := open(t, "b")
		second, _ := open(t, "b")
		put(t, first, "k", "01", 1)
		put(t, second, "k", "02", 1)
		elsewhere, _ := open(t, "b")
		put(t, elsewhere, "j", "01", 1)
		r, _ := open(t, "a", withFlag(flag))
		pull(t, r, first, 1)
		before := r.View()

		_, err := r.Reconcile(second.View(), 1)
		wantError(t, err, conflict("k"))
		_, err = r.Reconcile(elsewhere.View(), 1)
		wantError(t, err, conflict("j"))
		wantSame(t, r.View(), before)
		pull(t, r, first, 1)
	}
}

// R5.3: one dot under two keys of one document is a conflict.
func TestR5_3ConflictWithinADocument(t *testing.T) {
	r, _ := open(t, "a")
	e := Entry{Dot: Dot{originB, 1}, Value: "\x07", Schema: 1, Clock: clockOne}
	in := incoming{slots: []*slot{newSlot("j", []Entry{e}), newSlot("k", []Entry{e})}}

	wantError(t, in.checkConflicts(r.View().state.part), rejected(ErrDotConflict, "6b", 0, "one write for each dot",
		"6200000000:1", "two replicas wrote as one"))
}

// R4.5, R5.4: a counter keeps all its entries and reads the greatest.
// So the effect of lowering it does not depend on the order of merges.
func TestR5_4CountersKeepAllEntries(t *testing.T) {
	var totals []uint64
	for _, order := range [][]int{{1, 2}, {2, 1}} {
		var all []*Replica
		for _, member := range members {
			r, _ := open(t, member)
			all = append(all, r)
		}
		must[uint64](t)(all[0].Increase("c", 9, 1))
		pull(t, all[1], all[0], 1)
		pull(t, all[2], all[0], 1)
		put(t, all[1], "c", "03", 2) // lower
		must[uint64](t)(all[2].Increase("c", 1, 2))
		must[WriteResult](t)(all[0].Delete("c", 3))
		for _, i := range order {
			pull(t, all[0], all[i], 3)
		}
		if e := entriesOf(all[0], "c"); len(e) != 3 {
			t.Errorf("got %v, want three entries", e)
		}
		read := must[ReadResult](t)(all[0].View().Get("c"))
		if !slices.Equal(read.Values, []string{"\x0a"}) {
			t.Errorf("got %x, want 0a", read.Values)
		}
		if pairs := must[[]Pair](t)(all[0].View().Scan("c", 1)); !slices.Equal(pairs[0].Values, read.Values) {
			t.Errorf("got %x, want the same values as of get", pairs)
		}
		totals = append(totals, must[uint64](t)(all[0].Increase("c", 2, 4)))
	}
	if !slices.Equal(totals, []uint64{12, 12}) {
		t.Errorf("got %v, want 12 in both orders", totals)
	}
}

// R5.9: a replica writes nothing that is too large for others to read.
func TestR5_9Limits(t *testing.T) {
	many := make(Vector)
	for i := range maxVectorPairs {
		many[NewOrigin("b", uint32(i))] = 1
	}
	a, storage := open(t, "a")
	full := a.View().state.clone()
	full.part = newPart().with(nil, many, nil)
	a.state.Store(full)
	log := storage.Bytes()
	_, err := a.Put("k", []byte{1}, Label{}, 1)
	wantError(t, err, rejected(ErrTooLarge, "vector", 0, "at most 4096", "4097", "check the limits"))

	p := part{tree: &node{count: maxKeys + 1}}
	wantError(t, p.checkLimits(nil), rejected(ErrTooLarge, "entries", 0, "at most 1048576", "1048577", "check the limits"))

	crowd := func(from, to int) *part {
		vector := make(Vector)
		var entries []Entry
		for i := from; i < to; i++ {
			dot := Dot{NewOrigin("b", uint32(i)), 1}
			vector[dot.Origin] = 1
			entries = append(entries, Entry{Dot: dot, Value: "\x01", Schema: 3})
		}
		return newPart().with([]*slot{newSlot("m", entries)}, vector, nil)
	}
	for _, flag := range []Flag{FlagOff, FlagOn} {
		full = a.View().state.clone()
		full.part, full.flag = crowd(0, 200), flag
		a.state.Store(full)
		peer := &state{part: crowd(200, 257), writer: "b", schema: 3}
		_, err = a.Reconcile(View{peer, a.rules}, 1)
		wantError(t, err, rejected(ErrTooLarge, "6d", 0, "at most 256", "257", "check the limits"))
	}
	if string(storage.Bytes()) != string(log) {
		t.Error("got another log, want no change")
	}
}

// R5.5: a watermark that arrives with a merge collects tombstones here too.
func TestR5_5CollectedByMerge(t *testing.T) {
	for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
		a, _ := open(t, "a", withFlag(flag))
		b, _ := open(t, "b")
		c, _ := open(t, "c")
		all := []*Replica{a, b, c}
		put(t, a, "k", "01", 1)
		must[WriteResult](t)(a.Delete("k", 2))
		for range 2 {
			for _, r := range all {
				for _, peer := range all {
					pull(t, r, peer, 2)
				}
			}
		}
		if n := must[uint64](t)(b.GC(nil)); n != 1 {
			t.Fatalf("got %d tombstones removed, want 1", n)
		}
		got := pull(t, a, b, 3)

		if !got.Changed || got.Taken != 0 || got.Dropped != 1 || len(entriesOf(a, "k")) != 0 {
			t.Errorf("got %+v, want one entry dropped", got)
		}
		if got := pull(t, a, c, 3); got.Changed || len(entriesOf(a, "k")) != 0 { // I7
			t.Errorf("a collected tombstone came back: got %+v", got)
		}
	}
}

// R5.5, R5.8: a part changes also if its vector stays the same, or if only its watermark changes.
func TestR5_8Changed(t *testing.T) {
	a, b := newPair(t, 3, 3)
	pull(t, a, b, 1000)
	bare := documentOf().with(2, appendClock(nil, NewClock(1000, 0))).with(3, b.View().Vector().append(nil)).with(5, valueMap())
	got := must[MergeResult](t)(a.Import(announcing(t, bare, 3), 1000))
	if !got.Changed || got.Taken != 0 || got.Dropped != 3 {
		t.Errorf("got %+v, want three entries dropped", got)
	}

	collected := bare.with(4, b.View().Vector().append(nil))
	got = must[MergeResult](t)(a.Import(announcing(t, collected, 3), 1000))
	if !got.Changed || got.Dropped != 0 || !a.View().Watermark().Equal(b.View().Vector()) {
		t.Errorf("got %+v, want a new watermark alone", got)
	}
}

// R5.6, I1: a merge moves the clock only if it changes something.
func TestR5_6Repeated(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b")
	put(t, b, "k", "01", 50)
	pull(t, a, b, 40)
	if got := a.View().Local().Clock; got != NewClock(50, 1) {
		t.Errorf("got %x, want 50 with the count 1", got)
	}
	before := a.View()
	got := pull(t, a, b, 90)

	if got.Changed || got.Taken != 0 || got.Dropped != 0 {
		t.Errorf("got %+v, want nothing changed", got)
	}
	wantSame(t, a.View(), before)
}

// R5.7: the document of another member is an acknowledgement. The replica's own document is not.
func TestR5_7Acknowledgement(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b")
	put(t, a, "k", "01", 1)
	pull(t, a, a, 1)
	if got := a.View().Local().Acknowledgements; len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
	pull(t, a, b, 1)
	if got, found := a.View().Local().Acknowledgements["b"]; !found || len(got) != 0 {
		t.Errorf("got %v, %t, want an empty vector", got, found)
	}
	pull(t, b, a, 1)
	pull(t, a, b, 1)

	if got := a.View().Local().Acknowledgements["b"]; !got.Equal(Vector{NewOrigin("a", 0): 1}) {
		t.Errorf("got %v, want counter 1 of a", got)
	}
}

// R6.1, R6.2, R6.3: hashes of entries with extras and labels equal those of the naive implementation.
func TestR6_1EntryHash(t *testing.T) {
	e := Entry{Dot: Dot{originB, 7}, Clock: clockOne, Value: "\x01", Schema: 2, Label: NewLabel("x"),
		Extras: []Extra{{16, "\xf6"}, {63, "\x01"}}}
	gone := Entry{Dot: Dot{originB, 8}, Clock: clockOne, Kind: Tombstone, Schema: 1}
	entries := []Entry{e, gone}

	if got, want := hashKey("k", entries), naiveKey("k", entries); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
	if got, want := fmt.Sprintf("%x", pathOf("k")), naivePath("k"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// R6.4, R6.6: after any writes and removals, the tree equals one that is built at once, and the naive one.
// That includes leaves that become branches, and branches that become leaves. Older trees stay as they were.
func TestR6_4Incremental(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	rules := &rules{members: members}
	p := newPart()
	view := func(p *part) View { return View{&state{part: p}, rules} }
	for i := range 400 {
		old, before := p, p.digest
		var changed []*slot
		for range random.IntN(6) + 1 {
			key := fmt.Sprint(random.IntN(60))
			if slices.ContainsFunc(changed, func(s *slot) bool { return s.key == key }) {
				continue
			}
			var entries []Entry
			if random.IntN(100) > i/4 {
				entries = []Entry{{Dot: Dot{originB, uint64(i)*10 + uint64(len(changed))}, Value: "\x01"}}
			}
			changed = append(changed, newSlot(key, entries))
		}
		sortByKey(changed)
		p = p.with(changed, Vector{originB: uint64(i + 1)}, nil)
		if want := naiveDigest(view(p)); p.digest != want {
			t.Fatalf("after %d changes: got digest %x, want %x", i, p.digest, want)
		}
		if want := newNode(slices.Collect(p.slots()), 0).hash(); p.tree.hash() != want {
			t.Fatalf("after %d changes: got root %x, want %x", i, p.tree.hash(), want)
		}
		if got := naiveDigest(view(old)); got != before {
			t.Fatalf("the old part changed: got digest %x, want %x", got, before)
		}
		back := p.with(p.difference(old), old.vector, old.watermark)
		if back.digest != before || !equalParts(back, old) {
			t.Fatalf("the difference does not lead back: got digest %x, want %x", back.digest, before)
		}
		entries, dots := 0, 0
		for range p.dots.from("") {
			dots++
		}
		for s := range p.slots() {
			entries += len(s.entries)
			for _, e := range s.entries {
				if key, found := p.find(e.Dot); key != s.key || found == nil || !found.equal(&e) {
					t.Fatalf("dot %v: got key %q, want %q", e.Dot, key, s.key)
				}
			}
		}
		if dots != entries {
			t.Fatalf("got %d dots, want %d", dots, entries)
		}
	}
}

// R6.4: the node at any path covers the keys below it.
func TestR6_4NodeAtPath(t *testing.T) {
	s := filledState(300, 0)
	keys := make(map[string][]Entry)
	for slot := range s.slots() {
		keys[slot.key] = slot.entries
	}
	for path := 0; path < 256; path += 17 {
		prefix := nibblePath("").child(path >> 4).child(path & 15)
		name := fmt.Sprintf("%02x", path)
		for depth := range 3 {
			want := naiveNode(keys, name[:depth])
			if got := s.tree.at(prefix[:depth]).hash(); got != want {
				t.Fatalf("%s: got %x, want %x", name[:depth], got, want)
			}
		}
	}
}

// R6.7, I10: digests are equal exactly if the shared parts are.
func TestR6_7Digest(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b", atSchema(2))
	put(t, a, "k", "01", 1)
	pull(t, b, a, 77)
	if a.View().Digest() != b.View().Digest() {
		t.Error("got different digests for equal parts")
	}
	put(t, b, "k", "01", 78)
	if a.View().Digest().State == b.View().Digest().State {
		t.Error("got equal digests for different parts")
	}
}
