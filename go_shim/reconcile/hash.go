package reconcile

import (
	"crypto/sha256"
	"encoding/binary"
)

// A Hash is a SHA-256 of the contract.
type Hash [sha256.Size]byte

// appendTag starts the input of a tagged hash: H(tag, x) is the SHA-256 of tag, a zero byte and x.
func appendTag(b []byte, tag string) []byte { return append(append(b, tag...), 0) }

// appendWithLength writes L of the contract: the length as u32 before the bytes.
func appendWithLength[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func hashOf(b []byte) Hash { return sha256.Sum256(b) }

func readHash(r *reader) (h Hash) {
	copy(h[:], r.content(kindBytes, len(h), len(h)))
	return h
}
