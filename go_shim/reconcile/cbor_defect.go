package reconcile

// A defectKind names a row of the table in R2.8.
type defectKind uint8

const (
	defectEnd defectKind = iota
	defectReserved
	defectIndefinite
	defectWide
	defectType
	defectRange
	defectLimit
	defectLength
	defectDepth
	defectUTF8
	defectDuplicate
	defectOrder
	defectField
	defectMissing
	defectTrailing
)

// A defect is the first fault that a reader found in its bytes, R2.8.
type defect struct {
	kind          defectKind
	path          string // R11.3
	offset        int
	expected, got string
}

// fail records a defect at the current path. Only the first one counts.
func (r *reader) fail(kind defectKind, offset int, expected, got string) {
	if r.defect == nil {
		r.defect = &defect{kind, r.path.String(), offset, expected, got}
	}
}

func (r *reader) failEnd(offset int) { r.fail(defectEnd, offset, "a whole item", "the end") }

func (r *reader) failLimit(offset int, lo, hi, got uint64) {
	r.fail(defectLimit, offset, limits(lo, hi), decimal(got))
}

func (r *reader) failRange(offset int, lo, hi string, got string) {
	r.fail(defectRange, offset, lo+" to "+hi, got)
}

func (r *reader) failField(offset int, field uint64) {
	r.fail(defectField, offset, "a field of this layout", "field "+decimal(field))
}

// checkOrder fails unless an item comes after the one before it, R2.5 and R2.6.
// The caller passes how the item before compares with this one.
func (r *reader) checkOrder(offset, comparison int) {
	switch {
	case comparison == 0:
		r.fail(defectDuplicate, offset, "distinct items", "an equal item")
	case comparison > 0:
		r.fail(defectOrder, offset, "ascending order", "a smaller item")
	}
}
