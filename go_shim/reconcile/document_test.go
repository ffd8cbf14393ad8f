package reconcile

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// announcing returns a document that announces its right digest.
func announcing(t *testing.T, l layout, schema uint8) []byte {
	t.Helper()
	in, err := readDocument(l.message(schema), acceptedSchemas(schema))
	if err != nil {
		t.Fatal(err)
	}
	sum := hashState(newNode(in.slots, 0).hash(), in.vector, in.watermark)
	return l.with(6, byteString(string(sum[:]))).message(schema)
}

func vectorOf(counters map[Origin]uint64) []byte { return Vector(counters).append(nil) }

// R7.5: each check rejects an incoming part with its detail. The digest is right.
func TestR7_5Checks(t *testing.T) {
	originA, originX := NewOrigin("a", 0), NewOrigin("x", 0)
	underKey := func(key string, entries ...layout) layout {
		l := documentOf(entries...)
		return l.with(5, valueMap(byteString(key), l[5][3:])) // after the map's head and the key "k"
	}
	valid := documentOf(putOf(3))
	dot := "6200000000:1"
	for name, c := range map[string]struct {
		body layout
		want Error
	}{
		"1 drift": {valid.with(2, appendClock(nil, NewClock(61001, 0))),
			rejected(ErrClockDrift, "clock", 0, "at most 61000", "61001", "compare the clocks of the two machines")},
		"2 vector": {valid.with(3, vectorOf(Vector{originB: 5, originX: 1})),
			rejected(ErrInconsistent, "vector", 0, "a member", "78", "the members are fixed")},
		"2 watermark": {valid.with(4, vectorOf(Vector{originX: 1})),
			rejected(ErrInconsistent, "watermark", 0, "a member", "78", "the members are fixed")},
		"2 writer": {valid.with(0, byteString("x")),
			rejected(ErrInconsistent, "writer", 0, "a member", "78", "the members are fixed")},
		"3 watermark": {valid.with(4, vectorOf(Vector{originB: 6})),
			rejected(ErrInconsistent, "watermark", 0, "at most 5", "6", "a watermark is a part of the vector")},
		"3 watermark of nothing": {valid.with(4, vectorOf(Vector{originB: 6, originA: 1})),
			rejected(ErrInconsistent, "watermark", 0, "at most 0", "1", "a watermark is a part of the vector")},
		"6 uncovered": {underKey("m", putOf(3), putOf(3).with(1, number(6))),
			rejected(ErrInconsistent, "/5/6d/1", 0, "a dot that the vector covers", "6200000000:6", "the vector holds every write")},
		"7 clock": {documentOf(putOf(3).with(8, number(1))),
			rejected(ErrInconsistent, "/5/6b/0", 0, "at most 0000000000010000", "0000000000010001", "a clock holds every write")},
		"8 collected": {documentOf(tombstoneOf(3)).with(4, vectorOf(Vector{originB: 1})),
			rejected(ErrInconsistent, "/5/6b/0", 0, "no collected tombstone", dot, "collect before writing")},
		"9 siblings": {documentOf(putOf(3), putOf(3).with(1, number(2))),
			rejected(ErrInconsistent, "/5/6b", 0, "one entry", "2", "policies must agree")},
		"9 no counter": {underKey("c", putOf(3).with(4, []byte{0x20})),
			rejected(ErrInconsistent, "/5/63/0", 0, "unsigned integer", "negative integer", "policies must agree")},
		"4 epoch": {valid.with(3, vectorOf(Vector{originB: 5, NewOrigin("a", 1): 1})),
			rejected(ErrInconsistent, "vector", 0, "at most 0", "1", "another replica writes under this name")},
		"4 counter": {valid.with(3, vectorOf(Vector{originB: 5, originA: 2})),
			rejected(ErrInconsistent, "vector", 0, "at most 1", "2", "another replica writes under this name")},
		"10 conflict": {documentOf(putOf(3)).with(3, vectorOf(Vector{originB: 5})).
			with(5, valueMap(byteString("k"), append([]byte{0x81}, putOf(3).with(0, byteString(string(originA))).encode()...))).
			with(3, vectorOf(Vector{originA: 1})),
			rejected(ErrDotConflict, "6b", 0, "one write for each dot", "6100000000:1", "two replicas wrote as one")},
	} {
		t.Run(name, func(t *testing.T) {
			r, storage := open(t, "a")
			put(t, r, "j", "01", 1)
			before, log := r.View(), storage.Bytes()
			_, err := r.Import(announcing(t, c.body, 3), 1000)

			wantError(t, err, c.want)
			wantSame(t, r.View(), before)
			if !bytes.Equal(storage.Bytes(), log) {
				t.Error("got another log, want no change")
			}
		})
	}
}

// R7.5: the checks have the order of the rule. A part with several faults is rejected for the first of them.
func TestR7_5Order(t *testing.T) {
	r, _ := open(t, "a")
	put(t, r, "j", "01", 1)
	taken := Vector{NewOrigin("a", 0): 9}
	uncovered := []*slot{newSlot("k", []Entry{{Dot: Dot{originB, 1}, Value: "\x01", Schema: 3}})}
	for i, c := range []struct {
		in    incoming
		class Class
		path  string
	}{
		{incoming{clock: NewClock(1e6, 0), vector: Vector{NewOrigin("x", 0): 1}}, ErrClockDrift, "clock"},
		{incoming{vector: Vector{NewOrigin("x", 0): 1}, watermark: Vector{NewOrigin("y", 0): 9}}, ErrInconsistent, "vector"},
		{incoming{watermark: Vector{NewOrigin("y", 0): 9}, writer: "x"}, ErrInconsistent, "watermark"},
		{incoming{watermark: Vector{NewOrigin("b", 0): 9}, writer: "x"}, ErrInconsistent, "writer"},
		{incoming{watermark: Vector{NewOrigin("b", 0): 9}, vector: taken, writer: "b"}, ErrInconsistent, "watermark"},
		{incoming{vector: taken, writer: "b", slots: uncovered}, ErrInconsistent, "vector"},
		{incoming{writer: "b", slots: uncovered}, ErrDigestMismatch, "digest"},
	} {
		err := c.in.checkDocument(r.rules, r.View().state, 1)
		var got *Error
		if !errors.As(err, &got) || got.Class != c.class || got.Path != c.path {
			t.Errorf("%d: got %v, want %v at %q", i, err, c.class, c.path)
		}
	}
}

// R7.5 (5): a document with a wrong digest is rejected, and the audit log says so.
func TestR7_5DigestMismatch(t *testing.T) {
	r, _ := open(t, "a")
	message := documentOf(putOf(3)).message(3)
	in, err := readDocument(message, acceptedSchemas(3))
	if err != nil {
		t.Fatal(err)
	}
	computed := hashState(newNode(in.slots, 0).hash(), in.vector, in.watermark)
	_, err = r.Import(message, 1000)

	wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, strings.Repeat("00", 32), hexOf(computed[:]), "ask again"))
	if records := r.Audit(); len(records) != 1 || records[0].Class != ErrDigestMismatch {
		t.Errorf("got %+v, want one record of class digest_mismatch", records)
	}
}

// R7.4, I14: a replica of either neighbouring schema keeps labels and extras as they were.
func TestR7_4UnknownFieldsAreKept(t *testing.T) {
	for schema := uint8(1); schema <= 3; schema++ {
		document := announcing(t, documentOf(putOf(schema).with(6, appendText(nil, "x")).with(16, []byte{0xf6}).with(63, []byte{0x80})), schema)
		for _, readable := range []uint8{1, 2, 3} {
			r, _ := open(t, "a", atSchema(readable))
			_, err := r.Import(document, 1000)
			if !acceptedSchemas(readable).has(schema) {
				if !errors.Is(err, ErrTooFar) {
					t.Errorf("schema %d reads %d: got %v, want %v", readable, schema, err, ErrTooFar)
				}
				continue
			}
			if err != nil {
				t.Errorf("schema %d reads %d: got %v, want it accepted", readable, schema, err)
				continue
			}
			e := entriesOf(r, "k")[0]
			if e.Label != NewLabel("x") || len(e.Extras) != 2 || e.Schema != 1 {
				t.Errorf("schema %d reads %d: got %+v, want the label, both extras and schema 1", readable, schema, e)
			}
			again, err := readDocument(r.View().Export(), acceptedSchemas(readable))
			if err != nil || !again.slots[0].entries[0].equal(&e) {
				t.Errorf("schema %d reads %d: got %+v, %v, want %+v", readable, schema, again, err, e)
			}
		}
	}
}

// R7.6, I11: a document that is read and written again has the same bytes, with the keys in the order of their encodings.
func TestR7_6Export(t *testing.T) {
	r, _ := open(t, "a")
	for _, key := range []string{"b", "aa", "ab", "c", strings.Repeat("a", 24), strings.Repeat("a", 23)} {
		put(t, r, "k"+key, "01", 1)
	}
	document := r.View().Export()
	in, err := readDocument(document, acceptedSchemas(3))
	if err != nil {
		t.Fatal(err)
	}
	s := &state{part: newPart().with(in.slots, in.vector, in.watermark), writer: "a", clock: in.clock, schema: 3}

	if got := appendDocument(nil, s); !bytes.Equal(got, document) {
		t.Errorf("got %x, want %x", got, document)
	}
}

// R7.7, R7.8, I9: a rollback is exact, also that of a rollback, and starts a new epoch each time.
func TestR7_8Rollback(t *testing.T) {
	r, storage := open(t, "a")
	put(t, r, "k1", "01", 1)
	first := r.View().Snapshot()
	put(t, r, "k1", "02", 2)
	put(t, r, "k2", "03", 3)
	must[WriteResult](t)(r.Delete("k1", 4))
	second := r.View().Snapshot()
	before := second.part.digest
	for i, to := range []Snapshot{first, second, first, first} {
		local := r.View().Local()
		digest := must[Hash](t)(r.Rollback(to))

		if digest != to.part.digest || !equalParts(r.View().state.part, to.part) {
			t.Errorf("rollback %d: got digest %x, want %x", i, digest, to.part.digest)
		}
		if after := r.View().Local(); after.Epoch != local.Epoch+1 || after.Clock != local.Clock {
			t.Errorf("rollback %d: got %+v, want the next epoch of %+v", i, after, local)
		}
		wantSame(t, openOn(t, storage, "a").View(), r.View())
	}
	if got := put(t, r, "k3", "01", 5); got.Dot != (Dot{NewOrigin("a", 4), 1}) {
		t.Errorf("got %v, want counter 1 in epoch 4", got)
	}
	if got := second.Digest(); got != before {
		t.Errorf("got a snapshot with digest %x, want %x", got, before)
	}
}

// R7.8: a rollback to another writer's snapshot is rejected, and one in the last epoch.
func TestR7_8Rejected(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b")
	_, err := a.Rollback(b.View().Snapshot())
	wantError(t, err, rejected(ErrForeignSnapshot, "writer", 0, "61", "62", "roll back to a snapshot of this replica"))

	last := a.View().state.clone()
	last.epoch = math.MaxUint32
	a.state.Store(last)
	_, err = a.Rollback(a.View().Snapshot())
	wantError(t, err, rejected(ErrExhausted, "epoch", 0, "at most 4294967295", "4294967296", ""))
}

// R10.3, I20: a migration back restores the export, byte for byte.
func TestR10_3MigrateAndBack(t *testing.T) {
	r, storage := open(t, "a", atSchema(1))
	put(t, r, "k", "01", 1)
	put(t, r, "m", "01", 1)
	must[WriteResult](t)(r.Delete("k", 2))
	var before [][]byte
	for _, to := range []uint8{2, 3} {
		before = append(before, r.View().Export())
		must[Hash](t)(r.Migrate(to, "up", "a"))
	}
	for _, to := range []uint8{2, 1} {
		must[Hash](t)(r.Migrate(to, "down", "a"))
		if got := r.View().Export(); !bytes.Equal(got, before[to-1]) {
			t.Errorf("schema %d: got %x, want %x", to, got, before[to-1])
		}
	}
	wantSame(t, openOn(t, storage, "a").View(), r.View())
}

// R10.3: a migration to a schema that is no neighbour is rejected.
func TestR10_3TooFar(t *testing.T) {
	for _, c := range []struct {
		from, to uint8
		expected string
	}{{1, 3, "schema 1 to 2"}, {1, 1, "schema 1 to 2"}, {2, 2, "schema 1 to 3"}, {3, 1, "schema 2 to 3"},
		{3, 4, "schema 2 to 3"}, {1, 0, "schema 1 to 2"}, {2, 255, "schema 1 to 3"}} {
		r, _ := open(t, "a", atSchema(c.from))
		_, err := r.Migrate(c.to, "r", "a")
		wantError(t, err, rejected(ErrTooFar, "schema", 0, c.expected, fmt.Sprint("schema ", c.to), "migrate step by step"))
	}
}

// R10.4: the heads equal those that are computed by hand.
func TestR10_4Heads(t *testing.T) {
	r, _ := open(t, "a", atSchema(2))
	got := []Hash{must[Hash](t)(r.Migrate(3, "why", "who")), must[Hash](t)(r.Migrate(2, "back", "w"))}
	first := naiveHash("reconcile/migration", make([]byte, 32), []byte{2, 3}, naiveL("why"), naiveL("who"), []byte{2})
	second := naiveHash("reconcile/migration", first[:], []byte{3, 2}, naiveL("back"), naiveL("w"), []byte{3})

	if got[0] != first || got[1] != second {
		t.Errorf("got %x, want %x, %x", got, first, second)
	}
	if chain := r.View().Local().Migrations; len(chain) != 2 || chain[1] != (Migration{3, 2, "back", "w", 3, second}) {
		t.Errorf("got %+v, want two links, the last with the second head", chain)
	}
}

// R11.4: gc accepts a watermark that all members have acknowledged, and no greater one.
func TestR11_4GC(t *testing.T) {
	a, _ := open(t, "a")
	b, _ := open(t, "b")
	c, _ := open(t, "c")
	origin := NewOrigin("a", 0)
	put(t, a, "k", "01", 1)
	must[WriteResult](t)(a.Delete("k", 2))
	pull(t, b, a, 2)
	pull(t, a, b, 2)
	wantRejected := func(watermark Vector, expected, got string) {
		t.Helper()
		_, err := a.GC(watermark)
		wantError(t, err, rejected(ErrNotAcknowledged, "6100000000", 0, expected, got, "reconcile with all members first"))
	}
	if n := must[uint64](t)(a.GC(nil)); n != 0 || len(a.View().Watermark()) != 0 {
		t.Errorf("before c acknowledged: got %d removed, want 0", n)
	}
	wantRejected(Vector{origin: 1}, "at most 0", "1")
	pull(t, c, b, 2)
	pull(t, a, c, 2)
	wantRejected(Vector{origin: 3, NewOrigin("b", 7): 1}, "at most 2", "3")
	one := Vector{origin: 1}
	if n := must[uint64](t)(a.GC(one)); n != 0 || !a.View().Watermark().Equal(one) {
		t.Errorf("got %d removed, watermark %v, want 0 and the watermark 1", n, a.View().Watermark())
	}
	if n := must[uint64](t)(a.GC(nil)); n != 1 || len(entriesOf(a, "k")) != 0 {
		t.Errorf("got %d removed, want 1", n)
	}
	none := Vector{}
	if n := must[uint64](t)(a.GC(none)); n != 0 || !a.View().Watermark().Equal(Vector{origin: 2}) {
		t.Errorf("got %d removed, watermark %v, want 0 and the watermark 2", n, a.View().Watermark())
	}
}
