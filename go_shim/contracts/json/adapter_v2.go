//go:build v2

package main

import (
	"encoding/json/v2"

	contract "driftcheck/contracts/json/json"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

// By default the names of a map come in another order each time, so that nothing depends on it. The order
// means nothing; but what is written twice must be the same twice, or nothing else could be told of it.
var sorted = json.Deterministic(true)

func (adapter) Decode(document []byte) (contract.Item, error) {
	var v item
	err := json.Unmarshal(document, &v)
	return contract.Item(v), driftcheck.Library(err)
}

func (adapter) Encode(v contract.Item) ([]byte, error) {
	document, err := json.Marshal(item(v))
	return document, driftcheck.Library(err)
}

func (adapter) DecodeOrder(document []byte) (contract.Order, error) {
	var v order
	if err := json.Unmarshal(document, &v); err != nil {
		return contract.Order{}, driftcheck.Library(err)
	}
	return v.read()
}

func (adapter) EncodeOrder(v contract.Order) ([]byte, error) {
	document, err := json.Marshal(orderOf(v), sorted)
	return document, driftcheck.Library(err)
}

func (adapter) Rewrite(document []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		return nil, driftcheck.Library(err)
	}
	document, err := json.Marshal(v, sorted)
	return document, driftcheck.Library(err)
}
