package reconcile

// A WriteResult is the result of a write.
type WriteResult struct {
	Dot   Dot
	Clock Clock
}

// put writes a value, R4.1.
func (s *state) put(r *rules, key, value string, label Label, now uint64) (*state, WriteResult, error) {
	if _, ok := countOf(value); !ok && r.policies.of(key) == MaxCounter {
		return nil, WriteResult{}, &Error{Class: ErrWrongKind, Path: "value", Expected: kindUnsigned.String(),
			Got: kindOf(value[0]).String(), Hint: "this prefix holds counters"}
	}
	if label.Present && s.schema == 1 {
		return nil, WriteResult{}, &Error{Class: ErrNeedsSchema, Path: "label", Expected: "schema 2 or later",
			Got: "schema 1", Hint: "migrate before using labels"}
	}
	return s.write(key, Entry{Kind: Put, Value: value, Label: label}, now)
}

// remove writes a tombstone, R4.2.
func (s *state) remove(r *rules, key string, now uint64) (*state, WriteResult, error) {
	if len(r.policies.of(key).visible(s.entries(key))) == 0 {
		return nil, WriteResult{}, absent(key)
	}
	return s.write(key, Entry{Kind: Tombstone}, now)
}

func absent(key string) error {
	return &Error{Class: ErrAbsent, Path: hexOf(key), Expected: "a visible value", Got: "none"}
}

// increase adds to a counter, R4.3.
func (s *state) increase(r *rules, key string, by, now uint64) (*state, uint64, error) {
	if policy := r.policies.of(key); policy != MaxCounter {
		return nil, 0, &Error{Class: ErrWrongKind, Path: hexOf(key), Expected: "a counter", Got: policy.String(),
			Hint: "this prefix does not hold counters"}
	}
	sum := by
	for _, value := range MaxCounter.visible(s.entries(key)) {
		n, _ := countOf(value)
		sum += n
	}
	if sum > counterLimit {
		return nil, 0, &Error{Class: ErrOverflow, Path: hexOf(key), Expected: "at most 9223372036854775807",
			Got: decimal(sum), Hint: "counters do not wrap"}
	}
	next, _, err := s.write(key, Entry{Kind: Put, Value: integer(sum)}, now)
	if err != nil {
		return nil, 0, err
	}
	return next, sum, nil
}

// write gives an entry the next dot and clock, and replaces all entries of its key with it, R4.4.
func (s *state) write(key string, e Entry, now uint64) (*state, WriteResult, error) {
	origin := s.origin()
	if s.vector[origin] == counterLimit {
		return nil, WriteResult{}, &Error{Class: ErrExhausted, Path: hexOf(origin),
			Expected: "at most 9223372036854775807", Got: "9223372036854775808",
			Hint: "roll back to begin a new epoch"}
	}
	next, err := s.tick(now)
	if err != nil {
		return nil, WriteResult{}, err
	}
	e.Dot = Dot{origin, s.vector[origin] + 1}
	e.Clock = next.clock
	e.Schema = s.schema
	changed := []*slot{newSlot(key, []Entry{e})}
	next.part = s.with(changed, s.vector.with(e.Dot), s.watermark)
	if err := next.checkLimits(changed); err != nil {
		return nil, WriteResult{}, err
	}
	return next, WriteResult{e.Dot, e.Clock}, nil
}

// tick moves the clock by a local event, R4.7.
func (s *state) tick(now uint64) (*state, error) {
	clock, err := s.clock.tick(now)
	if err != nil {
		return nil, err
	}
	next := s.clone()
	next.clock = clock
	return next, nil
}
