package reconcile

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
)

// A part is the shared part of a replica, R1.7. Nobody may change a part: a step makes a new one.
// The new part shares with the old one all that the step left alone, so a snapshot is a reference to a part.
type part struct {
	tree       *node
	keys       *orderedMap[*slot]  // by key
	dots       *orderedMap[string] // the key of each dot
	tombstones *orderedMap[string] // the key of each dot that names a tombstone
	vector     Vector
	watermark  Vector
	digest     Hash
}

func newPart() *part { return (&part{}).with(nil, nil, nil) }

// with returns the part with the changed slots in it, which ascend by key. A slot without entries removes its key.
func (p *part) with(changed []*slot, vector, watermark Vector) *part {
	next := &part{tree: p.tree.with(changed, 0), keys: p.keys, dots: p.dots, tombstones: p.tombstones,
		vector: vector, watermark: watermark}
	for _, s := range changed {
		next.index(s)
	}
	next.digest = hashState(next.tree.hash(), vector, watermark)
	return next
}

// index replaces what the indexes hold for the slot's key.
func (p *part) index(s *slot) {
	for _, e := range p.entries(s.key) {
		p.dots = p.dots.without(dotKey(e.Dot))
		if e.Kind == Tombstone {
			p.tombstones = p.tombstones.without(dotKey(e.Dot))
		}
	}
	if len(s.entries) == 0 {
		p.keys = p.keys.without(s.key)
		return
	}
	p.keys = p.keys.with(s.key, s)
	for _, e := range s.entries {
		p.dots = p.dots.with(dotKey(e.Dot), s.key)
		if e.Kind == Tombstone {
			p.tombstones = p.tombstones.with(dotKey(e.Dot), s.key)
		}
	}
}

// collectable returns the slots with tombstones that a watermark covers, ascending by key.
func (p *part) collectable(watermark Vector) []*slot {
	found := make(map[string]*slot)
	for origin, counter := range watermark {
		last := dotKey(Dot{origin, counter})
		for dot, key := range p.tombstones.from(dotKey(Dot{origin, 1})) {
			if dot > last {
				break
			}
			if len(dot) == len(last) { // otherwise the dot has a longer origin that starts with this one
				found[key], _ = p.keys.get(key)
			}
		}
	}
	slots := slices.Collect(maps.Values(found))
	sortByKey(slots)
	return slots
}

func dotKey(d Dot) string {
	return string(binary.BigEndian.AppendUint64([]byte(d.Origin), d.Counter))
}

// hashState returns the state digest, R6.6. It covers the shared part and nothing else, R6.7.
func hashState(root Hash, vector, watermark Vector) Hash {
	var room [512]byte
	b := append(appendTag(room[:0], "reconcile/state"), root[:]...)
	b = appendWithLength(b, vector.append(nil))
	return hashOf(appendWithLength(b, watermark.append(nil)))
}

// entries returns the entries of a key, ascending by dot.
func (p *part) entries(key string) []Entry {
	s, found := p.keys.get(key)
	if !found {
		return nil
	}
	return s.entries
}

// find returns the entry of a dot with its key, or nil.
func (p *part) find(d Dot) (string, *Entry) {
	key, found := p.dots.get(dotKey(d))
	if !found {
		return "", nil
	}
	return key, findDot(p.entries(key), d)
}

// slots yields all keys with their entries, in order.
func (p *part) slots() iter.Seq[*slot] {
	return func(yield func(*slot) bool) {
		for _, s := range p.keys.from("") {
			if !yield(s) {
				return
			}
		}
	}
}

// byEncoding returns all keys with their entries, in the order of the keys' encodings.
func (p *part) byEncoding() []*slot {
	var byLength [maxKey + 1][]*slot
	for s := range p.slots() {
		byLength[len(s.key)] = append(byLength[len(s.key)], s)
	}
	slots := make([]*slot, 0, p.tree.size())
	for _, some := range byLength {
		slots = append(slots, some...)
	}
	return slots
}

// difference returns the slots that turn p into another part, ascending by key.
func (p *part) difference(other *part) []*slot {
	before, after := differing(p.tree, other.tree, nil, nil)
	sortByKey(before)
	sortByKey(after)
	var changed []*slot
	for old, replacement := range zip(slices.Values(before), after) {
		switch {
		case replacement == nil:
			changed = append(changed, old.emptied())
		case old == nil || old != replacement && !equalEntries(old.entries, replacement.entries):
			changed = append(changed, replacement)
		}
	}
	return changed
}

// checkLimits rejects a part that is too large for others to read, R5.9. Only the changed slots may be too large.
func (p *part) checkLimits(changed []*slot) error {
	if n := len(p.vector); n > maxVectorPairs {
		return tooLarge("vector", maxVectorPairs, n)
	}
	if n := p.tree.size(); n > maxKeys {
		return tooLarge("entries", maxKeys, n)
	}
	for _, s := range changed {
		if n := len(s.entries); n > maxEntries {
			return tooLarge(hexOf(s.key), maxEntries, n)
		}
	}
	return nil
}

func tooLarge(path string, limit, got int) error {
	return &Error{Class: ErrTooLarge, Path: path, Expected: "at most " + decimal(limit), Got: decimal(got), Hint: hintLimits}
}
