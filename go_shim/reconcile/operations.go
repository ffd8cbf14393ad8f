package reconcile

import "cmp"

// now returns the time that a step sees.
func (r *Replica) now(now uint64) uint64 { return observedTime(r.hooks, now) }

// Put writes a value, which is the encoding of one CBOR item, R4.1. Now is in milliseconds since 1970.
func (r *Replica) Put(key string, value []byte, label Label, now uint64) (WriteResult, error) {
	if !label.Present {
		label = Label{}
	}
	if err := cmp.Or(checkKeyArgument(key), checkText("label", 0, maxLabel, label.Text), checkNow(now)); err != nil {
		return WriteResult{}, err
	}
	item, err := readArgument(value)
	if err != nil {
		return WriteResult{}, err
	}
	return step(r, func(s *state) (*state, WriteResult, error) {
		return s.put(r.rules, key, item, label, r.now(now))
	})
}

// Delete writes a tombstone, R4.2.
func (r *Replica) Delete(key string, now uint64) (WriteResult, error) {
	if err := cmp.Or(checkKeyArgument(key), checkNow(now)); err != nil {
		return WriteResult{}, err
	}
	return step(r, func(s *state) (*state, WriteResult, error) {
		return s.remove(r.rules, key, r.now(now))
	})
}

// Increase adds 1 to 2^63-1 to a counter, and returns its new value, R4.3.
func (r *Replica) Increase(key string, by, now uint64) (uint64, error) {
	if err := cmp.Or(checkKeyArgument(key), checkRange("by", 1, counterLimit, by), checkNow(now)); err != nil {
		return 0, err
	}
	return step(r, func(s *state) (*state, uint64, error) {
		return s.increase(r.rules, key, by, r.now(now))
	})
}

// Tick moves the clock by a local event, and returns the clock, R4.7.
func (r *Replica) Tick(now uint64) (Clock, error) {
	if err := checkNow(now); err != nil {
		return 0, err
	}
	return step(r, func(s *state) (*state, Clock, error) {
		next, err := s.tick(r.now(now))
		if err != nil {
			return nil, 0, err
		}
		return next, next.clock, nil
	})
}

// Rollback makes the shared part that of a snapshot, and returns the new state digest, R7.8.
func (r *Replica) Rollback(to Snapshot) (Hash, error) {
	return step(r, func(s *state) (*state, Hash, error) {
		next, err := s.rollback(to)
		if err != nil {
			return nil, Hash{}, err
		}
		return next, next.digest, nil
	})
}

// GC raises the watermark, removes the tombstones that it covers, and returns how many, R11.4.
// A nil watermark stands for the greatest one that all members acknowledged. An empty one changes nothing.
func (r *Replica) GC(watermark Vector) (uint64, error) {
	return step(r, func(s *state) (*state, uint64, error) {
		return s.gc(r.rules, watermark)
	})
}

// Migrate goes to a neighbouring schema, and returns the head of the chain of migrations, R10.3.
func (r *Replica) Migrate(to uint8, rationale, approver string) (Hash, error) {
	err := cmp.Or(checkText("rationale", 1, maxRationale, rationale), checkText("approver", 1, maxApprover, approver))
	if err != nil {
		return Hash{}, err
	}
	return step(r, func(s *state) (*state, Hash, error) {
		next, err := s.migrate(to, rationale, approver)
		if err != nil {
			return nil, Hash{}, err
		}
		return next, next.head(), nil
	})
}

// SetFlag chooses the algorithm, R4.9.
func (r *Replica) SetFlag(flag Flag) error {
	if err := checkRange("flag", uint64(FlagOff), uint64(FlagOn), uint64(flag)); err != nil {
		return err
	}
	_, err := step(r, func(s *state) (*state, struct{}, error) {
		next := s.clone()
		next.flag = flag
		return next, struct{}{}, nil
	})
	return err
}
