// Command unruly is the Go subject of the contract unruly: it misbehaves as its arguments say.
package main

import (
	"errors"
	"strings"

	"driftcheck/contracts/unruly/unruly"
	driftcheck "driftcheck/sdk"
)

const (
	text      = "on request"
	illFormed = "not \xff UTF-8"
	tooLarge  = 1 << 40
)

var long = strings.Repeat(text, 400_000)

type subject struct {
	when   unruly.When
	length uint64
	states int
	spoilt bool
}

type token struct{}

func open(when unruly.When, length uint64) (unruly.Subject[token], error) {
	switch when {
	case unruly.WhenOpen:
		panic(text)
	case unruly.WhenRefused:
		return nil, unruly.ErrRefused
	case unruly.WhenLibrary:
		return nil, driftcheck.Library(errors.New(text))
	}
	return &subject{when: when, length: length}, nil
}

func (s *subject) State() []byte {
	s.states++
	if s.spoilt || s.states == 1 && s.when == unruly.WhenFirstState || s.states == 2 && s.when == unruly.WhenSecondState {
		panic(text)
	}
	if s.length == tooLarge {
		return make([]byte, 9<<20)
	}
	return make([]byte, s.length%6000)
}

func (s *subject) Drop() {
	if s.when == unruly.WhenDrop {
		panic(text)
	}
}

func (*subject) Do(how unruly.How) error { return end(how) }

func (s *subject) Grow(length uint64) error {
	s.length = length
	return nil
}

func (s *subject) Spoil() error {
	s.spoilt = true
	return nil
}

func (*subject) Text() (string, error) { return illFormed, nil }

func (*subject) Make() (token, error) { return token{}, nil }

func (*subject) Use(token) error { return nil }

func (*subject) Close(_ token, how unruly.How) error { return end(how) }

func (*subject) CloseBoth(_, _ token, how unruly.How) (token, error) { return token{}, end(how) }

func end(how unruly.How) error {
	switch how {
	case unruly.HowRefused:
		return unruly.ErrRefused
	case unruly.HowUndeclared:
		return unruly.ErrUndeclared
	case unruly.HowLibrary:
		return driftcheck.Library(errors.New(text))
	case unruly.HowUnmapped:
		return errors.New(text)
	case unruly.HowUnsupported:
		return driftcheck.ErrUnsupported
	case unruly.HowBroken:
		return driftcheck.Broken(text)
	case unruly.HowPanic:
		panic(text)
	case unruly.HowLibraryIllFormed:
		return driftcheck.Library(errors.New(illFormed))
	case unruly.HowUnmappedIllFormed:
		return errors.New(illFormed)
	case unruly.HowBrokenIllFormed:
		return driftcheck.Broken(illFormed)
	case unruly.HowPanicIllFormed:
		panic(text + illFormed)
	case unruly.HowLibraryLong:
		return driftcheck.Library(errors.New(long))
	case unruly.HowUnmappedLong:
		return errors.New(long)
	case unruly.HowBrokenLong:
		return driftcheck.Broken("%s", long)
	case unruly.HowPanicLong:
		panic(long)
	}
	return nil
}

func init() { driftcheck.Register(unruly.Contract(open)) }

func main() {}
