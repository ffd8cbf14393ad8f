//go:build !strict

package main

import "github.com/fxamacker/cbor/v2"

// The modes of a program that sets no options, except for the order of a map's keys. Go's maps have no order,
// and driftcheck cannot compare bytes that vary.
var (
	decoder = must(cbor.DecOptions{}.DecMode())
	encoder = must(cbor.EncOptions{Sort: cbor.SortBytewiseLexical}.EncMode())
)
