package reconcile

import "math"

// rollback makes the shared part that of a snapshot, in a new epoch, R7.8.
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
