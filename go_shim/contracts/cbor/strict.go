//go:build strict

package main

import "github.com/fxamacker/cbor/v2"

// The modes of a program that takes CBOR from strangers: CTAP2's canonical form to write, and what that
// forbids refused, as far as the library can.
var (
	decoder = must(cbor.DecOptions{
		DupMapKey:   cbor.DupMapKeyEnforcedAPF,
		IndefLength: cbor.IndefLengthForbidden,
		TagsMd:      cbor.TagsForbidden,
	}.DecMode())
	encoder = must(cbor.CTAP2EncOptions().EncMode())
)
