package reconcile

import (
	"iter"
	"maps"
)

// A MergeResult is the result of a merge, R5.8.
type MergeResult struct {
	Changed bool   // whether the shared part changed
	Taken   uint64 // how many entries the merge added
	Dropped uint64 // how many entries the merge removed
	Digest  Hash   // the state digest after the merge
}

// merge takes in an incoming part that passed its checks, R5.6 and R5.7. Own is as in mergeParts.
func (s *state) merge(table policies, own iter.Seq[*slot], in *incoming, now uint64) (*state, MergeResult, error) {
	merged, result, changed := s.mergeParts(table, own, in)
	next := s.clone()
	next.part = merged
	if result.Changed {
		var err error
		if next.clock, err = s.clock.receive(in.clock, now); err != nil {
			return nil, MergeResult{}, err
		}
		if err := merged.checkLimits(changed); err != nil {
			return nil, MergeResult{}, err
		}
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

// mergeParts merges an incoming part into p, R5.2, R5.4 and R5.5, and returns the slots that changed.
// Own yields the slots of p that may differ from the incoming ones, ascending by key. All others are equal.
func (p *part) mergeParts(table policies, own iter.Seq[*slot], in *incoming) (*part, MergeResult, []*slot) {
	vector, watermark := p.vector.join(in.vector), p.watermark.join(in.watermark)
	var result MergeResult
	var changed []*slot
	for ours, theirs := range zip(own, in.slots) {
		s := mergeSlots(table, ours, theirs, p.vector, in.vector, watermark)
		if s == nil {
			continue
		}
		var before []Entry
		if ours != nil {
			before = ours.entries
		}
		changed = append(changed, s)
		result.Taken += countMissing(before, s.entries)
		result.Dropped += countMissing(s.entries, before)
	}
	result.Changed = len(changed) > 0 || !vector.Equal(p.vector) || !watermark.Equal(p.watermark)
	result.Digest = p.digest
	if !result.Changed {
		return p, result, nil
	}
	merged := p.with(changed, vector, watermark)
	result.Digest = merged.digest
	return merged, result, changed
}

// mergeSlots merges what two sides have of one key. It returns nil if ours stays as it is.
func mergeSlots(table policies, ours, theirs *slot, ourVector, theirVector, watermark Vector) *slot {
	if ours != nil && theirs != nil && equalEntries(ours.entries, theirs.entries) {
		return nil // neither watermark covers a tombstone that both have
	}
	var a, b []Entry
	known := ours
	if ours != nil {
		a = ours.entries
	}
	if theirs != nil {
		b, known = theirs.entries, theirs
	}
	entries := withoutCollected(table.of(known.key).normal(mergeEntries(a, b, ourVector, theirVector)), watermark)
	switch {
	case equalEntries(entries, a):
		return nil
	case len(entries) == 0:
		return known.emptied()
	case theirs != nil && equalEntries(entries, b):
		return theirs
	default:
		return newSlot(known.key, entries)
	}
}

// mergeEntries keeps the entries that both sides have, and those that the other side does not know, R5.2.
func mergeEntries(a, b []Entry, ofA, ofB Vector) []Entry {
	kept := make([]Entry, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = a[0].Dot.compare(b[0].Dot)
		}
		switch {
		case order < 0:
			if !ofB.Covers(a[0].Dot) {
				kept = append(kept, a[0])
			}
			a = a[1:]
		case order > 0:
			if !ofA.Covers(b[0].Dot) {
				kept = append(kept, b[0])
			}
			b = b[1:]
		default:
			kept = append(kept, a[0])
			a, b = a[1:], b[1:]
		}
	}
	return kept
}

// hasCollectable reports whether a watermark covers a tombstone.
func hasCollectable(watermark Vector, entries []Entry) bool {
	for _, e := range entries {
		if e.Kind == Tombstone && watermark.Covers(e.Dot) {
			return true
		}
	}
	return false
}

// withoutCollected returns the entries without the tombstones that a watermark covers, R5.5.
func withoutCollected(entries []Entry, watermark Vector) []Entry {
	if !hasCollectable(watermark, entries) {
		return entries
	}
	var kept []Entry
	for _, e := range entries {
		if e.Kind != Tombstone || !watermark.Covers(e.Dot) {
			kept = append(kept, e)
		}
	}
	return kept
}

// countMissing returns how many entries of b have a dot that is not in a.
func countMissing(a, b []Entry) (n uint64) {
	for _, e := range b {
		if findDot(a, e.Dot) == nil {
			n++
		}
	}
	return n
}
