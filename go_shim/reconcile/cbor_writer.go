package reconcile

import "encoding/binary"

// The major types of CBOR, RFC 8949, section 3.1.
const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

const cborNull = 0xf6

// appendHead writes the initial byte and the argument in the shortest form.
func appendHead(b []byte, major uint8, argument uint64) []byte {
	initial := major << 5
	switch {
	case argument < 24:
		return append(b, initial|uint8(argument))
	case argument < 1<<8:
		return append(b, initial|24, uint8(argument))
	case argument < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, initial|25), uint16(argument))
	case argument < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, initial|26), uint32(argument))
	default:
		return binary.BigEndian.AppendUint64(append(b, initial|27), argument)
	}
}

func appendField(b []byte, field uint64) []byte { return appendHead(b, majorUnsigned, field) }

// appendUint writes a field whose content is an unsigned integer.
func appendUint(b []byte, field, n uint64) []byte {
	return appendHead(appendField(b, field), majorUnsigned, n)
}

func appendBytes[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(appendHead(b, majorBytes, uint64(len(s))), s...)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}
