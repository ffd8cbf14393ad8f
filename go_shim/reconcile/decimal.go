package reconcile

import (
	"encoding/hex"
	"strconv"
)

// decimal gives a number as details of rejections write it.
func decimal[T uint8 | uint16 | uint32 | uint64 | int](n T) string {
	return strconv.FormatUint(uint64(n), 10)
}

// negative gives the decimal of -1-n.
func negative(n uint64) string {
	if n == 1<<64-1 {
		return "-18446744073709551616"
	}
	return "-" + decimal(n+1)
}

// hexOf gives bytes as details of rejections write them.
func hexOf[T ~string | ~[]byte](b T) string { return hex.EncodeToString([]byte(b)) }
