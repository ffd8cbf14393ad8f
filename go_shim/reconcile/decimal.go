package reconcile

import "strconv"

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
