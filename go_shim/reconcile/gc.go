package reconcile

// acknowledged returns the greatest watermark that gc accepts, R11.4.
func (s *state) acknowledged(r *rules) Vector {
	least := s.vector
	for _, member := range r.members {
		if member != s.writer {
			least = least.meet(s.acks[member])
		}
	}
	return least
}

// gc raises the watermark, and removes the tombstones that it covers, R11.4. It returns how many it removed.
// A nil watermark stands for the greatest one that is accepted.
func (s *state) gc(r *rules, watermark Vector) (*state, uint64, error) {
	most := s.acknowledged(r)
	asked := most
	if watermark != nil {
		asked = watermark
	}
	if origin, found := most.excess(asked); found {
		return nil, 0, &Error{Class: ErrNotAcknowledged, Path: hexOf(origin), Expected: "at most " + decimal(most[origin]),
			Got: decimal(asked[origin]), Hint: "reconcile with all members first"}
	}
	raised := s.watermark.join(asked)
	var removed uint64
	var changed []*slot
	for _, before := range s.collectable(raised) {
		kept := withoutCollected(before.entries, raised)
		removed += uint64(len(before.entries) - len(kept))
		changed = append(changed, newSlot(before.key, kept))
	}
	next := s.clone()
	next.part = s.with(changed, s.vector, raised)
	return next, removed, nil
}
