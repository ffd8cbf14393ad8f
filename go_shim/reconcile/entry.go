package reconcile

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A Kind says whether an entry is a put or a tombstone.
type Kind uint8

// The kinds of entries, R1.6.
const (
	Put Kind = iota
	Tombstone
)

// A Label is a text beside a value, or absent.
type Label struct {
	Text    string
	Present bool
}

// NewLabel gives the label with a text, which may be empty.
func NewLabel(text string) Label { return Label{Text: text, Present: true} }

// An Extra is a field of an entry that a later writer knows: it is kept and hashed, never looked into.
type Extra struct {
	Field uint8
	Item  string // CBOR
}

// An Entry is what one write left, R1.6. Entries are never changed.
type Entry struct {
	Dot    Dot
	Clock  Clock
	Kind   Kind
	Value  string // CBOR; empty of a tombstone
	Schema uint8
	Label  Label
	Extras []Extra // ascending by field
}

func (e *Entry) equal(f *Entry) bool {
	return e.Dot == f.Dot && e.Clock == f.Clock && e.Kind == f.Kind && e.Value == f.Value &&
		e.Schema == f.Schema && e.Label == f.Label && slices.Equal(e.Extras, f.Extras)
}

// compareWrites is the order by (clock, origin, counter).
func (e *Entry) compareWrites(f *Entry) int {
	return cmp.Or(cmp.Compare(e.Clock, f.Clock), e.Dot.compare(f.Dot))
}

func equalEntries(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(e, f Entry) bool { return e.equal(&f) })
}

// findDot gives the entry with that dot, nil where there is none. Entries ascend by dot.
func findDot(entries []Entry, dot Dot) *Entry {
	i, found := slices.BinarySearchFunc(entries, dot, func(e Entry, d Dot) int { return e.Dot.compare(d) })
	if !found {
		return nil
	}
	return &entries[i]
}

// hash is the hash of an entry under its key, R6.1.
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
