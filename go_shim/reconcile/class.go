package reconcile

// A Class says what kind of rejection an [Error] is.
// Each class is a sentinel error too: errors.Is(err, ErrAbsent) reports whether err is a rejection of that class.
// The zero Class stands for no rejection, and no function returns it as an error.
type Class uint8

// The classes and their codes, R11.1.
const (
	ErrMalformed Class = iota + 1
	ErrTooLarge
	ErrTooFar
	ErrInconsistent
	ErrDigestMismatch
	ErrDotConflict
	ErrClockDrift
	ErrClockOverflow
	ErrInterrupted
	ErrAbsent
	ErrWrongKind
	ErrOverflow
	ErrExhausted
	ErrNotAcknowledged
	ErrForeignSnapshot
	ErrNeedsSchema
	ErrOtherTable
	ErrCorruptLog
)

var classes = [...]struct {
	name      string
	retryable bool
}{
	ErrMalformed:       {"malformed", false},
	ErrTooLarge:        {"too_large", false},
	ErrTooFar:          {"too_far", false},
	ErrInconsistent:    {"inconsistent", false},
	ErrDigestMismatch:  {"digest_mismatch", true},
	ErrDotConflict:     {"dot_conflict", false},
	ErrClockDrift:      {"clock_drift", true},
	ErrClockOverflow:   {"clock_overflow", true},
	ErrInterrupted:     {"interrupted", true},
	ErrAbsent:          {"absent", false},
	ErrWrongKind:       {"wrong_kind", false},
	ErrOverflow:        {"overflow", false},
	ErrExhausted:       {"exhausted", false},
	ErrNotAcknowledged: {"not_acknowledged", true},
	ErrForeignSnapshot: {"foreign_snapshot", false},
	ErrNeedsSchema:     {"needs_schema", false},
	ErrOtherTable:      {"other_table", false},
	ErrCorruptLog:      {"corrupt_log", false},
}

// String returns the name of the class, R11.1. The zero class has an empty name.
func (c Class) String() string {
	if int(c) < len(classes) {
		return classes[c].name
	}
	return ""
}

// Error returns the name of the class.
func (c Class) Error() string { return c.String() }

// Retryable reports whether the same step may succeed later with the same arguments.
func (c Class) Retryable() bool { return int(c) < len(classes) && classes[c].retryable }
