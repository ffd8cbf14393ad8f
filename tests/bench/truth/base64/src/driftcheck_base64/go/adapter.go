// Command base64 is the Go subject of the contract base64: package encoding/base64.
package main

import (
	contract "driftcheck-base64/base64"
	driftcheck "driftcheck/sdk"
)

type adapter struct{}

func (adapter) Decode(text []byte) ([]byte, error) {
	data, err := padded.DecodeString(string(text))
	return data, driftcheck.Library(err)
}

func (adapter) DecodeUnpadded(text []byte) ([]byte, error) {
	data, err := unpadded.DecodeString(string(text))
	return data, driftcheck.Library(err)
}

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
