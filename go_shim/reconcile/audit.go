package reconcile

import "slices"

const maxAudit = 64

// An Algorithm is a way to reconcile.
type Algorithm string

// The algorithms, R9.2 and R9.3.
const (
	V1 Algorithm = "v1" // the whole document
	V2 Algorithm = "v2" // a walk over digests
)

// A Cost is what an algorithm sent and received, headers included.
type Cost struct {
	Messages, Bytes uint64
}

func (c *Cost) add(message []byte) {
	c.Messages++
	c.Bytes += uint64(len(message))
}

// An Agreement says whether both algorithms came to the same in shadow.
type Agreement uint8

// The agreements; [NotCompared] outside of shadow, and where a fault ended the step.
const (
	NotCompared Agreement = iota
	Agreed
	Disagreed
)

// An AuditRecord tells of one reconcile or import, R9.10.
type AuditRecord struct {
	Operation string // "reconcile" or "import"
	Class     Class  // of the rejection, or zero
	Algorithm Algorithm
	V1, V2    Cost
	Agreement Agreement
}

// audit is the latest records, oldest first.
type audit []AuditRecord

func (a audit) with(record AuditRecord) audit {
	if len(a) == maxAudit {
		a = a[1:]
	}
	return append(slices.Clone(a), record)
}
