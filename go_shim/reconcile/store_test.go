package reconcile

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"
)

// The store of most tests has three members. Keys "m…" are multi-value, and keys "c…" are counters.
var (
	members = []string{"a", "b", "c"}
	table   = []PrefixPolicy{{"m", MultiValue}, {"c", MaxCounter}}
)

func open(t testing.TB, writer string, change ...func(*Config)) (*Replica, *Memory) {
	t.Helper()
	storage := NewMemory(nil)
	return openOn(t, storage, writer, change...), storage
}

func openOn(t testing.TB, storage Storage, writer string, change ...func(*Config)) *Replica {
	t.Helper()
	config := Config{Writer: writer, Members: members, Policies: table, Schema: 3}
	for _, c := range change {
		c(&config)
	}
	r, err := Open(storage, config)
	if err != nil {
		t.Fatalf("open %s: %v", writer, err)
	}
	return r
}

func atSchema(schema uint8) func(*Config) { return func(c *Config) { c.Schema = schema } }
func withFlag(flag Flag) func(*Config)    { return func(c *Config) { c.Flag = flag } }
func withHooks(hooks Hooks) func(*Config) { return func(c *Config) { c.Hooks = hooks } }

// must returns the result of a step, and fails the test if the step was rejected.
func must[T any](t testing.TB) func(T, error) T {
	return func(result T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("got %v, want an accepted step", err)
		}
		return result
	}
}

func put(t testing.TB, r *Replica, key, valueHex string, now uint64) WriteResult {
	t.Helper()
	return must[WriteResult](t)(r.Put(key, unhex(t, valueHex), Label{}, now))
}

func pull(t testing.TB, r, peer *Replica, now uint64) MergeResult {
	t.Helper()
	return must[MergeResult](t)(r.Reconcile(peer.View(), now))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rejected(class Class, path string, offset uint64, expected, got, hint string) Error {
	return Error{Class: class, Path: path, Offset: offset, Expected: expected, Got: got, Hint: hint}
}

// wantError compares a rejection with another one in all its fields.
func wantError(t testing.TB, err error, want Error) {
	t.Helper()
	var got *Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want %v", err, &want)
	}
	plain := *got
	plain.cause = nil
	if plain != want {
		t.Errorf("got  %+v\nwant %+v", plain, want)
	}
}

// wantSame fails unless two views have the same state.
func wantSame(t testing.TB, got, want View) {
	t.Helper()
	g, w := got.state, want.state
	if g.digest != w.digest || !equalParts(g.part, w.part) {
		t.Errorf("got a shared part with digest %x, want %x", g.digest, w.digest)
	}
	if g.writer != w.writer || g.epoch != w.epoch || g.clock != w.clock || g.flag != w.flag || g.schema != w.schema {
		t.Errorf("local part:\ngot  %+v\nwant %+v", got.Local(), want.Local())
	}
	if !slices.Equal(g.chain, w.chain) {
		t.Errorf("got chain %v, want %v", g.chain, w.chain)
	}
	for _, member := range members {
		if !g.acks[member].Equal(w.acks[member]) {
			t.Errorf("got acknowledgement %v of %s, want %v", g.acks[member], member, w.acks[member])
		}
	}
}

func equalParts(p, q *part) bool {
	if !p.vector.Equal(q.vector) || !p.watermark.Equal(q.watermark) || p.tree.size() != q.tree.size() {
		return false
	}
	for s := range p.slots() {
		if !equalEntries(s.entries, q.entries(s.key)) {
			return false
		}
	}
	return true
}

// valueMap encodes keys and values as a CBOR map. The caller sorts them.
func valueMap(pairs ...[]byte) []byte {
	b := appendHead(nil, majorMap, uint64(len(pairs)/2))
	return append(b, slices.Concat(pairs...)...)
}

func number(n uint64) []byte     { return appendHead(nil, majorUnsigned, n) }
func byteString(s string) []byte { return appendBytes(nil, s) }
