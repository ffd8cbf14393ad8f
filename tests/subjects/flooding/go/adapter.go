// Command flooding is the subject of the contract flooding, right or wrong in very many ways.
package main

import (
	"errors"
	"fmt"
	"os"

	"driftcheck/contracts/flooding/flooding"
	driftcheck "driftcheck/sdk"
)

// isWrong says whether the host was asked for the wrong ways.
var isWrong = os.Getenv("DRIFTCHECK_FLOOD") != ""

var bugs = [...]string{
	"the table is missing",
	"an odd number of quotes",
	"no room for more",
	"a comma is expected",
	"the end comes too early",
	"nested too deeply",
	"out of order",
	"this was seen before",
	"not a letter",
	"the sum is wrong",
}

type subject struct{}

func (subject) Quote(word string, number int64) (bool, error) {
	if isWrong && word != "" {
		panic(fmt.Sprintf("cannot read %s, which is %q or %v, at %d", word, word, []byte(word), number))
	}
	return true, nil
}

func (subject) Refuse(bug uint64, word string) (bool, error) {
	if isWrong && word != "" {
		return false, driftcheck.Library(errors.New(bugs[bug]))
	}
	return true, nil
}

func (subject) Panics(bug uint64, word string) (bool, error) {
	if isWrong && word != "" {
		panic(bugs[bug])
	}
	return true, nil
}

func init() { driftcheck.Register(flooding.Contract(subject{})) }

func main() {}
