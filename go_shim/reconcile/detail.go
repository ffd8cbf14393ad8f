package reconcile

import (
	"encoding/hex"
	"strconv"
)

// decimal formats a number for the detail of a rejection.
func decimal[T uint8 | uint16 | uint32 | uint64 | int](n T) string {
	return strconv.FormatUint(uint64(n), 10)
}

// negative formats the number -1-n, which is how CBOR encodes negative integers.
func negative(n uint64) string {
	if n == 1<<64-1 {
		return "-18446744073709551616"
	}
	return "-" + decimal(n+1)
}

// hexOf formats bytes for the detail of a rejection.
func hexOf[T ~string | ~[]byte](b T) string { return hex.EncodeToString([]byte(b)) }

// limits formats the bounds of a length.
func limits(lo, hi uint64) string {
	if lo == 0 {
		return "at most " + decimal(hi)
	}
	return decimal(lo) + " to " + decimal(hi)
}
