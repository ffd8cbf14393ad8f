//go:build !v2

// Command json is a Go subject of the contract json: encoding/json, or encoding/json/v2 with the tag v2.
package main

import (
	"encoding/json"

	contract "driftcheck/contracts/json/json"
	driftcheck "driftcheck/sdk"
)

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

func (adapter) DecodeOrder(document []byte) (contract.Order, error) {
	var v order
	if err := json.Unmarshal(document, &v); err != nil {
		return contract.Order{}, driftcheck.Library(err)
	}
	return v.read()
}

func (adapter) EncodeOrder(v contract.Order) ([]byte, error) {
	document, err := json.Marshal(orderOf(v))
	return document, driftcheck.Library(err)
}

func (adapter) Rewrite(document []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		return nil, driftcheck.Library(err)
	}
	document, err := json.Marshal(v)
	return document, driftcheck.Library(err)
}
