package reconcile

const (
	hintLayout = "check the layout of this schema"
	hintLimits = "check the limits"
)

// fail reports a fault of R2.8 at the present path, unless there was one before.
func (r *reader) fail(offset int, expected, got, hint string) {
	if r.err == nil {
		r.err = &Error{Class: ErrMalformed, Path: r.path.String(), Offset: uint64(offset),
			Expected: expected, Got: got, Hint: hint}
	}
}

func (r *reader) failEnd(offset int) {
	r.fail(offset, "a whole item", "the end", "the bytes were cut short")
}

func (r *reader) failLimit(offset int, lo, hi, got uint64) {
	r.fail(offset, limits(lo, hi), decimal(got), hintLimits)
}

func (r *reader) failField(offset int, field uint64) {
	r.fail(offset, "a field of this layout", "field "+decimal(field), hintLayout)
}

// checkOrder asks that an item comes after the one before, given how they compare.
func (r *reader) checkOrder(offset, comparison int) {
	switch {
	case comparison == 0:
		r.fail(offset, "distinct items", "an equal item", "write each once")
	case comparison > 0:
		r.fail(offset, "ascending order", "a smaller item", "sort by encoded bytes")
	}
}

func limits(lo, hi uint64) string {
	if lo == 0 {
		return "at most " + decimal(hi)
	}
	return decimal(lo) + " to " + decimal(hi)
}
