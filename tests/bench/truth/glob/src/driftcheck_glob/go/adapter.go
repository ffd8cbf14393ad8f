// Command glob is the Go subject of the contract glob: doublestar and gobwas/glob.
package main

import (
	"github.com/bmatcuk/doublestar/v4"
	"github.com/gobwas/glob"

	contract "driftcheck-glob/glob"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

func (adapter) MatchPath(pattern []byte, path string) (bool, error) {
	matches, err := doublestar.Match(string(pattern), path)
	return matches, driftcheck.Library(err)
}

func (adapter) MatchText(pattern []byte, text string) (bool, error) {
	compiled, err := glob.Compile(string(pattern))
	if err != nil {
		return false, driftcheck.Library(err)
	}
	return compiled.Match(text), nil
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
