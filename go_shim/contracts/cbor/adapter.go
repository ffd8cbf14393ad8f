// Command cbor is a Go subject of the contract cbor: fxamacker/cbor with default options, or strict options
// with the tag strict.
package main

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	contract "driftcheck/contracts/cbor/cbor"
	driftcheck "driftcheck/sdk"
)

// reading is the record as a Go programmer would write it for fxamacker/cbor.
type reading struct {
	ID    uint64         `cbor:"id"`
	Delta int64          `cbor:"delta"`
	Value float64        `cbor:"value"`
	Ok    bool           `cbor:"ok"`
	Name  string         `cbor:"name"`
	Blob  []byte         `cbor:"blob"`
	Note  *string        `cbor:"note"`
	At    *point         `cbor:"at"`
	Tags  []string       `cbor:"tags"`
	Codes map[int64]bool `cbor:"codes"`
	Level level          `cbor:"level"`
}

type point struct {
	X float64 `cbor:"x"`
	Y int64   `cbor:"y"`
}

// level travels as its name. Go's enumerations have no names.
type level contract.Level

var levels = map[string]level{
	"LOW":  level(contract.LevelLow),
	"HIGH": level(contract.LevelHigh),
}

func (l level) MarshalCBOR() ([]byte, error) {
	for name, member := range levels {
		if member == l {
			return encoder.Marshal(name)
		}
	}
	return nil, fmt.Errorf("no level %d", l)
}

func (l *level) UnmarshalCBOR(data []byte) error {
	var name string
	if err := decoder.Unmarshal(data, &name); err != nil {
		return err
	}
	member, known := levels[name]
	if !known {
		return fmt.Errorf("no level %q", name)
	}
	*l = member
	return nil
}

func wire(v contract.Reading) reading {
	return reading{
		v.ID, v.Delta, v.Value, v.Ok, v.Name, v.Blob, v.Note, (*point)(v.At), v.Tags, v.Codes,
		level(v.Level),
	}
}

type adapter struct{}

func (adapter) Decode(document []byte) (contract.Reading, error) {
	var v reading
	err := decoder.Unmarshal(document, &v)
	return contract.Reading{
		ID: v.ID, Delta: v.Delta, Value: v.Value, Ok: v.Ok, Name: v.Name, Blob: v.Blob,
		Note: v.Note, At: (*contract.Point)(v.At), Tags: v.Tags, Codes: v.Codes, Level: contract.Level(v.Level),
	}, driftcheck.Library(err)
}

func (adapter) Encode(v contract.Reading) ([]byte, error) {
	document, err := encoder.Marshal(wire(v))
	return document, driftcheck.Library(err)
}

func (adapter) EncodeDeterministic(v contract.Reading) ([]byte, error) {
	document, err := deterministic.Marshal(wire(v))
	return document, driftcheck.Library(err)
}

func (adapter) Rewrite(document []byte) ([]byte, error) {
	var v any
	if err := decoder.Unmarshal(document, &v); err != nil {
		return nil, driftcheck.Library(err)
	}
	rewritten, err := encoder.Marshal(v)
	return rewritten, driftcheck.Library(err)
}

func must[Mode any](mode Mode, err error) Mode {
	if err != nil {
		panic(err)
	}
	return mode
}

var deterministic = must(cbor.CoreDetEncOptions().EncMode())

func init() { driftcheck.Register(contract.Contract(adapter{})) }

func main() {}
