// Command semver is a Go subject of the contract semver: Masterminds/semver, or golang.org/x/mod/semver with
// the tag xmod. Masterminds/semver parses strictly, and leniently with the tag loose.
package main

import contract "driftcheck/contracts/semver/semver"

// order converts the result of Compare, which both libraries have, to that of the contract.
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
