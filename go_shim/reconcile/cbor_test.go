package reconcile

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A fault is the detail of a malformed item, R2.8.
type fault struct {
	path          string
	offset        uint64
	expected, got string
	hint          string
}

func (f fault) rejection() Error {
	return rejected(ErrMalformed, f.path, f.offset, f.expected, f.got, f.hint)
}

const (
	valueKindNames = "unsigned integer or negative integer or byte string or text string or array or map or false or true"
	hintWide       = "write each head in as few bytes as it takes"
	hintIndefinite = "write lengths before contents"
	hintLength     = "the length is larger than what follows"
)

// R2.4, R2.5, R2.7, R2.8, R2.9: each defect of a put's value is rejected with its detail.
func TestR2ValueFaults(t *testing.T) {
	end := func(path string, offset uint64) fault {
		return fault{path, offset, "a whole item", "the end", hintCutShort}
	}
	wide := func(offset uint64) fault { return fault{"", offset, "the shortest form", "a longer form", hintWide} }
	indefinite := fault{"", 0, "a definite length", "an indefinite length", hintIndefinite}
	kind := func(got string) fault { return fault{"", 0, valueKindNames, got, hintLayout} }
	for value, want := range map[string]fault{
		"":                              end("", 0),
		"18":                            end("", 0),
		"1901":                          end("", 0),
		"f8":                            end("", 0),
		"8118":                          end("/0", 1),
		"a1616118":                      end("/61", 3),
		"1c":                            {"", 0, "additional information 0 to 27", "28", "this is not CBOR"},
		"fe":                            {"", 0, "additional information 0 to 27", "30", "this is not CBOR"},
		"1f":                            indefinite,
		"5f4100ff":                      indefinite,
		"ff":                            indefinite,
		"df":                            indefinite,
		"1800":                          wide(0),
		"190001":                        wide(0),
		"1a0000ffff":                    wide(0),
		"1b00000000ffffffff":            wide(0),
		"580100":                        wide(0),
		"d81700":                        wide(0),
		"f81f":                          wide(0),
		"f820":                          kind("simple value"),
		"f7":                            kind("simple value"),
		"f6":                            kind("null"),
		"f97e00":                        kind("float"),
		"fb0000000000000000":            kind("float"),
		"c000":                          kind("tag"),
		"a10000":                        {"", 1, "text string", "unsigned integer", hintLayout},
		"1b8000000000000000":            {"", 0, "-9223372036854775808 to 9223372036854775807", "9223372036854775808", hintLayout},
		"3b8000000000000000":            {"", 0, "-9223372036854775808 to 9223372036854775807", "-9223372036854775809", hintLayout},
		"3bffffffffffffffff":            {"", 0, "-9223372036854775808 to 9223372036854775807", "-18446744073709551616", hintLayout},
		"4201":                          {"", 0, "at most 1", "2", hintLength},
		"5bffffffffffffffff":            {"", 0, "at most 0", "18446744073709551615", hintLength},
		"8300":                          {"", 0, "at most 1", "3", hintLength},
		"a2616100":                      {"", 0, "at most 1", "2", hintLength},
		strings.Repeat("81", 12) + "80": {strings.Repeat("/0", 12), 12, "at most 12 levels", "13 levels", "nest less deeply"},
		"62c328":                        {"", 1, "UTF-8", "byte c3", hintUTF8},
		"63e28241":                      {"", 1, "UTF-8", "byte e2", hintUTF8},
		"6361e282":                      {"", 2, "UTF-8", "byte e2", hintUTF8},
		"63eda080":                      {"", 1, "UTF-8", "byte ed", hintUTF8},
		"61ff":                          {"", 1, "UTF-8", "byte ff", hintUTF8},
		"a161ff00":                      {"", 2, "UTF-8", "byte ff", hintUTF8},
		"a2616100616100":                {"", 4, "distinct items", "an equal item", "write each once"},
		"a2616200616100":                {"", 4, "ascending order", "a smaller item", "sort by encoded bytes"},
		"a262616100616200":              {"", 5, "ascending order", "a smaller item", "sort by encoded bytes"}, // though the texts ascend
		"0000":                          {"", 1, "the end", "1 more bytes", "one message holds one body"},
	} {
		t.Run(value, func(t *testing.T) {
			r, storage := open(t, "a")
			before, log := r.View(), storage.Bytes()
			_, err := r.Put("k", unhex(t, value), Label{}, 1)

			wantError(t, err, want.rejection())
			wantSame(t, r.View(), before)
			if !bytes.Equal(storage.Bytes(), log) {
				t.Error("got another log, want no change")
			}
		})
	}
}

// R2.2, R2.3: every allowed kind of value is accepted, up to the limits.
func TestR2ValuesAccepted(t *testing.T) {
	for _, value := range []string{"00", "1b7fffffffffffffff", "3b7fffffffffffffff", "f4", "f5", "40", "60", "80", "a0",
		"6161", "62c3a4", "64f09f9880", "63efbfbd", "a2616100626161f5", strings.Repeat("81", 11) + "80", strings.Repeat("81", 12) + "00",
		"590301" + strings.Repeat("00", 769)} {
		r, _ := open(t, "a")
		put(t, r, "k", value, 1)

		read := must[ReadResult](t)(r.View().Get("k"))
		if !slices.Equal(read.Values, []string{string(unhex(t, value))}) {
			t.Errorf("got %x, want %s", read.Values, value)
		}
	}
}

// R4.1: the length of a value is checked before it is read.
func TestR4_1TooLarge(t *testing.T) {
	r, _ := open(t, "a")
	_, err := r.Put("k", bytes.Repeat([]byte{0xff}, 1025), Label{}, 1)

	wantError(t, err, rejected(ErrTooLarge, "value", 0, "at most 1024", "1025", "check the limits"))
}

// A layout maps fields to the encodings of their items. A field without bytes is left out.
type layout map[uint64][]byte

func (l layout) with(field uint64, item []byte) layout {
	changed := maps.Clone(l)
	changed[field] = item
	return changed
}

func (l layout) encode() []byte {
	var b []byte
	n := uint64(0)
	for _, field := range slices.Sorted(maps.Keys(l)) {
		if l[field] != nil {
			b = append(appendField(b, field), l[field]...)
			n++
		}
	}
	return append(appendHead(nil, majorMap, n), b...)
}

var (
	originB  = NewOrigin("b", 0)
	clockOne = NewClock(1, 0)
)

// putOf returns the layout of a put by b with counter 1, in a schema.
func putOf(schema uint8) layout {
	l := layout{0: byteString(string(originB)), 1: number(1), 3: number(0), 4: number(7), 5: number(1)}
	if schema < 3 {
		return l.with(2, appendClock(nil, clockOne))
	}
	return l.with(7, number(1)).with(8, number(0))
}

func tombstoneOf(schema uint8) layout {
	l := putOf(schema).with(3, number(1)).with(4, nil)
	if schema == 1 {
		return l.with(4, []byte{cborNull})
	}
	return l
}

// documentOf returns the layout of a document by b that holds entries of the key "k".
func documentOf(entries ...layout) layout {
	b := appendHead(nil, majorArray, uint64(len(entries)))
	for _, e := range entries {
		b = append(b, e.encode()...)
	}
	return layout{
		0: byteString("b"), 1: number(0), 2: appendClock(nil, clockOne),
		3: valueMap(byteString(string(originB)), number(5)), 4: valueMap(),
		5: valueMap(byteString("k"), b), 6: byteString(strings.Repeat("\x00", 32)),
	}
}

func (l layout) message(schema uint8) []byte {
	return append(appendHeader(nil, kindDocument, schema), l.encode()...)
}

// offsetOf returns where a part begins in a message. The message must contain it once.
func offsetOf(t *testing.T, message, part []byte) uint64 {
	t.Helper()
	if bytes.Count(message, part) != 1 {
		t.Fatalf("got %d times %x in %x, want 1", bytes.Count(message, part), part, message)
	}
	return uint64(bytes.Index(message, part))
}

// R2.5 to R2.8, R7.3, R7.4: each fault of a document is rejected with its detail. Its offset is that of the bytes "at".
func TestR7_4DocumentFaults(t *testing.T) {
	deep := func(n int) []byte { return append(bytes.Repeat([]byte{0x81}, n-1), 0x80) }
	two := func(first, second layout) layout { return documentOf(first, second) }
	long := byteString(strings.Repeat("v", 1022)) // 1,025 bytes with its head
	labelled := appendText(nil, "label")
	extra := func(n int) []byte { return byteString(strings.Repeat("x", n)) }
	for name, c := range map[string]struct {
		schema uint8
		body   layout
		at     []byte
		want   fault
	}{
		"unknown field": {3, documentOf(putOf(3)).with(7, []byte{0xf5}), []byte{0x07, 0xf5},
			fault{"", 0, "a field of this layout", "field 7", hintLayout}},
		"missing field": {3, documentOf(putOf(3)).with(2, nil).with(4, nil), []byte{0xa5},
			fault{"", 0, "field 2", "no such field", hintLayout}},
		"writer too long": {3, documentOf(putOf(3)).with(0, extra(17)), extra(17),
			fault{"/0", 0, "1 to 16", "17", hintLimits}},
		"writer is a text": {3, documentOf(putOf(3)).with(0, labelled), labelled,
			fault{"/0", 0, "byte string", "text string", hintLayout}},
		"epoch too large": {3, documentOf(putOf(3)).with(1, number(1<<32)), number(1 << 32),
			fault{"/1", 0, "0 to 4294967295", "4294967296", hintLayout}},
		"clock too short": {3, documentOf(putOf(3)).with(2, extra(7)), extra(7),
			fault{"/2", 0, "8 to 8", "7", hintLimits}},
		"origin too short": {3, documentOf(putOf(3)).with(3, valueMap(extra(4), number(1))), extra(4),
			fault{"/3", 0, "5 to 20", "4", hintLimits}},
		"counter zero": {3, documentOf(putOf(3)).with(3, valueMap(byteString("bEEEE"), number(0))), []byte{0x00, 0x04, 0xa0},
			fault{"/3/6245454545", 0, "1 to 9223372036854775807", "0", hintLayout}},
		"vector too long": {3, documentOf(putOf(3)).with(3, []byte{0xb9, 0x10, 0x01}), []byte{0xb9, 0x10, 0x01},
			fault{"/3", 0, "at most 4096", "4097", hintLimits}},
		"key empty": {3, documentOf().with(5, valueMap(extra(0), []byte{0x80})), []byte{0x40, 0x80},
			fault{"/5", 0, "1 to 64", "0", hintLimits}},
		"no entry": {3, documentOf(), []byte{0x80, 0x06},
			fault{"/5/6b", 0, "1 to 256", "0", hintLimits}},
		"too many keys": {3, documentOf().with(5, []byte{0xba, 0, 0x10, 0, 1}), []byte{0xba, 0, 0x10, 0, 1},
			fault{"/5", 0, "at most 1048576", "1048577", hintLimits}},
		"equal dots": {3, two(putOf(3), putOf(3).with(4, number(8))), putOf(3).with(4, number(8)).encode(),
			fault{"/5/6b/1", 0, "distinct items", "an equal item", "write each once"}},
		"dots descend": {3, two(putOf(3).with(1, number(2)), putOf(3)), putOf(3).encode(),
			fault{"/5/6b/1", 0, "ascending order", "a smaller item", "sort by encoded bytes"}},
		"clock in one field in schema 3": {3, documentOf(putOf(2).with(2, extra(8))), append([]byte{2}, extra(8)...),
			fault{"/5/6b/0", 0, "a field of this layout", "field 2", hintLayout}},
		"clock in two fields in schema 2": {2, documentOf(putOf(2).with(7, number(99))), []byte{7, 0x18, 99},
			fault{"/5/6b/0", 0, "a field of this layout", "field 7", hintLayout}},
		"kind unknown": {3, documentOf(putOf(3).with(3, number(99))), number(99),
			fault{"/5/6b/0/3", 0, "0 to 1", "99", hintLayout}},
		"put without value": {3, documentOf(putOf(3).with(4, nil)), putOf(3).with(4, nil).encode(),
			fault{"/5/6b/0", 0, "field 4", "no such field", hintLayout}},
		"put of null": {1, documentOf(putOf(1).with(4, []byte{cborNull})), []byte{cborNull},
			fault{"/5/6b/0/4", 0, valueKindNames, "null", hintLayout}},
		"tombstone with value": {2, documentOf(tombstoneOf(2).with(4, number(99))), []byte{4, 0x18, 99},
			fault{"/5/6b/0", 0, "a field of this layout", "field 4", hintLayout}},
		"tombstone with value in schema 1": {1, documentOf(tombstoneOf(1).with(4, number(99))), number(99),
			fault{"/5/6b/0/4", 0, "null", "unsigned integer", hintLayout}},
		"tombstone with label": {3, documentOf(tombstoneOf(3).with(6, labelled)), append([]byte{6}, labelled...),
			fault{"/5/6b/0", 0, "a field of this layout", "field 6", hintLayout}},
		"entry's schema unknown": {3, documentOf(putOf(3).with(5, number(99))), number(99),
			fault{"/5/6b/0/5", 0, "1 to 3", "99", hintLayout}},
		"label too long": {3, documentOf(putOf(3).with(6, appendText(nil, strings.Repeat("l", 33)))),
			appendText(nil, strings.Repeat("l", 33)), fault{"/5/6b/0/6", 0, "at most 32", "33", hintLimits}},
		"field 15": {3, documentOf(putOf(3).with(15, extra(3))), append([]byte{15}, extra(3)...),
			fault{"/5/6b/0", 0, "a field of this layout", "field 15", hintLayout}},
		"field 64": {3, documentOf(putOf(3).with(64, extra(3))), append([]byte{0x18, 64}, extra(3)...),
			fault{"/5/6b/0", 0, "a field of this layout", "field 64", hintLayout}},
		"value too long": {3, documentOf(putOf(3).with(4, long)), long,
			fault{"/5/6b/0/4", 0, "at most 1024", "1025", hintLimits}},
		"value too deep": {3, documentOf(putOf(3).with(4, deep(13))), []byte{0x80},
			fault{"/5/6b/0/4" + strings.Repeat("/0", 12), 0, "at most 16 levels", "17 levels", "nest less deeply"}},
		"extra too deep": {3, documentOf(putOf(3).with(16, deep(13))), []byte{0x80},
			fault{"/5/6b/0/16" + strings.Repeat("/0", 12), 0, "at most 16 levels", "17 levels", "nest less deeply"}},
		"extras too long": {3, documentOf(putOf(3).with(16, extra(126)).with(17, extra(127))),
			putOf(3).with(16, extra(126)).with(17, extra(127)).encode(),
			fault{"/5/6b/0", 0, "at most 256", "257", hintLimits}},
		"extra with a tag": {3, documentOf(putOf(3).with(16, []byte{0xa1, 0x18, 99, 0xc0})), []byte{0xc0},
			fault{"/5/6b/0/16/1863", 0, "unsigned integer or negative integer or byte string or text string or array or " +
				"map or false or true or null", "tag", hintLayout}},
		"extra with a fault in a key": {3, documentOf(putOf(3).with(16, []byte{0xa1, 0x81, 0xc0, 0})), []byte{0xc0},
			fault{"/5/6b/0/16", 0, "unsigned integer or negative integer or byte string or text string or array or " +
				"map or false or true or null", "tag", hintLayout}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := open(t, "a", atSchema(c.schema))
			message := c.body.message(c.schema)
			_, err := r.Import(message, 1000)

			want := c.want.rejection()
			want.Offset = offsetOf(t, message, c.at)
			wantError(t, err, want)
		})
	}
}

// R1.6, R2.3: the deepest value and extra are accepted, and the items that only extras may hold.
func TestR2_3DeepestItemIsAccepted(t *testing.T) {
	deepest := append(bytes.Repeat([]byte{0x81}, 11), 0x80)
	onlyExtra := []byte{0xa4, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf6, 0x20, 0x00, 0x80, 0x00, 0xf4, 0x00}
	message := documentOf(putOf(3).with(4, deepest).with(16, deepest).with(63, onlyExtra)).message(3)
	in, err := readDocument(message, acceptedSchemas(3))
	if err != nil {
		t.Fatal(err)
	}

	want := []Extra{{16, string(deepest)}, {63, string(onlyExtra)}}
	if e := in.slots[0].entries[0]; e.Value != string(deepest) || !slices.Equal(e.Extras, want) {
		t.Errorf("got %+v, want the value %x and the extras %v", e, deepest, want)
	}
}

// R7.1, R7.2, R10.2: each fault of a header is rejected with its detail.
func TestR7_2HeaderFaults(t *testing.T) {
	r, _ := open(t, "a", atSchema(1))
	valid := documentOf(putOf(1)).message(1)
	with := func(i int, b byte) []byte {
		changed := bytes.Clone(valid)
		changed[i] = b
		return changed
	}
	for name, c := range map[string]struct {
		message []byte
		want    Error
	}{
		"short": {valid[:7], rejected(ErrMalformed, "", 0, "8 bytes", "7 bytes", hintCutShort)},
		"long": {make([]byte, maxMessage+1),
			rejected(ErrTooLarge, "", 0, "at most 268435456", "268435457", hintLimits)},
		"magic": {with(3, '2'), rejected(ErrMalformed, "magic", 0, "44435231", "44435232", "this is not a message of this store")},
		"kind":  {with(4, 9), rejected(ErrMalformed, "kind", 4, "1", "9", "another message was expected")},
		"schema": {with(5, 3),
			rejected(ErrTooFar, "schema", 5, "schema 1 to 2", "schema 3", "migrate one of the two step by step")},
		"flags": {with(6, 1), rejected(ErrMalformed, "flags", 6, "0", "256", "written by a later version")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Import(c.message, 1000)
			wantError(t, err, c.want)
		})
	}
}

// R2.4: every truncated message is malformed.
func TestR2_4EveryTruncationIsRejected(t *testing.T) {
	message := documentOf(putOf(3).with(4, valueMap(appendText(nil, "a"), []byte{0xf5}))).message(3)
	for n := range len(message) {
		if _, err := readDocument(message[:n], acceptedSchemas(3)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes: got %v, want %v", n, err, ErrMalformed)
		}
	}
}
