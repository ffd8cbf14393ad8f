package reconcile

import (
	"iter"
	"maps"
	"math"
	"slices"
)

// merge takes in an incoming part that stood its checks, R5.6 and R5.7.
func (s *state) merge(table policies, own iter.Seq[*slot], in *incoming, now uint64) (*state, MergeResult, error) {
	next := s.clone()
	var result MergeResult
	var tooLarge error
	next.part, result, tooLarge = s.mergeParts(table, own, in)
	if result.Changed {
		var err error
		if next.clock, err = s.clock.receive(in.clock, now); err != nil {
			return nil, MergeResult{}, err
		}
	}
	if tooLarge != nil {
		return nil, MergeResult{}, tooLarge
	}
	if in.writer != s.writer {
		next.acks = maps.Clone(s.acks)
		if next.acks == nil {
			next.acks = make(map[string]Vector)
		}
		next.acks[in.writer] = s.acks[in.writer].join(in.vector)
	}
	return next, result, nil
}

// rollback makes the shared part the snapshot's, in a new epoch, R7.8.
func (s *state) rollback(to Snapshot) (*state, error) {
	if to.writer != s.writer {
		return nil, &Error{Class: ErrForeignSnapshot, Path: "writer", Expected: hexOf(s.writer), Got: hexOf(to.writer),
			Hint: "roll back to a snapshot of this replica"}
	}
	if s.epoch == math.MaxUint32 {
		return nil, &Error{Class: ErrExhausted, Path: "epoch", Expected: "at most 4294967295", Got: "4294967296"}
	}
	next := s.clone()
	next.part = to.part
	next.epoch++
	return next, nil
}

// acknowledged is the greatest watermark that gc takes, R11.4.
func (s *state) acknowledged(r *rules) Vector {
	least := s.vector
	for _, member := range r.members {
		if member != s.writer {
			least = least.meet(s.acks[member])
		}
	}
	return least
}

// gc raises the watermark, and lets go of the tombstones that it covers, R11.4. Nil asks for as much as may be.
func (s *state) gc(r *rules, watermark *Vector) (*state, uint64, error) {
	most := s.acknowledged(r)
	asked := most
	if watermark != nil {
		asked = *watermark
	}
	if origin, found := most.excess(asked); found {
		return nil, 0, &Error{Class: ErrNotAcknowledged, Path: hexOf(origin), Expected: "at most " + decimal(most[origin]),
			Got: decimal(asked[origin]), Hint: "reconcile with all members first"}
	}
	raised := s.watermark.join(asked)
	var gone uint64
	var changed []*slot
	for _, before := range s.collectable(raised) {
		kept := withoutCollected(before.entries, raised)
		gone += uint64(len(before.entries) - len(kept))
		changed = append(changed, newSlot(before.key, kept))
	}
	next := s.clone()
	next.part = s.with(changed, s.vector, raised)
	return next, gone, nil
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
