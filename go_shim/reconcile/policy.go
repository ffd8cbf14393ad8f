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
	LastWriterWins Policy = iota // the latest write stays
	MultiValue                   // all writes stay
	MaxCounter                   // all writes stay, and the greatest number is visible
)

// String returns the name of the policy, R5.1.
func (p Policy) String() string { return [...]string{"last", "multi", "counter"}[p] }

// A PrefixPolicy gives a policy to all keys that start with a prefix.
type PrefixPolicy struct {
	Prefix string
	Policy Policy
}

// policies is the table of a store, ascending by prefix.
type policies []PrefixPolicy

// of returns the policy of a key, which is that of its longest prefix in the table, R5.1.
func (p policies) of(key string) Policy {
	policy, longest := LastWriterWins, -1
	for _, rule := range p {
		if len(rule.Prefix) > longest && strings.HasPrefix(key, rule.Prefix) {
			policy, longest = rule.Policy, len(rule.Prefix)
		}
	}
	return policy
}

// table returns the hash by which two replicas compare their policies and members, R9.5.
func (p policies) table(members []string) string {
	b := appendTag(nil, "reconcile/table")
	b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
	for _, rule := range p {
		b = append(appendWithLength(b, rule.Prefix), uint8(rule.Policy))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(members)))
	for _, member := range members {
		b = appendWithLength(b, member)
	}
	sum := hashOf(b)
	return string(sum[:8])
}

// normal returns the entries that the normal form of a policy keeps, R5.4. All entries of a counter stay.
// If the merge dropped the lesser numbers, its result would depend on the order of merges after a write that
// lowers the number.
func (p Policy) normal(entries []Entry) []Entry {
	if p != LastWriterWins || len(entries) < 2 {
		return entries
	}
	return []Entry{slices.MaxFunc(entries, compareLast)}
}

func compareLast(a, b Entry) int {
	return cmp.Or(a.compareWrites(&b), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
}

// visible returns the values of a key's puts, ordered by their bytes, R4.5.
// For a counter that is the greatest number alone.
func (p Policy) visible(entries []Entry) []string {
	var values []string
	for _, e := range entries {
		if e.Kind == Put {
			values = append(values, e.Value)
		}
	}
	if p == MaxCounter && len(values) > 0 {
		return []string{slices.MaxFunc(values, compareNumbers)}
	}
	slices.Sort(values)
	return values
}

func compareNumbers(a, b string) int {
	n, _ := countOf(a)
	m, _ := countOf(b)
	return cmp.Compare(n, m)
}

// labelOf returns the label of the latest put, R4.5.
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
