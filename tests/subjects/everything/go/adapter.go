// Command everything is the Go subject of the contract everything: it returns its arguments.
package main

import (
	"fmt"
	"strings"

	"driftcheck/contracts/everything/everything"
	driftcheck "driftcheck/sdk"
)

type echo struct{ kept map[string]uint64 }

type mark struct{ given uint64 }

type page struct{}

func open(name string, n *int64) (everything.Subject[*mark, page], error) {
	if n != nil && *n < 0 {
		return nil, driftcheck.Library(fmt.Errorf("%d", *n))
	}
	kept := map[string]uint64{"zz": 1, "b": uint64(everything.ColourDarkGreen)}
	kept[name] = 2
	return &echo{kept}, nil
}

func (e *echo) State() map[string]uint64 { return e.kept }

func (*echo) Boolean(v bool) (bool, error)                                  { return v, nil }
func (*echo) Signed(v int64) (int64, error)                                 { return v, nil }
func (*echo) Unsigned(v uint64) (uint64, error)                             { return v, nil }
func (*echo) Real(v float64) (float64, error)                               { return v, nil }
func (*echo) RealNanEqual(v float64) (float64, error)                       { return v, nil }
func (*echo) Text(v string) (string, error)                                 { return v, nil }
func (*echo) Raw(v []byte) ([]byte, error)                                  { return v, nil }
func (*echo) Colour(v everything.Colour) (everything.Colour, error)         { return v, nil }
func (*echo) Record(v everything.Drawing) (everything.Drawing, error)       { return v, nil }
func (*echo) Optional(v *[]byte) (*[]byte, error)                           { return v, nil }
func (*echo) Sequence(v [][]string) ([][]string, error)                     { return v, nil }
func (*echo) Unordered(v []string) ([]string, error)                        { return v, nil }
func (*echo) Nested(v map[string]*[]float64) (map[string]*[]float64, error) { return v, nil }
func (*echo) ByInt(v map[int64]uint64) (map[int64]uint64, error)            { return v, nil }
func (*echo) Payload(v []byte) ([]byte, error)                              { return v, nil }

func (*echo) Union(v everything.CircleOrNothing) (everything.CircleOrNothing, error) { return v, nil }

func (*echo) ByText(v map[string]map[bool]int64) (map[string]map[bool]int64, error) { return v, nil }

func (*echo) ByBytes(v map[everything.ByteString]*string) (map[everything.ByteString]*string, error) {
	return v, nil
}

func (*echo) Many(a, b, c, d, e, f, g, h, i, j uint64) ([]uint64, error) {
	return []uint64{a, b, c, d, e, f, g, h, i, j}, nil
}

func (*echo) Import(subject uint64, _ int64) error {
	if subject > 1 {
		return everything.ErrTooMuch
	}
	return nil
}

func (*echo) Refuse(place everything.Place, counts *map[string]uint64) error {
	if counts != nil {
		return everything.Counted(*counts)
	}
	return everything.Elsewhere(place)
}

func (e *echo) Keep(key string, length uint64) (*uint64, error) {
	key += strings.Repeat("x", int(length))
	var before *uint64
	if n, ok := e.kept[key]; ok {
		before = &n
	}
	e.kept[key] = length
	return before, nil
}

func (*echo) Begin() (*mark, error) { return &mark{}, nil }

func (*echo) Turn() (page, error) { return page{}, nil }

func (*echo) End(_, other *mark) (uint64, error) {
	other.given++
	return other.given, nil
}

func (*echo) Both(page, *mark) error { return nil }

func init() { driftcheck.Register(everything.Contract(open)) }

func main() {}
