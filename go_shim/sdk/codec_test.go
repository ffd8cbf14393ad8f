package driftcheck

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The examples of RFC 8949, appendix A, that the codec covers. Each has a function that writes it, and one that
// reads it and reports whether the value is the same.
var vectors = []struct {
	hex   string
	write func(w *Writer)
	same  func(r *Reader) bool
}{
	{"00", uintWriter(0), uintReader(0)},
	{"01", uintWriter(1), uintReader(1)},
	{"0a", uintWriter(10), uintReader(10)},
	{"17", uintWriter(23), uintReader(23)},
	{"1818", uintWriter(24), uintReader(24)},
	{"1819", uintWriter(25), uintReader(25)},
	{"1864", uintWriter(100), uintReader(100)},
	{"1903e8", uintWriter(1000), uintReader(1000)},
	{"1a000f4240", uintWriter(1000000), uintReader(1000000)},
	{"1b000000e8d4a51000", uintWriter(1000000000000), uintReader(1000000000000)},
	{"1bffffffffffffffff", uintWriter(math.MaxUint64), uintReader(math.MaxUint64)},
	{"20", intWriter(-1), intReader(-1)},
	{"29", intWriter(-10), intReader(-10)},
	{"3863", intWriter(-100), intReader(-100)},
	{"3903e7", intWriter(-1000), intReader(-1000)},
	{"fb3ff199999999999a", floatWriter(1.1), floatReader(1.1)},
	{"fb7e37e43c8800759c", floatWriter(1.0e+300), floatReader(1.0e+300)},
	{"fbc010666666666666", floatWriter(-4.1), floatReader(-4.1)},
	{"fb7ff0000000000000", floatWriter(math.Inf(1)), floatReader(math.Inf(1))},
	{"fbfff0000000000000", floatWriter(math.Inf(-1)), floatReader(math.Inf(-1))},
	{"fb7ff8000000000000", floatWriter(math.Float64frombits(canonicalNaN)), floatReader(math.Float64frombits(canonicalNaN))},
	{"f4", func(w *Writer) { w.Bool(false) }, func(r *Reader) bool { return !r.Bool() }},
	{"f5", func(w *Writer) { w.Bool(true) }, func(r *Reader) bool { return r.Bool() }},
	{"f6", func(w *Writer) { w.Null() }, func(r *Reader) bool { return r.Null() }},
	{"40", func(w *Writer) { w.Bytes(nil) }, func(r *Reader) bool { return len(r.Bytes()) == 0 }},
	{"4401020304", func(w *Writer) { w.Bytes([]byte{1, 2, 3, 4}) }, func(r *Reader) bool { return string(r.Bytes()) == "\x01\x02\x03\x04" }},
	{"60", textWriter(""), textReader("")},
	{"6161", textWriter("a"), textReader("a")},
	{"6449455446", textWriter("IETF"), textReader("IETF")},
	{"62225c", textWriter("\"\\"), textReader("\"\\")},
	{"62c3bc", textWriter("\u00fc"), textReader("\u00fc")},
	{"63e6b0b4", textWriter("\u6c34"), textReader("\u6c34")},
	{"64f0908591", textWriter("\U00010151"), textReader("\U00010151")},
	{"80", func(w *Writer) { w.Array(0) }, func(r *Reader) bool { return r.Array() == 0 }},
	{
		"83010203",
		func(w *Writer) { w.Array(3); w.Uint(1); w.Uint(2); w.Uint(3) },
		func(r *Reader) bool { return r.Array() == 3 && r.Uint() == 1 && r.Uint() == 2 && r.Uint() == 3 },
	},
	{
		"8301820203820405",
		func(w *Writer) {
			w.Array(3)
			w.Uint(1)
			w.Array(2)
			w.Uint(2)
			w.Uint(3)
			w.Array(2)
			w.Uint(4)
			w.Uint(5)
		},
		func(r *Reader) bool {
			return r.Array() == 3 && r.Uint() == 1 && r.Array() == 2 && r.Uint() == 2 && r.Uint() == 3 &&
				r.Array() == 2 && r.Uint() == 4 && r.Uint() == 5
		},
	},
	{
		"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
		func(w *Writer) {
			w.Array(25)
			for i := range uint64(25) {
				w.Uint(i + 1)
			}
		},
		func(r *Reader) bool {
			same := r.Array() == 25
			for i := range uint64(25) {
				same = r.Uint() == i+1 && same
			}
			return same
		},
	},
	{"a0", func(w *Writer) { w.Map(0) }, func(r *Reader) bool { return r.Map() == 0 }},
	{
		"a201020304",
		func(w *Writer) { w.Map(2); w.Uint(1); w.Uint(2); w.Uint(3); w.Uint(4) },
		func(r *Reader) bool {
			return r.Map() == 2 && r.Uint() == 1 && r.Uint() == 2 && r.Uint() == 3 && r.Uint() == 4
		},
	},
	{
		"a26161016162820203",
		func(w *Writer) {
			w.Map(2)
			w.Text("a")
			w.Uint(1)
			w.Text("b")
			w.Array(2)
			w.Uint(2)
			w.Uint(3)
		},
		func(r *Reader) bool {
			return r.Map() == 2 && r.Text() == "a" && r.Uint() == 1 && r.Text() == "b" && r.Array() == 2 &&
				r.Uint() == 2 && r.Uint() == 3
		},
	},
}

func uintWriter(v uint64) func(*Writer)   { return func(w *Writer) { w.Uint(v) } }
func intWriter(v int64) func(*Writer)     { return func(w *Writer) { w.Int(v) } }
func floatWriter(v float64) func(*Writer) { return func(w *Writer) { w.Float(v) } }
func textWriter(v string) func(*Writer)   { return func(w *Writer) { w.Text(v) } }

func uintReader(v uint64) func(*Reader) bool { return func(r *Reader) bool { return r.Uint() == v } }
func intReader(v int64) func(*Reader) bool   { return func(r *Reader) bool { return r.Int() == v } }
func textReader(v string) func(*Reader) bool { return func(r *Reader) bool { return r.Text() == v } }
func floatReader(v float64) func(*Reader) bool {
	return func(r *Reader) bool { return math.Float64bits(r.Float()) == math.Float64bits(v) }
}

// Writer and reader agree with every example of the RFC that the codec covers.
func TestVectors(t *testing.T) {
	for _, v := range vectors {
		data := unhex(t, v.hex)
		var w Writer
		v.write(&w)
		if got := hex.EncodeToString(w.Data()); got != v.hex {
			t.Errorf("wrote %s, want %s", got, v.hex)
		}
		r := NewReader(data)
		if same := v.same(r); !same || r.Err() != nil {
			t.Errorf("read %s: another value, or %v", v.hex, r.Err())
		}
		if r.Finish(); r.Err() != nil {
			t.Errorf("read %s: %v", v.hex, r.Err())
		}
		r = NewReader(data)
		if r.Skip(); r.Err() == nil {
			r.Finish()
		}
		if r.Err() != nil {
			t.Errorf("skip %s: %v", v.hex, r.Err())
		}
	}
}

// The reader refuses data that are not in the RFC's deterministic form or not covered, and says why.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name, data string
		reason     error
	}{
		{"nothing", "", ErrCutShort},
		{"negative integer beyond 64 bits", "3bffffffffffffffff", ErrOutOfRange},
		{"half float", "f93c00", ErrUnexpected},
		{"single float", "fa47c35000", ErrUnexpected},
		{"undefined", "f7", ErrUnexpected},
		{"simple value 16", "f0", ErrUnexpected},
		{"simple value 255", "f8ff", ErrUnexpected},
		{"tag 0", "c074323031332d30332d32315432303a30343a30305a", ErrUnexpected},
		{"tag 2", "c249010000000000000000", ErrUnexpected},
		{"tag 24", "d818456449455446", ErrUnexpected},
		{"indefinite byte string", "5f42010243030405ff", ErrNotCanonical},
		{"indefinite text", "7f657374726561646d696e67ff", ErrNotCanonical},
		{"indefinite array", "9fff", ErrNotCanonical},
		{"indefinite map", "bfff", ErrNotCanonical},
		{"lone break", "ff", ErrUnexpected},
		{"reserved length", "1c", ErrNotCanonical},
		{"1 in two bytes", "1801", ErrNotCanonical},
		{"23 in two bytes", "1817", ErrNotCanonical},
		{"255 in three bytes", "1900ff", ErrNotCanonical},
		{"65535 in five bytes", "1a0000ffff", ErrNotCanonical},
		{"4294967295 in nine bytes", "1b00000000ffffffff", ErrNotCanonical},
		{"long head of a text", "780161", ErrNotCanonical},
		{"text that is not UTF-8", "61ff", ErrNotUTF8},
		{"surrogate in a text", "63eda080", ErrNotUTF8},
		{"repeated key", "a2010201 03", ErrNotSorted},
		{"unsorted keys", "a203040102", ErrNotSorted},
		{"keys sorted by value, not length", "a2626161016162 02", ErrNotSorted},
		{"head that ends early", "19", ErrCutShort},
		{"text that ends early", "6261", ErrCutShort},
		{"float that ends early", "fb3ff1", ErrCutShort},
		{"array longer than the data", "9affffffff", ErrCutShort},
		{"byte string longer than the data", "5bffffffffffffffff", ErrCutShort},
		{"map of more pairs than bytes left", "a3010203", ErrCutShort},
		{"trailing byte", "0000", ErrTrailing},
		{"tagged UTF-8", "d9646341 61", ErrUnexpected},
		{"tagged text", "d964636161", ErrUnexpected},
		{"65 arrays in one another", strings.Repeat("81", 64) + "80", ErrTooDeep},
	} {
		r := NewReader(unhex(t, c.data))
		r.Skip()
		r.Finish()
		if !errors.Is(r.Err(), c.reason) {
			t.Errorf("%s: got %v, want %v", c.name, r.Err(), c.reason)
		}
	}
}

// The reader accepts 64 arrays in one another, with an item in the innermost.
func TestDepth(t *testing.T) {
	r := NewReader(unhex(t, strings.Repeat("81", MaxDepth)+"00"))
	r.Skip()
	r.Finish()
	if r.Err() != nil {
		t.Error(r.Err())
	}
}

// Each typed read refuses items of another type, and then returns zero values.
func TestReadOtherType(t *testing.T) {
	reads := map[string]func(r *Reader){
		"a boolean":           func(r *Reader) { r.Bool() },
		"an unsigned integer": func(r *Reader) { r.Uint() },
		"an integer":          func(r *Reader) { r.Int() },
		"a float":             func(r *Reader) { r.Float() },
		"text":                func(r *Reader) { r.Text() },
		"a byte string":       func(r *Reader) { r.Bytes() },
		"an array":            func(r *Reader) { r.Array() },
		"a map":               func(r *Reader) { r.Map() },
	}
	of := map[string]string{
		"a boolean": "f5", "an unsigned integer": "05", "an integer": "24", "a float": "fb3ff199999999999a",
		"text": "6161", "a byte string": "4161", "an array": "8101", "a map": "a10102", "null": "f6", "": "",
	}
	for want, read := range reads {
		for kind, data := range of {
			r := NewReader(unhex(t, data))
			read(r)
			if fits := want == kind || want == "an integer" && kind == "an unsigned integer"; fits == r.Failed() {
				t.Errorf("%s as %s: %v", kind, want, r.Err())
			}
			if !r.Failed() {
				continue
			}
			if r.Uint() != 0 || r.Text() != "" || r.Array() != 0 || r.Null() || r.Bool() || r.Float() != 0 {
				t.Errorf("%s as %s: a value after the error", kind, want)
			}
		}
	}
}

// The reader refuses a number out of range and an array of the wrong length, and its error has the figures.
func TestReadOutOfRange(t *testing.T) {
	for _, c := range []struct {
		data   string
		read   func(*Reader)
		reason error
		text   string
	}{
		{"1b8000000000000000", func(r *Reader) { r.Int() }, ErrOutOfRange,
			"byte 0: number out of range: got 9223372036854775808, want less than 9223372036854775808"},
		{"3b8000000000000000", func(r *Reader) { r.Int() }, ErrOutOfRange,
			"byte 0: number out of range: got 9223372036854775808, want less than 9223372036854775808"},
		{"03", func(r *Reader) { r.Index(3) }, ErrOutOfRange, "byte 0: number out of range: got 3, want less than 3"},
		{"820102", func(r *Reader) { r.Fields(3) }, ErrWrongLength,
			"byte 0: array of the wrong length: got 2, want 3"},
		{"02", func(r *Reader) { r.constant(1, "protocol 1") }, ErrUnexpected,
			"byte 0: unexpected item: want protocol 1"},
	} {
		r := NewReader(unhex(t, c.data))
		c.read(r)
		if err := r.Err(); !errors.Is(err, c.reason) || err.Error() != c.text {
			t.Errorf("got %v, want %s", err, c.text)
		}
	}
	r := NewReader(unhex(t, "3b7fffffffffffffff"))
	if got := r.Int(); got != math.MinInt64 || r.Err() != nil {
		t.Errorf("got %d, %v, want the least integer", got, r.Err())
	}
}

// The writer writes a string that is not UTF-8 as tagged bytes.
func TestIllFormedText(t *testing.T) {
	var w Writer
	w.Text("a\xff")
	if got, want := hex.EncodeToString(w.Data()), "d9646342"+"61ff"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A float keeps all bits of a NaN, unless every NaN is equal.
func TestNaN(t *testing.T) {
	odd := math.Float64frombits(0xfff8000000000001)
	var w Writer
	w.Float(odd)
	w.FloatNaNEqual(odd)
	w.FloatNaNEqual(math.Copysign(0, -1))
	want := "fbfff8000000000001" + "fb7ff8000000000000" + "fb8000000000000000"
	if got := hex.EncodeToString(w.Data()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Sort orders items by their encodings, and each nested list by itself.
func TestSort(t *testing.T) {
	var w Writer
	lists := [][]string{{"b", "aa", "a"}, {"z"}, {}, {"c", "b"}}
	w.Array(len(lists))
	for _, list := range lists {
		mark := w.Mark()
		w.Array(len(list))
		for _, text := range list {
			mark := w.Mark()
			w.Text(text)
			w.Item(mark)
		}
		w.Sort(len(list))
		w.Item(mark)
	}
	w.Sort(len(lists))
	want := "84" + "80" + "81617a" + "8261626163" + "836161" + "6162" + "626161"
	if got := hex.EncodeToString(w.Data()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Sort orders the pairs of a map by the encodings of their keys, so a shorter key comes first.
func TestSortMap(t *testing.T) {
	var w Writer
	w.Map(3)
	for _, key := range []string{"bb", "c", "a"} {
		mark := w.Mark()
		w.Text(key)
		w.Null()
		w.Item(mark)
	}
	w.Sort(3)
	if got, want := hex.EncodeToString(w.Data()), "a3"+"6161f6"+"6163f6"+"626262f6"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The reader refuses a length beyond the data before it allocates that length.
func TestNoAllocationByLength(t *testing.T) {
	data := unhex(t, "5b0000000fffffffff00")
	allocated := testing.AllocsPerRun(10, func() {
		r := Reader{data: data}
		if r.Bytes(); r.err == nil {
			t.Fatal("accepted")
		}
	})
	if allocated > 10 {
		t.Errorf("%v allocations", allocated)
	}
}

// The results of a reader do not change with the data.
func TestCopies(t *testing.T) {
	data := unhex(t, "8261614162")
	r := NewReader(data)
	r.Fields(2)
	text, bytes := r.Text(), r.Bytes()
	clear(data)
	if text != "a" || string(bytes) != "b" {
		t.Errorf("got %q, %q", text, bytes)
	}
}
