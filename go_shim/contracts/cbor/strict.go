//go:build strict

package main

import "github.com/fxamacker/cbor/v2"

// The modes of a program that reads CBOR from strangers. It writes CTAP2's canonical form, and refuses what
// that form forbids, as far as the library has an option for it.
var (
	decoder = must(cbor.DecOptions{
		DupMapKey:   cbor.DupMapKeyEnforcedAPF,
		IndefLength: cbor.IndefLengthForbidden,
		TagsMd:      cbor.TagsForbidden,
	}.DecMode())
	encoder = must(cbor.CTAP2EncOptions().EncMode())
)
