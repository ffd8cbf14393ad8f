package main

import (
	"fmt"

	contract "driftcheck/contracts/json/json"
	driftcheck "driftcheck/sdk"
)

// item is the record as a Go programmer would write it for encoding/json.
type item struct {
	ID    int64    `json:"id"`
	Name  string   `json:"name"`
	Score float64  `json:"score"`
	Note  *string  `json:"note"`
	Tags  []string `json:"tags"`
}

type order struct {
	Version uint8             `json:"version"`
	Status  status            `json:"status"`
	Gift    bool              `json:"gift"`
	Number  uint64            `json:"number"`
	Token   []byte            `json:"token"`
	Home    place             `json:"home"`
	Office  *place            `json:"office"`
	Stops   []place           `json:"stops"`
	Labels  map[string]string `json:"labels"`
	Stock   map[int32]uint8   `json:"stock"`
}

type place struct {
	Street string `json:"street"`
	Floor  int8   `json:"floor"`
}

// status travels as the name of its value.
type status contract.Status

var statuses = []string{contract.StatusOpen: "OPEN", contract.StatusPaid: "PAID", contract.StatusSent: "SENT"}

func (s status) MarshalText() ([]byte, error) { return []byte(statuses[s]), nil }

func (s *status) UnmarshalText(text []byte) error {
	for value, name := range statuses {
		if name == string(text) {
			*s = status(value)
			return nil
		}
	}
	return fmt.Errorf("%q is no status", text)
}

const latest = 3 // the newest known version of an order

// read converts an order that a library has read to the order of the contract.
func (o order) read() (contract.Order, error) {
	if o.Version < 1 || o.Version > latest {
		return contract.Order{}, contract.ErrMalformed
	}
	v := contract.Order{
		Version: uint64(o.Version),
		Status:  contract.Status(o.Status),
		Gift:    o.Gift,
		Number:  o.Number,
		Token:   o.Token,
		Home:    o.Home.read(),
		Labels:  o.Labels,
		Stock:   make(map[int64]uint64, len(o.Stock)),
	}
	if o.Office != nil {
		office := o.Office.read()
		v.Office = &office
	}
	for _, stop := range o.Stops {
		v.Stops = append(v.Stops, stop.read())
	}
	for number, count := range o.Stock {
		v.Stock[int64(number)] = uint64(count)
	}
	return v, nil
}

func (p place) read() contract.Place { return contract.Place{Street: p.Street, Floor: int64(p.Floor)} }

// orderOf converts an order of the contract to one that a library writes. All its numbers fit.
func orderOf(v contract.Order) order {
	o := order{
		Version: uint8(v.Version),
		Status:  status(v.Status),
		Gift:    v.Gift,
		Number:  v.Number,
		Token:   v.Token,
		Home:    placeOf(v.Home),
		Stops:   make([]place, len(v.Stops)),
		Labels:  v.Labels,
		Stock:   make(map[int32]uint8, len(v.Stock)),
	}
	if v.Office != nil {
		office := placeOf(*v.Office)
		o.Office = &office
	}
	for i, stop := range v.Stops {
		o.Stops[i] = placeOf(stop)
	}
	for number, count := range v.Stock {
		o.Stock[int32(number)] = uint8(count)
	}
	return o
}

func placeOf(v contract.Place) place { return place{Street: v.Street, Floor: int8(v.Floor)} }

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
