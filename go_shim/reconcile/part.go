package reconcile

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
)

// A part is the shared part of a replica, R1.7. It is never changed: a step makes another one, which
// shares with it all that the step left alone. So a snapshot is a part that somebody holds.
type part struct {
	tree       *node
	keys       *orderedMap[*slot]  // for what asks in the order of keys
	dots       *orderedMap[string] // the key of each dot
	tombstones *orderedMap[string] // those of them that name tombstones
	vector     Vector
	watermark  Vector
	digest     Hash
}

func newPart() *part { return (&part{}).with(nil, nil, nil) }

// with gives the part whose entries differ from p's at the slots changed, which ascend by key.
// A slot without entries removes its key.
func (p *part) with(changed []*slot, vector, watermark Vector) *part {
	next := &part{tree: p.tree.with(changed, 0), keys: p.keys, dots: p.dots, tombstones: p.tombstones,
		vector: vector, watermark: watermark}
	for _, s := range changed {
		next.index(s)
	}
	next.digest = hashState(next.tree.hash(), vector, watermark)
	return next
}

// index puts a slot in the place of what its key had.
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

// collectable gives the slots with tombstones that a watermark covers, ascending by key.
func (p *part) collectable(watermark Vector) []*slot {
	found := make(map[string]*slot)
	for origin, counter := range watermark {
		last := dotKey(Dot{origin, counter})
		for dot, key := range p.tombstones.from(dotKey(Dot{origin, 1})) {
			if dot > last {
				break
			}
			if len(dot) == len(last) { // else it is of an origin that begins like this one
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

// hashState is the state digest, R6.6: of what is shared and of nothing else, R6.7.
func hashState(root Hash, vector, watermark Vector) Hash {
	var room [512]byte
	b := append(appendTag(room[:0], "reconcile/state"), root[:]...)
	b = appendWithLength(b, vector.append(nil))
	return hashOf(appendWithLength(b, watermark.append(nil)))
}

// entries gives what a key has, ascending by dot.
func (p *part) entries(key string) []Entry {
	s, found := p.keys.get(key)
	if !found {
		return nil
	}
	return s.entries
}

// find gives the entry of a dot and the key under which it stands, nil where there is none.
func (p *part) find(d Dot) (string, *Entry) {
	key, found := p.dots.get(dotKey(d))
	if !found {
		return "", nil
	}
	return key, findDot(p.entries(key), d)
}

// slots gives all keys with their entries, in order.
func (p *part) slots() iter.Seq[*slot] {
	return func(yield func(*slot) bool) {
		for _, s := range p.keys.from("") {
			if !yield(s) {
				return
			}
		}
	}
}

// byEncoding gives all keys with their entries in the order of the keys' encodings.
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

// difference gives the slots that lead from p to another part, ascending by key.
func (p *part) difference(other *part) []*slot {
	before, after := differing(p.tree, other.tree, nil, nil)
	sortByKey(before)
	sortByKey(after)
	var changed []*slot
	for old, replacement := range zip(values(before), after) {
		switch {
		case replacement == nil:
			changed = append(changed, &slot{key: old.key, path: old.path})
		case old == nil || old != replacement && !equalEntries(old.entries, replacement.entries):
			changed = append(changed, replacement)
		}
	}
	return changed
}

// checkLimits asks that a part whose entries changed can be read by others, R5.9.
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
