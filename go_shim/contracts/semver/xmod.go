//go:build xmod

package main

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/semver"

	contract "driftcheck/contracts/semver/semver"
	driftcheck "driftcheck/sdk"
)

// x/mod requires a v before each version, and the standard forbids it. The adapter adds it to all arguments of
// the library, and removes it from all results.
const prefix = "v"

// errInvalid stands for a false of IsValid, because the library gives no reason.
var errInvalid = errors.New("IsValid is false")

type adapter struct{}

func (adapter) Parse(text []byte) (contract.Parsed, error) {
	v := prefix + string(text)
	if !semver.IsValid(v) {
		return contract.Parsed{}, driftcheck.Library(errInvalid)
	}
	pre := semver.Prerelease(v)
	core := strings.TrimSuffix(strings.TrimPrefix(semver.Canonical(v), prefix), pre)
	numbers := strings.Split(core, ".")
	if len(numbers) != 3 {
		return contract.Parsed{}, driftcheck.Broken("read the canonical form %q: it does not have three numbers", core)
	}
	return contract.Parsed{
		Major: numbers[0],
		Minor: numbers[1],
		Patch: numbers[2],
		Pre:   strings.TrimPrefix(pre, "-"),
		Build: strings.TrimPrefix(semver.Build(v), "+"),
	}, nil
}

// Show returns the canonical form, which is the only one that the library writes.
func (adapter) Show(v contract.Version) ([]byte, error) {
	text := fmt.Sprintf("%s%d.%d.%d", prefix, v.Major, v.Minor, v.Patch)
	if v.Pre != "" {
		text += "-" + v.Pre
	}
	if v.Build != "" {
		text += "+" + v.Build
	}
	return []byte(strings.TrimPrefix(semver.Canonical(text), prefix)), nil
}

func (adapter) Compare(a, b []byte) (contract.Order, error) {
	return order(semver.Compare(prefix+string(a), prefix+string(b))), nil
}

func (adapter) Matches(requirement []byte, version contract.Version) (bool, error) {
	return false, driftcheck.ErrUnsupported // the library has no ranges
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }
