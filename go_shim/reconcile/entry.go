package reconcile

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A Kind tells a put from a tombstone.
type Kind uint8

// The kinds of entries, R1.6.
const (
	Put Kind = iota
	Tombstone
)

// A Label is a text that accompanies a value. It may be absent.
type Label struct {
	Text    string // empty if the label is absent
	Present bool
}

// NewLabel returns a label that is present. Its text may be empty.
func NewLabel(text string) Label { return Label{Text: text, Present: true} }

// An Extra is a field of an entry that a later schema defines. The engine keeps and hashes it, and never reads it.
type Extra struct {
	Field uint8
	Item  string // one encoded CBOR item
}

// An Entry is the result of one write, R1.6. Nobody may change an entry.
type Entry struct {
	Dot    Dot
	Clock  Clock
	Kind   Kind
	Value  string // one encoded CBOR item; empty for a tombstone
	Schema uint8
	Label  Label
	Extras []Extra // ascending by field
}

func (e *Entry) equal(f *Entry) bool {
	return e.Dot == f.Dot && e.Clock == f.Clock && e.Kind == f.Kind && e.Value == f.Value &&
		e.Schema == f.Schema && e.Label == f.Label && slices.Equal(e.Extras, f.Extras)
}

// compareWrites compares two writes by (clock, origin, counter).
func (e *Entry) compareWrites(f *Entry) int {
	return cmp.Or(cmp.Compare(e.Clock, f.Clock), e.Dot.compare(f.Dot))
}

func equalEntries(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(e, f Entry) bool { return e.equal(&f) })
}

// findDot returns the entry with that dot, or nil. The entries ascend by dot.
func findDot(entries []Entry, dot Dot) *Entry {
	i, found := slices.BinarySearchFunc(entries, dot, func(e Entry, d Dot) int { return e.Dot.compare(d) })
	if !found {
		return nil
	}
	return &entries[i]
}

// hash returns the hash of an entry under its key, R6.1.
func (e *Entry) hash(key string) Hash {
	var room [512]byte
	b := appendWithLength(appendTag(room[:0], "reconcile/entry"), key)
	b = appendWithLength(b, e.Dot.Origin)
	b = binary.BigEndian.AppendUint64(b, e.Dot.Counter)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Clock))
	b = appendWithLength(append(b, uint8(e.Kind)), e.Value)
	labelled := uint8(0)
	if e.Label.Present {
		labelled = 1
	}
	b = appendWithLength(append(b, e.Schema, labelled), e.Label.Text)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Extras)))
	for _, extra := range e.Extras {
		b = appendWithLength(append(b, extra.Field), extra.Item)
	}
	return hashOf(b)
}
