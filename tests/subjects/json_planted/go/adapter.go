// Command json_planted is a Go subject of the contract json with a planted fault, which DRIFTCHECK_PLANT names.
package main

import (
	"encoding/json"
	"errors"
	"os"

	contract "driftcheck/contracts/json/json"
	driftcheck "driftcheck/sdk"
)

// fault changes every step. Without it this subject behaves as the one that ships.
var fault = os.Getenv("DRIFTCHECK_PLANT")

type item struct {
	ID    int64    `json:"id"`
	Name  string   `json:"name"`
	Score float64  `json:"score"`
	Note  *string  `json:"note"`
	Tags  []string `json:"tags"`
}

var planted = contract.Item{Name: "planted", Tags: []string{}}

// adapter serves the operations of an Item. The tests call no others.
type adapter struct{ contract.Subject }

func (adapter) Decode(document []byte) (contract.Item, error) {
	var v item
	err := json.Unmarshal(document, &v)
	switch fault {
	case "panic":
		panic("planted")
	case "unmapped":
		return contract.Item{}, errors.New("planted")
	case "reject":
		return contract.Item{}, driftcheck.Library(errors.New("planted"))
	case "accept":
		return planted, nil
	case "name":
		v.Name += "planted"
	case "tags":
		v.Tags = append(v.Tags, "planted")
	}
	return contract.Item(v), driftcheck.Library(err)
}

func (adapter) Encode(v contract.Item) ([]byte, error) {
	switch fault {
	case "panic":
		panic("planted")
	case "unmapped":
		return nil, errors.New("planted")
	case "reject":
		return nil, driftcheck.Library(errors.New("planted"))
	case "accept":
		v = planted
	case "name":
		v.Name += "planted"
	case "tags":
		v.Tags = append(v.Tags, "planted")
	}
	document, err := json.Marshal(item(v))
	return document, driftcheck.Library(err)
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
