//go:build v2

package main

import (
	"encoding/json/v2"

	contract "driftcheck/contracts/json/json"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

// sorted writes the names of a map in one order. By default the library chooses a new order for each call,
// so that no program depends on it. Two calls must write the same bytes, or driftcheck could not compare them.
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
