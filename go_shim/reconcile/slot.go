package reconcile

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A slot is a key with its entries, and with the hashes that the digest tree needs. Nobody may change a slot.
type slot struct {
	key     string
	entries []Entry // ascending by dot
	path    Hash    // R6.3: two nibbles in each byte
	hash    Hash    // R6.2
}

func newSlot(key string, entries []Entry) *slot {
	return &slot{key: key, entries: entries, path: pathOf(key), hash: hashKey(key, entries)}
}

// emptied returns the slot without entries, by which a step removes the key.
func (s *slot) emptied() *slot { return &slot{key: s.key, path: s.path} }

// pathOf returns the path of a key, R6.3.
func pathOf(key string) Hash {
	var room [128]byte
	return hashOf(append(appendTag(room[:0], "reconcile/path"), key...))
}

// hashKey returns the hash of a key with its entries, R6.2.
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

// nibble returns the nibble of the slot's path at a depth.
func (s *slot) nibble(depth int) int {
	b := s.path[depth/2]
	if depth%2 == 0 {
		return int(b >> 4)
	}
	return int(b & 15)
}

// isUnder reports whether the slot's path starts with a prefix.
func (s *slot) isUnder(prefix nibblePath) bool {
	for depth := range len(prefix) {
		if s.nibble(depth) != prefix.nibble(depth) {
			return false
		}
	}
	return true
}

func sortByKey(slots []*slot) {
	slices.SortFunc(slots, func(a, b *slot) int { return cmp.Compare(a.key, b.key) })
}

func sortByEncoding(slots []*slot) {
	slices.SortFunc(slots, func(a, b *slot) int { return compareEncoded(a.key, b.key) })
}
