package reconcile

import (
	"fmt"
	"slices"
	"strings"
)

// rules is what all replicas of one store have alike.
type rules struct {
	members  []string // ascending
	policies policies
	table    string // R9.5
}

const (
	maxMembers  = 16
	maxPolicies = 16
	maxPrefix   = 64
)

// newRules asks that members and policies are those of a store, R1.1 and R5.1.
func newRules(members []string, table []PrefixPolicy) (*rules, error) {
	r := &rules{members: slices.Sorted(slices.Values(members)), policies: slices.Clone(table)}
	slices.SortFunc(r.policies, func(a, b PrefixPolicy) int { return strings.Compare(a.Prefix, b.Prefix) })
	if n := len(members); n < 1 || n > maxMembers {
		return nil, fmt.Errorf("a store has 1 to %d members, not %d", maxMembers, n)
	}
	for i, member := range r.members {
		if n := len(member); n < 1 || n > maxWriter {
			return nil, fmt.Errorf("a member's name has 1 to %d bytes: %q has %d", maxWriter, member, n)
		}
		if i > 0 && member == r.members[i-1] {
			return nil, fmt.Errorf("member %q is named twice", member)
		}
	}
	if n := len(table); n > maxPolicies {
		return nil, fmt.Errorf("a table has at most %d prefixes, not %d", maxPolicies, n)
	}
	for i, rule := range r.policies {
		if len(rule.Prefix) > maxPrefix {
			return nil, fmt.Errorf("a prefix has at most %d bytes: %q has %d", maxPrefix, rule.Prefix, len(rule.Prefix))
		}
		if rule.Policy > MaxCounter {
			return nil, fmt.Errorf("prefix %q has policy %d, which is none", rule.Prefix, uint8(rule.Policy))
		}
		if i > 0 && rule.Prefix == r.policies[i-1].Prefix {
			return nil, fmt.Errorf("prefix %q has two policies", rule.Prefix)
		}
	}
	r.table = r.policies.table(r.members)
	return r, nil
}
