package reconcile

import (
	"encoding/binary"
	"slices"
	"strings"
)

// A slot holds a key with its entries and what the digest tree needs of them. It is never changed.
type slot struct {
	key     string
	entries []Entry // ascending by dot
	path    Hash    // R6.3: two half bytes to each byte
	hash    Hash    // R6.2
}

func newSlot(key string, entries []Entry) *slot {
	return &slot{key: key, entries: entries, path: pathOf(key), hash: hashKey(key, entries)}
}

// pathOf is the path of a key, R6.3.
func pathOf(key string) Hash {
	var room [128]byte
	return hashOf(append(appendTag(room[:0], "reconcile/path"), key...))
}

// hashKey is the hash of a key with its entries, R6.2.
func hashKey(key string, entries []Entry) Hash {
	var room [256]byte
	b := appendWithLength(appendTag(room[:0], "reconcile/key"), key)
	b = binary.BigEndian.AppendUint32(b, uint32(len(entries)))
	for i := range entries {
		sum := entries[i].hash(key)
		b = append(b, sum[:]...)
	}
	return hashOf(b)
}

// branch gives the half byte of the slot's path at a depth.
func (s *slot) branch(depth int) int {
	b := s.path[depth/2]
	if depth%2 == 0 {
		return int(b >> 4)
	}
	return int(b & 15)
}

// under says whether the path of the slot begins with a prefix of half bytes.
func (s *slot) under(prefix string) bool {
	for depth := range len(prefix) {
		if s.branch(depth) != int(prefix[depth]) {
			return false
		}
	}
	return true
}

func sortByKey(slots []*slot) {
	slices.SortFunc(slots, func(a, b *slot) int { return strings.Compare(a.key, b.key) })
}

func sortByEncoding(slots []*slot) {
	slices.SortFunc(slots, func(a, b *slot) int { return compareEncoded(a.key, b.key) })
}
