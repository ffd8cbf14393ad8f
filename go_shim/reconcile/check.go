package reconcile

import "slices"

// A verdict is the result of the checks of R7.5: nil, or the [Error] that rejects the incoming part.
// It has a type of its own, because it counts only after the hook at [StageReceived]. Other errors end the step at once.
type verdict error

// inconsistent rejects an incoming part that breaks R1.7.
func inconsistent(path, expected, got, hint string) error {
	return &Error{Class: ErrInconsistent, Path: path, Expected: expected, Got: got, Hint: hint}
}

// checkHead makes the checks 1 to 3 of R7.5, of what the part says about its sender.
func (in *incoming) checkHead(members []string, now uint64) error {
	if err := checkDrift(in.clock, now); err != nil {
		return err
	}
	for _, named := range []struct {
		path    string
		origins []Origin
	}{
		{"vector", in.vector.origins()},
		{"watermark", in.watermark.origins()},
		{"writer", []Origin{NewOrigin(in.writer, in.epoch)}},
	} {
		for _, origin := range named.origins {
			if writer := origin.Writer(); !slices.Contains(members, writer) {
				return inconsistent(named.path, "a member", hexOf(writer), "the members are fixed")
			}
		}
	}
	if origin, found := in.vector.excess(in.watermark); found {
		return inconsistent("watermark", "at most "+decimal(in.vector[origin]), decimal(in.watermark[origin]),
			"a watermark is a part of the vector")
	}
	return nil
}

// checkName rejects a part if another replica writes under the receiver's name, check 4 of R7.5.
func (in *incoming) checkName(own *state) error {
	for _, origin := range in.vector.origins() {
		if origin.Writer() != own.writer || origin.Epoch() < own.epoch {
			continue
		}
		if counter := in.vector[origin]; counter > own.vector[origin] || origin.Epoch() > own.epoch {
			return inconsistent("vector", "at most "+decimal(own.vector[origin]), decimal(counter),
				"another replica writes under this name")
		}
	}
	return nil
}

// checkEntries makes the checks 6 to 9 of R7.5. All slots pass one check before the next one starts.
func (in *incoming) checkEntries(p policies) error {
	for _, check := range []func(*slot) error{
		in.checkCovered,
		in.checkClocks,
		in.checkCollected,
		func(s *slot) error { return checkNormal(s, p.of(s.key)) },
	} {
		for _, s := range in.slots {
			if err := check(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *incoming) checkCovered(s *slot) error {
	for i, e := range s.entries {
		if !in.vector.Covers(e.Dot) {
			return inconsistent(entryPath(s, i), "a dot that the vector covers", e.Dot.String(), "the vector holds every write")
		}
	}
	return nil
}

func (in *incoming) checkClocks(s *slot) error {
	for i, e := range s.entries {
		if e.Clock > in.clock {
			return inconsistent(entryPath(s, i), "at most "+in.clock.hex(), e.Clock.hex(), "a clock holds every write")
		}
	}
	return nil
}

func (in *incoming) checkCollected(s *slot) error {
	for i, e := range s.entries {
		if e.Kind == Tombstone && in.watermark.Covers(e.Dot) {
			return inconsistent(entryPath(s, i), "no collected tombstone", e.Dot.String(), "collect before writing")
		}
	}
	return nil
}

func checkNormal(s *slot, policy Policy) error {
	if policy == LastWriterWins && len(s.entries) != 1 {
		return inconsistent(keyPath(s.key), "one entry", decimal(len(s.entries)), "policies must agree")
	}
	if policy != MaxCounter {
		return nil
	}
	for i, e := range s.entries {
		if _, ok := countOf(e.Value); !ok && e.Kind == Put {
			return inconsistent(entryPath(s, i), kindUnsigned.String(), kindOf(e.Value[0]).String(), "policies must agree")
		}
	}
	return nil
}

// checkDocument makes all checks of R7.5, of a part that came as a document.
func (in *incoming) checkDocument(r *rules, s *state, now uint64) verdict {
	if err := in.checkHead(r.members, now); err != nil {
		return err
	}
	if err := in.checkName(s); err != nil {
		return err
	}
	if err := in.checkDigest(hashState(newNode(in.slots, 0).hash(), in.vector, in.watermark)); err != nil {
		return err
	}
	if err := in.checkEntries(r.policies); err != nil {
		return err
	}
	return in.checkConflicts(s.part)
}

// checkDigest compares the announced digest with the computed one, check 5 of R7.5.
func (in *incoming) checkDigest(computed Hash) error {
	if in.digest == computed {
		return nil
	}
	return &Error{Class: ErrDigestMismatch, Path: "digest", Expected: hexOf(in.digest[:]), Got: hexOf(computed[:]),
		Hint: "ask again"}
}

// checkConflicts rejects a part if one of its dots names two writes, R5.3.
func (in *incoming) checkConflicts(own *part) error {
	seen := make(map[Dot]bool, len(in.slots))
	for _, s := range in.slots {
		for i := range s.entries {
			e := &s.entries[i]
			key, other := own.find(e.Dot)
			if seen[e.Dot] || other != nil && (key != s.key || !other.equal(e)) {
				return &Error{Class: ErrDotConflict, Path: hexOf(s.key), Expected: "one write for each dot",
					Got: e.Dot.String(), Hint: "two replicas wrote as one"}
			}
			seen[e.Dot] = true
		}
	}
	return nil
}

func keyPath(key string) string { return "/" + decimal(documentEntries) + "/" + hexOf(key) }

// entryPath returns the path of an entry in a document, R11.3.
func entryPath(s *slot, index int) string { return keyPath(s.key) + "/" + decimal(index) }
