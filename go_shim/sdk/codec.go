package driftcheck

import "errors"

// Major types of CBOR (RFC 8949, 3.1), in the upper three bits of a head.
const (
	majorUint  = 0 << 5
	majorNint  = 1 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
	majorOther = 7 << 5
)

const (
	headFalse = majorOther | 20
	headTrue  = majorOther | 21
	headNull  = majorOther | 22
	headFloat = majorOther | 27

	// tagIllFormed marks the bytes of a string that is not UTF-8.
	tagIllFormed = 25699

	canonicalNaN = 0x7ff8000000000000
)

// MaxDepth limits how deep arrays and maps are nested.
const MaxDepth = 64

// Why a [Reader] refuses data. The error of a reader wraps one of these, and adds the byte.
var (
	ErrUnexpected   = errors.New("unexpected item")
	ErrOutOfRange   = errors.New("number out of range")
	ErrWrongLength  = errors.New("array of the wrong length")
	ErrCutShort     = errors.New("the data end too early")
	ErrTrailing     = errors.New("data after the last item")
	ErrNotCanonical = errors.New("not the shortest head of a definite length")
	ErrNotSorted    = errors.New("map key repeated or out of order")
	ErrNotUTF8      = errors.New("text is not UTF-8")
	ErrTooDeep      = errors.New("nested deeper than 64 levels")
)
