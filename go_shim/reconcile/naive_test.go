package reconcile

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// The naive implementation of the digests: section 6, computed from all entries without a tree.

func naiveHash(tag string, parts ...[]byte) Hash {
	return sha256.Sum256(slices.Concat([]byte(tag), []byte{0}, slices.Concat(parts...)))
}

func naiveU32(n int) []byte       { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func naiveL(s string) []byte      { return append(naiveU32(len(s)), s...) }
func naiveU64(n uint64) []byte    { return binary.BigEndian.AppendUint64(nil, n) }
func naiveBytes(h Hash) []byte    { return h[:] }
func naiveVector(v Vector) []byte { return naiveL(string(v.append(nil))) }

func naiveDigest(v View) Hash {
	keys := make(map[string][]Entry)
	for key, entries := range v.Entries() {
		keys[key] = entries
	}
	root := naiveNode(keys, "")
	return naiveHash("reconcile/state", root[:], naiveVector(v.Vector()), naiveVector(v.Watermark()))
}

func naiveNode(keys map[string][]Entry, prefix string) Hash {
	var below []string
	for key := range keys {
		if strings.HasPrefix(naivePath(key), prefix) {
			below = append(below, key)
		}
	}
	slices.Sort(below)
	if len(below) > 16 {
		var parts []byte
		for i := range 16 {
			sum := naiveNode(keys, prefix+"0123456789abcdef"[i:i+1])
			parts = append(parts, sum[:]...)
		}
		return naiveHash("reconcile/branch", parts)
	}
	parts := naiveU32(len(below))
	for _, key := range below {
		parts = slices.Concat(parts, naiveL(key), naiveBytes(naiveKey(key, keys[key])))
	}
	return naiveHash("reconcile/leaf", parts)
}

func naivePath(key string) string {
	sum := naiveHash("reconcile/path", []byte(key))
	return hexOf(sum[:])
}

func naiveKey(key string, entries []Entry) Hash {
	parts := slices.Concat(naiveL(key), naiveU32(len(entries)))
	for _, e := range entries {
		clock := e.Clock.Bytes()
		labelled := byte(0)
		if e.Label.Present {
			labelled = 1
		}
		sum := naiveHash("reconcile/entry", naiveL(key), naiveL(string(e.Dot.Origin)), naiveU64(e.Dot.Counter), clock[:],
			[]byte{byte(e.Kind)}, naiveL(e.Value), []byte{e.Schema, labelled}, naiveL(e.Label.Text),
			[]byte{0, byte(len(e.Extras))}, naiveExtras(e.Extras))
		parts = append(parts, sum[:]...)
	}
	return naiveHash("reconcile/key", parts)
}

func naiveExtras(extras []Extra) (parts []byte) {
	for _, extra := range extras {
		parts = slices.Concat(parts, []byte{extra.Field}, naiveL(extra.Item))
	}
	return parts
}
