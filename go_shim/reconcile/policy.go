package reconcile

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// A Policy says which of several concurrent writes of a key stay, R5.1.
type Policy uint8

// The policies.
const (
	Last    Policy = iota // the last writer wins
	Multi                 // all stay
	Counter               // the greatest number wins
)

func (p Policy) String() string { return [...]string{"last", "multi", "counter"}[p] }

// A Prefix gives the keys that begin with it a policy.
type Prefix struct {
	Prefix string
	Policy Policy
}

// policies is the table, ascending by prefix.
type policies []Prefix

// of gives the policy of a key: that of the longest prefix that it begins with.
func (p policies) of(key string) Policy {
	policy, longest := Last, -1
	for _, rule := range p {
		if len(rule.Prefix) > longest && strings.HasPrefix(key, rule.Prefix) {
			policy, longest = rule.Policy, len(rule.Prefix)
		}
	}
	return policy
}

// table is what replicas of one store must have alike, R9.5.
func (p policies) table(members []string) string {
	b := tagged(nil, "reconcile/table")
	b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
	for _, rule := range p {
		b = append(appendLong(b, rule.Prefix), uint8(rule.Policy))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(members)))
	for _, member := range members {
		b = appendLong(b, member)
	}
	sum := hashOf(b)
	return string(sum[:8])
}

// normal keeps what the normal form of a policy keeps, R5.4. It may use the room of entries.
func (p Policy) normal(entries []Entry) []Entry {
	if p == Multi || len(entries) < 2 {
		return entries
	}
	order := compareLast
	if p == Counter {
		order = compareCounters
	}
	return []Entry{slices.MaxFunc(entries, order)}
}

func compareLast(a, b Entry) int {
	return cmp.Or(a.compareWrites(&b), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Value, b.Value))
}

func compareCounters(a, b Entry) int {
	return cmp.Or(cmp.Compare(numberOf(&a), numberOf(&b)), a.compareWrites(&b))
}

// numberOf gives the number of a counter's entry, -1 of a tombstone.
func numberOf(e *Entry) int64 {
	if n, ok := countOf(e.Value); ok && e.Kind == Put {
		return int64(n)
	}
	return -1
}

// visible gives the values of a key's puts, ordered by their bytes, R4.5.
func visible(entries []Entry) []string {
	var values []string
	for _, e := range entries {
		if e.Kind == Put {
			values = append(values, e.Value)
		}
	}
	slices.Sort(values)
	return values
}

// labelOf gives the label of the latest put, R4.5.
func labelOf(entries []Entry) Label {
	var latest *Entry
	for i := range entries {
		if e := &entries[i]; e.Kind == Put && (latest == nil || latest.compareWrites(e) < 0) {
			latest = e
		}
	}
	if latest == nil {
		return Label{}
	}
	return latest.Label
}
