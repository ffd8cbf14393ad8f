package reconcile

import "unicode/utf8"

// checkLimit rejects an argument whose size is out of bounds. A step makes this check before all others, section 4.
func checkLimit(path string, lo, hi, size int) error {
	if size >= lo && size <= hi {
		return nil
	}
	got := decimal(uint64(max(size, 0)))
	if size < 0 {
		got = negative(uint64(-1 - size))
	}
	return &Error{Class: ErrMalformed, Path: path, Expected: limits(uint64(lo), uint64(hi)), Got: got, Hint: hintLimits}
}

// checkKeyArgument rejects a key of the wrong length, R1.5.
func checkKeyArgument(key string) error { return checkLimit("key", 1, maxKey, len(key)) }

func checkText(path string, lo, hi int, text string) error {
	if err := checkLimit(path, lo, hi, len(text)); err != nil {
		return err
	}
	if !utf8.ValidString(text) {
		bad := invalidUTF8([]byte(text))
		return &Error{Class: ErrMalformed, Path: path, Offset: uint64(bad), Expected: "UTF-8",
			Got: "byte " + hexOf(text[bad:bad+1]), Hint: hintUTF8}
	}
	return nil
}

const maxScan = 64

func checkScan(prefix string, limit int) error {
	if err := checkLimit("prefix", 0, maxPrefix, len(prefix)); err != nil {
		return err
	}
	return checkLimit("limit", 1, maxScan, limit)
}

// checkRange rejects a number that is out of bounds, section 4.
func checkRange(path string, lo, hi, n uint64) error {
	if n >= lo && n <= hi {
		return nil
	}
	return &Error{Class: ErrMalformed, Path: path, Expected: decimal(lo) + " to " + decimal(hi), Got: decimal(n),
		Hint: hintLimits}
}

// checkNow rejects a time that is out of bounds, R3.2.
func checkNow(now uint64) error { return checkRange("now", 0, maxPhysical, now) }
