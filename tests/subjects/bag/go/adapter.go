// Command bag is the Go subject of the contract bag: it returns the oldest thing first.
package main

import (
	"os"

	"driftcheck/contracts/bag/bag"
	driftcheck "driftcheck/sdk"
)

type subject struct{ things []bag.LabelledOrNumbered }

func open() (bag.Subject, error) { return &subject{}, nil }

func (s *subject) State() bag.Held {
	held := bag.Held{ByPlace: map[string][]bag.LabelledOrNumbered{"bag": s.held()}}
	if n := len(s.things); n > 0 {
		held.Last = s.things[n-1]
	}
	return held
}

func (s *subject) Put(thing bag.LabelledOrNumbered) ([]bag.LabelledOrNumbered, error) {
	if len(s.things) == 3 {
		return nil, bag.Full(s.held())
	}
	s.things = append(s.things, thing)
	return s.held(), nil
}

func (s *subject) Oldest() (bag.LabelledOrNumbered, error) {
	if len(s.things) == 0 {
		return nil, nil
	}
	return s.things[0], nil
}

// held returns the things themselves, and no copy: who gets them must not sort them.
func (s *subject) held() []bag.LabelledOrNumbered {
	if os.Getenv("DRIFTCHECK_BAG") == "forgets" && len(s.things) > 0 {
		return s.things[1:]
	}
	return s.things
}

func init() { driftcheck.Register(bag.Contract(open)) }

func main() {}
