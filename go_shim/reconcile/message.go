package reconcile

import (
	"bytes"
	"encoding/binary"
)

const (
	magic      = "DCR1"
	headerSize = 8
	maxMessage = 256 << 20
)

// The kinds of messages, R7.1.
const (
	kindDocument = iota + 1
	kindRequest
	kindReply
	kindRecord
)

// appendHeader starts a message, R7.1.
func appendHeader(b []byte, kind, schema uint8) []byte {
	return append(append(b, magic...), kind, schema, 0, 0)
}

// readHeader makes the checks of R7.2. It returns the schema of the message and a reader at its body.
func readHeader(message []byte, kind uint8, readable schemaRange) (schema uint8, r *reader, err error) {
	if len(message) < headerSize {
		return 0, nil, &Error{Class: ErrMalformed, Expected: "8 bytes", Got: decimal(len(message)) + " bytes",
			Hint: hintCutShort}
	}
	if len(message) > maxMessage {
		return 0, nil, &Error{Class: ErrTooLarge, Expected: "at most 268435456", Got: decimal(len(message)),
			Hint: hintLimits}
	}
	if !bytes.HasPrefix(message, []byte(magic)) {
		return 0, nil, &Error{Class: ErrMalformed, Path: "magic", Expected: "44435231", Got: hexOf(message[:4]),
			Hint: "this is not a message of this store"}
	}
	if message[4] != kind {
		return 0, nil, &Error{Class: ErrMalformed, Path: "kind", Offset: 4, Expected: decimal(kind),
			Got: decimal(message[4]), Hint: "another message was expected"}
	}
	if schema = message[5]; !readable.has(schema) {
		return 0, nil, &Error{Class: ErrTooFar, Path: "schema", Offset: 5, Expected: readable.String(),
			Got: "schema " + decimal(schema), Hint: "migrate one of the two step by step"}
	}
	if flags := binary.BigEndian.Uint16(message[6:]); flags != 0 {
		return 0, nil, &Error{Class: ErrMalformed, Path: "flags", Offset: 6, Expected: "0", Got: decimal(flags),
			Hint: "written by a later version"}
	}
	r = newReader(message, maxDepth)
	r.pos = headerSize
	return schema, r, nil
}
