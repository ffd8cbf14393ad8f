// Command semver holds the Go subjects of the contract semver: Masterminds/semver, which parses strictly or,
// with the tag loose, leniently, and golang.org/x/mod/semver with the tag xmod.
package main

import contract "driftcheck/contracts/semver/semver"

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
