// Command json is the Go subject of the contract json: encoding/json.
package main

import (
	"encoding/json"

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

type adapter struct{}

func (adapter) Decode(document []byte) (contract.Item, error) {
	var v item
	err := json.Unmarshal(document, &v)
	return contract.Item(v), driftcheck.Library(err)
}

func (adapter) Encode(v contract.Item) ([]byte, error) {
	document, err := json.Marshal(item(v))
	return document, driftcheck.Library(err)
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
