package reconcile

import (
	"bytes"
	"errors"
	"testing"
)

// addSeeds adds golden messages and logs to the seed corpus, whole and truncated.
func addSeeds(f *testing.F, names ...string) {
	for _, name := range names {
		b := golden(f, name)
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
}

// I8, I11, R2.4: a document is rejected and changes nothing, or it is read and written again with the same bytes.
func FuzzDocument(f *testing.F) {
	addSeeds(f, "document_schema_1", "document_schema_2", "document_schema_3")
	f.Add(documentOf(putOf(3), tombstoneOf(3).with(1, number(2))).message(3))
	f.Fuzz(func(t *testing.T, document []byte) {
		r, storage := open(t, "b", atSchema(2))
		before, log := r.View(), storage.Bytes()
		if _, err := r.Import(document, 1<<40); err != nil {
			if classOf(err) == 0 {
				t.Fatalf("got %v, want an error with a class", err)
			}
			wantSame(t, r.View(), before)
			if !bytes.Equal(storage.Bytes(), log) {
				t.Fatal("got another log, want no change")
			}
		}
		in, err := readDocument(document, allSchemas)
		if err != nil {
			return
		}
		s := &state{part: newPart().with(in.slots, in.vector, in.watermark), writer: in.writer, epoch: in.epoch,
			clock: in.clock, schema: document[5]}
		s.digest = in.digest
		if got := appendDocument(nil, s); !bytes.Equal(got, document) {
			t.Fatalf("got %x, want %x", got, document)
		}
	})
}

// R2.2, R4.1: a value is rejected, or a get returns it as it was put.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{"01", "63616263", "a2616100616282f520", "8181818181818181818181818180"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		r, _ := open(t, "a")
		if _, err := r.Put("k", value, Label{}, 1); err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		if got := must[ReadResult](t)(r.View().Get("k")); got.Values[0] != string(value) {
			t.Fatalf("got %x, want %x", got.Values[0], value)
		}
	})
}

// R8.6: a log is rejected, or a replica opens on it, again and again with the same state.
func FuzzLog(f *testing.F) {
	addSeeds(f, "log_of_steps", "log_of_all")
	f.Fuzz(func(t *testing.T, log []byte) {
		storage := NewMemory(log)
		config := Config{Writer: "a", Members: members, Policies: table, Schema: 3}
		r, err := Open(storage, config)
		if err != nil {
			if !errors.Is(err, ErrCorruptLog) {
				t.Fatal(err)
			}
			return
		}
		wantSame(t, openOn(t, storage, "a").View(), r.View())
	})
}

// I11, R8.5: a record that is read and written again has the same bytes, unless it removes keys.
func FuzzRecord(f *testing.F) {
	for _, record := range records(golden(f, "log_of_all")) {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		rec, err := readRecord(record)
		if err != nil {
			return
		}
		after := (&state{part: newPart()}).replay(rec)
		if got := appendRecord(nil, &state{part: newPart()}, after); !removes(rec) && !bytes.Equal(got, record) {
			t.Fatalf("got %x, want %x", got, record)
		}
	})
}

// removes reports whether a record removes a key.
func removes(rec *record) bool {
	for _, s := range rec.slots {
		if len(s.entries) == 0 {
			return true
		}
	}
	return false
}

// R9.5, R9.6: a peer answers or rejects any request, and an asker takes or rejects any reply.
func FuzzMessages(f *testing.F) {
	r, _ := open(f, "a")
	for i := range 40 {
		put(f, r, string(rune('a'+i)), "01", 1)
	}
	view := r.View()
	for _, q := range []request{
		{table: view.rules.table, mode: modeDocument},
		{table: view.rules.table, mode: modeWalk, paths: []nibblePath{""}},
		{table: view.rules.table, mode: modeWalk, round: 1, paths: []nibblePath{"\x00", "\x01", "\x0f"}},
	} {
		message := q.append(nil, 3)
		f.Add(message)
		replies, err := view.Answer(message)
		if err != nil {
			f.Fatal(err)
		}
		for _, reply := range replies {
			f.Add(reply)
		}
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		if _, err := view.Answer(message); err != nil && classOf(err) == 0 {
			t.Fatal(err)
		}
		asker, _ := open(t, "b", withFlag(FlagOn))
		if _, err := asker.Reconcile(fixedReplies{message}, 1<<40); err != nil && classOf(err) == 0 {
			t.Fatal(err)
		}
	})
}

// fixedReplies is a peer that answers every request with the same messages.
type fixedReplies [][]byte

func (a fixedReplies) Answer([]byte) ([][]byte, error) { return a, nil }
