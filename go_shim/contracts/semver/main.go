// Command semver holds the Go subjects of the contract semver: Masterminds/semver, which reads strictly or,
// with the tag loose, leniently, and golang.org/x/mod/semver with the tag xmod.
package main

import (
	"fmt"

	contract "driftcheck/contracts/semver/semver"
)

// text writes a version as both libraries take it.
func text(v contract.Version) string {
	s := fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	if v.Build != "" {
		s += "+" + v.Build
	}
	return s
}

// order turns what both libraries' Compare returns into the contract's word.
func order(sign int) contract.Order {
	switch {
	case sign < 0:
		return contract.OrderLess
	case sign > 0:
		return contract.OrderGreater
	}
	return contract.OrderEqual
}

func main() {}
