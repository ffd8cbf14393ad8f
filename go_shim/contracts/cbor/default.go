//go:build !strict

package main

import "github.com/fxamacker/cbor/v2"

// The modes of a program that sets no options, but for the order of a map's keys: Go's maps have none, and
// bytes that vary cannot be compared.
var (
	decoder = must(cbor.DecOptions{}.DecMode())
	encoder = must(cbor.EncOptions{Sort: cbor.SortBytewiseLexical}.EncMode())
)
