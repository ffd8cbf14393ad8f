package reconcile

import "math"

const (
	maxDepth      = 16 // R2.3
	maxValueDepth = 12 // R2.2
	maxValue      = 1024
)

const (
	valueKinds = kindUnsigned | kindNegative | kindBytes | kindText | kindArray | kindMap | kindFalse | kindTrue // R2.2
	extraKinds = valueKinds | kindNull                                                                           // R2.1
)

var (
	valueRule = itemRule{valueKinds, math.MaxInt64, kindText}    // R2.2
	extraRule = itemRule{extraKinds, math.MaxUint64, extraKinds} // R2.1
)

// readValue reads a value, R2.2, and returns its encoding.
func readValue(r *reader) string { return string(r.item(valueRule)) }

// readExtra reads any allowed item, R2.1, and returns its encoding.
func readExtra(r *reader) string { return string(r.item(extraRule)) }

// readArgument reads the value that a put was given, R2.7 and R4.1. The value is a body of its own.
func readArgument(value []byte) (string, error) {
	if len(value) > maxValue {
		return "", &Error{Class: ErrTooLarge, Path: "value", Expected: "at most 1024",
			Got: decimal(len(value)), Hint: hintLimits}
	}
	r := newReader(value, maxValueDepth)
	v := readValue(r)
	r.end()
	return v, malformed(r.defect)
}

// countOf returns the number that a value holds; ok is false unless it is an integer from 0 up.
func countOf(value string) (n uint64, ok bool) {
	r := newReader([]byte(value), maxValueDepth)
	n = r.unsigned(0, math.MaxInt64)
	return n, r.defect == nil
}

// integer encodes a number as a value.
func integer(n uint64) string { return string(appendHead(nil, majorUnsigned, n)) }
