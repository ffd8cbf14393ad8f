package reconcile

// A Class says what kind of rejection an [Error] is. It is an error itself, so that
// errors.Is(err, ErrAbsent) asks for the class.
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

// String gives the name of the class, as in R11.1; the zero class has none.
func (c Class) String() string {
	if int(c) < len(classes) {
		return classes[c].name
	}
	return ""
}

// Error gives the name of the class.
func (c Class) Error() string { return c.String() }

// Retryable says whether the same step may succeed later though nobody changed its arguments.
func (c Class) Retryable() bool { return int(c) < len(classes) && classes[c].retryable }
