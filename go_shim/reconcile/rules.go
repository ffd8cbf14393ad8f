package reconcile

import (
	"cmp"
	"fmt"
	"slices"
)

// rules holds what all replicas of one store have in common.
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

// newRules checks the members and the policies of a store, R1.1 and R5.1.
// Its errors wrap [ErrConfig].
func newRules(members []string, table []PrefixPolicy) (*rules, error) {
	r := &rules{members: slices.Sorted(slices.Values(members)), policies: slices.Clone(table)}
	slices.SortFunc(r.policies, func(a, b PrefixPolicy) int { return cmp.Compare(a.Prefix, b.Prefix) })
	if err := checkMembers(r.members); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := r.policies.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	r.table = r.policies.table(r.members)
	return r, nil
}

func checkMembers(sorted []string) error {
	if n := len(sorted); n < 1 || n > maxMembers {
		return fmt.Errorf("a store has 1 to %d members, got %d", maxMembers, n)
	}
	for i, member := range sorted {
		if n := len(member); n < 1 || n > maxWriter {
			return fmt.Errorf("the name of a member has 1 to %d bytes, got %d in %q", maxWriter, n, member)
		}
		if i > 0 && member == sorted[i-1] {
			return fmt.Errorf("member %q is listed twice", member)
		}
	}
	return nil
}

// check makes the checks of R5.1. The policies are sorted.
func (p policies) check() error {
	if n := len(p); n > maxPolicies {
		return fmt.Errorf("a table has at most %d prefixes, got %d", maxPolicies, n)
	}
	for i, rule := range p {
		if n := len(rule.Prefix); n > maxPrefix {
			return fmt.Errorf("a prefix has at most %d bytes, got %d in %q", maxPrefix, n, rule.Prefix)
		}
		if rule.Policy > MaxCounter {
			return fmt.Errorf("prefix %q has the unknown policy %d", rule.Prefix, uint8(rule.Policy))
		}
		if i > 0 && rule.Prefix == p[i-1].Prefix {
			return fmt.Errorf("prefix %q has two policies", rule.Prefix)
		}
	}
	return nil
}
