package reconcile

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenFile = "testdata/golden/scenario.txt"

const goldenHead = `# The bytes of one scenario, so that another implementation can redo it.
#
# Members: 61, 62, 63 (hex). Policies: prefix 6d ("m") multi, prefix 63 ("c") counter.
# Replica 61, opened on an empty log at schema 3 with flag off.
# Steps; "now" is 1000 for the first, and one more for each that follows:
#   1000  put "k1", value 01 (CBOR, the integer 1), no label
#   1001  put "k1", value 63616263 (CBOR, the text "abc"), no label
#   1002  put "m1", value f5 (CBOR, true), label "x"
#   1003  increase "c1" by 7
#   1004  delete "k1"
#   1005  increase "c1" by 5
#   1006  tick
# Then: export (document_schema_3); migrate to 2, rationale "r", approver "a"; export (document_schema_2);
# migrate to 1, rationale "r", approver "a"; export (document_schema_1).
# The state digest is the same throughout. log_of_steps is the log before the first migration, log_of_all the log at the end.
#
# Each line below is a name, one space, and bytes in hex.
`

// R7.6, R8.4, R8.5, I12: the golden scenario has the bytes of the file.
func TestGoldenScenario(t *testing.T) {
	r, storage := open(t, "a")
	digests := make(map[Hash]bool)
	lines := []string{}
	add := func(name string, b []byte) { lines = append(lines, name+" "+hexOf(b)) }
	export := func() {
		local := r.View().Local()
		digests[r.View().Digest().State] = true
		add(fmt.Sprint("document_schema_", local.Schema), r.View().Export())
	}
	put(t, r, "k1", "01", 1000)
	put(t, r, "k1", "63616263", 1001)
	must[WriteResult](t)(r.Put("m1", []byte{0xf5}, NewLabel("x"), 1002))
	must[uint64](t)(r.Increase("c1", 7, 1003))
	must[WriteResult](t)(r.Delete("k1", 1004))
	must[uint64](t)(r.Increase("c1", 5, 1005))
	must[Clock](t)(r.Tick(1006))
	steps := storage.Synced()
	export()
	must[Hash](t)(r.Migrate(2, "r", "a"))
	export()
	must[Hash](t)(r.Migrate(1, "r", "a"))
	export()
	digest := r.View().Digest().State
	add("state_digest", digest[:])
	add("log_of_steps", steps)
	add("log_of_all", storage.Synced())

	if len(digests) != 1 {
		t.Errorf("got %d digests, want one for all schemas", len(digests))
	}
	got := goldenHead + strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(goldenFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// golden returns the bytes of one line of the golden file.
func golden(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if bytes, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return unhex(t, bytes)
		}
	}
	t.Fatalf("line %s is missing in %s", name, goldenFile)
	return nil
}

// I11, I12, R8.6: the documents and logs of the golden file are read and written again with the same bytes.
func TestGoldenBytesAreRead(t *testing.T) {
	for schema := uint8(1); schema <= 3; schema++ {
		document := golden(t, fmt.Sprint("document_schema_", schema))
		in, err := readDocument(document, acceptedSchemas(schema))
		if err != nil {
			t.Fatal(err)
		}
		s := &state{part: newPart().with(in.slots, in.vector, in.watermark), writer: in.writer, epoch: in.epoch,
			clock: in.clock, schema: schema}
		if got := appendDocument(nil, s); string(got) != string(document) {
			t.Errorf("schema %d: got %x, want %x", schema, got, document)
		}
		if string(s.digest[:]) != string(golden(t, "state_digest")) {
			t.Errorf("schema %d: got digest %x, want %x", schema, s.digest, golden(t, "state_digest"))
		}
	}
	r := openOn(t, NewMemory(golden(t, "log_of_all")), "a")
	if got := r.View().Export(); string(got) != string(golden(t, "document_schema_1")) {
		t.Errorf("got %x after the log, want %x", got, golden(t, "document_schema_1"))
	}
}
