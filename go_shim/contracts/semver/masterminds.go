//go:build !xmod

package main

import (
	"strconv"

	"github.com/Masterminds/semver/v3"

	contract "driftcheck/contracts/semver/semver"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

func of(v contract.Version) *semver.Version {
	return semver.New(v.Major, v.Minor, v.Patch, v.Pre, v.Build)
}

func (adapter) Parse(text []byte) (contract.Parsed, error) {
	v, err := read(string(text))
	if err != nil {
		return contract.Parsed{}, driftcheck.Library(err)
	}
	return contract.Parsed{
		Major: strconv.FormatUint(v.Major(), 10),
		Minor: strconv.FormatUint(v.Minor(), 10),
		Patch: strconv.FormatUint(v.Patch(), 10),
		Pre:   v.Prerelease(),
		Build: v.Metadata(),
	}, nil
}

func (adapter) Show(v contract.Version) ([]byte, error) {
	return []byte(of(v).String()), nil
}

func (adapter) Compare(a, b []byte) (contract.Order, error) {
	v, err := semver.StrictNewVersion(string(a))
	if err != nil {
		return 0, driftcheck.Library(err)
	}
	w, err := semver.StrictNewVersion(string(b))
	if err != nil {
		return 0, driftcheck.Library(err)
	}
	return order(v.Compare(w)), nil
}

func (adapter) Matches(requirement []byte, version contract.Version) (bool, error) {
	constraints, err := semver.NewConstraint(string(requirement))
	if err != nil {
		return false, driftcheck.Library(err)
	}
	return constraints.Check(of(version)), nil
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }
