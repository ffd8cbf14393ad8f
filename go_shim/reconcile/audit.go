package reconcile

import "slices"

const maxAudit = 64

// An Algorithm is a way to reconcile.
type Algorithm string

// The algorithms, R9.2 and R9.3.
const (
	V1 Algorithm = "v1" // whole documents
	V2 Algorithm = "v2" // a walk over digests
)

// A Cost counts the messages that an algorithm sent and received, and their bytes with headers.
type Cost struct {
	Messages, Bytes uint64
}

func (c *Cost) add(message []byte) {
	c.Messages++
	c.Bytes += uint64(len(message))
}

// An Agreement says whether both algorithms had the same outcome in shadow.
type Agreement uint8

// The agreements. It is [NotCompared] outside of shadow, and if a fault ended the step.
const (
	NotCompared Agreement = iota
	Agreed
	Disagreed
)

// An AuditRecord describes one reconcile or import, R9.10.
type AuditRecord struct {
	Operation string // "reconcile" or "import"
	Class     Class  // of the rejection, or zero
	Algorithm Algorithm
	V1, V2    Cost
	Agreement Agreement
}

// audit holds the latest records, oldest first.
type audit []AuditRecord

func (a audit) with(record AuditRecord) audit {
	if len(a) == maxAudit {
		a = a[1:]
	}
	return append(slices.Clone(a), record)
}
