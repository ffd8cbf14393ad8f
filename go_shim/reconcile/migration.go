package reconcile

import "slices"

const (
	maxRationale = 128
	maxApprover  = 32
)

// A Migration is a link in the chain of migrations, R10.4.
type Migration struct {
	From, To            uint8
	Rationale, Approver string
	Rollback            uint8 // the schema to which a migration back leads
	Head                Hash
}

func newMigration(before Hash, from, to uint8, rationale, approver string) Migration {
	m := Migration{From: from, To: to, Rationale: rationale, Approver: approver, Rollback: from}
	m.Head = m.headAfter(before)
	return m
}

// headAfter returns the head of a chain after this link, R10.4.
func (m *Migration) headAfter(before Hash) Hash {
	b := append(appendTag(nil, "reconcile/migration"), before[:]...)
	b = append(b, m.From, m.To)
	b = appendWithLength(appendWithLength(b, m.Rationale), m.Approver)
	return hashOf(append(b, m.Rollback))
}

// head returns the head of the state's chain.
func (s *state) head() Hash {
	if len(s.chain) == 0 {
		return Hash{}
	}
	return s.chain[len(s.chain)-1].Head
}

func (m *Migration) append(b []byte) []byte {
	b = appendHead(b, majorArray, 6)
	b = appendHead(b, majorUnsigned, uint64(m.From))
	b = appendHead(b, majorUnsigned, uint64(m.To))
	b = appendText(appendText(b, m.Rationale), m.Approver)
	b = appendHead(b, majorUnsigned, uint64(m.Rollback))
	return appendBytes(b, m.Head[:])
}

func readMigration(r *reader) Migration {
	var m Migration
	for a := r.openArray(6, 6); a.next(); {
		switch a.index {
		case 0:
			m.From = uint8(r.unsigned(minSchema, maxSchema))
		case 1:
			m.To = uint8(r.unsigned(minSchema, maxSchema))
		case 2:
			m.Rationale = r.text(1, maxRationale)
		case 3:
			m.Approver = r.text(1, maxApprover)
		case 4:
			m.Rollback = uint8(r.unsigned(minSchema, maxSchema))
		case 5:
			m.Head = readHash(r)
		}
	}
	return m
}

// chainEnd checks links that follow a head and a schema, R10.5, and returns the schema to which they lead.
func chainEnd(links []Migration, schema uint8, head Hash) (end uint8, ok bool) {
	for i := range links {
		m := &links[i]
		if m.From != schema || m.Rollback != m.From || m.Head != m.headAfter(head) {
			return 0, false
		}
		schema, head = m.To, m.Head
	}
	return schema, true
}

// migrate goes to a neighbouring schema, R10.3.
func (s *state) migrate(to uint8, rationale, approver string) (*state, error) {
	if readable := acceptedSchemas(s.schema); to == s.schema || !readable.has(to) {
		return nil, &Error{Class: ErrTooFar, Path: "schema", Expected: readable.String(), Got: "schema " + decimal(to),
			Hint: "migrate step by step"}
	}
	next := s.clone()
	next.chain = append(slices.Clip(s.chain), newMigration(s.head(), s.schema, to, rationale, approver))
	next.schema = to
	return next, nil
}
