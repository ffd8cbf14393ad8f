package reconcile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// script are hooks that inject one fault at a stage, and faults of messages.
type script struct {
	stage   Stage
	fault   Fault
	injects []Fault
	seen    []Stage
}

func (s *script) At(stage Stage) Fault {
	s.seen = append(s.seen, stage)
	if stage == s.stage {
		return s.fault
	}
	return NoFault
}

func (s *script) Injects(fault Fault) bool { return slices.Contains(s.injects, fault) }

// steps are all operations that are no queries. A replica of newPrepared accepts each of them.
var steps = map[string]func(r *Replica, peer View) error{
	"put":      func(r *Replica, _ View) error { _, err := r.Put("k9", []byte{1}, Label{}, 5); return err },
	"delete":   func(r *Replica, _ View) error { _, err := r.Delete("k1", 5); return err },
	"increase": func(r *Replica, _ View) error { _, err := r.Increase("c1", 2, 5); return err },
	"tick":     func(r *Replica, _ View) error { _, err := r.Tick(5); return err },
	"rollback": func(r *Replica, _ View) error {
		empty := Snapshot{writer: "a", part: newPart()}
		_, err := r.Rollback(empty)
		return err
	},
	"reconcile": func(r *Replica, peer View) error { _, err := r.Reconcile(peer, 5); return err },
	"import":    func(r *Replica, peer View) error { _, err := r.Import(peer.Export(), 5); return err },
	"gc":        func(r *Replica, _ View) error { _, err := r.GC(nil); return err },
	"migrate":   func(r *Replica, _ View) error { _, err := r.Migrate(2, "r", "a"); return err },
	"set_flag":  func(r *Replica, _ View) error { return r.SetFlag(FlagOn) },
}

// newPrepared returns a replica that each of steps changes, its storage, and a peer with new entries.
func newPrepared(t *testing.T, hooks Hooks) (*Replica, *Memory, View) {
	r, storage := open(t, "a")
	put(t, r, "k1", "01", 1)
	put(t, r, "k2", "02", 2)
	must[WriteResult](t)(r.Delete("k2", 2))
	peer, _ := open(t, "b")
	third, _ := open(t, "c")
	for _, other := range []*Replica{peer, third} {
		pull(t, other, r, 2)
		pull(t, r, other, 2)
	}
	put(t, peer, "k3", "03", 1)
	put(t, peer, "m4", "04", 2)
	return openOn(t, storage, "a", withHooks(hooks)), storage, peer.View()
}

// R8.1, R8.2, R8.7: a step that stops after any stage, or tears its frame, leaves state and log as they were.
// Later steps do not depend on it.
func TestR8_2InterruptedStepsChangeNothing(t *testing.T) {
	for name, run := range steps {
		for _, c := range []script{
			{stage: StageReceived, fault: FaultHalted}, {stage: StageChecked, fault: FaultHalted}, {stage: StageStaged, fault: FaultHalted},
			{stage: StageAppended, fault: FaultHalted}, {stage: StageStaged, fault: FaultTorn}, {stage: StageAppended, fault: FaultKilled},
		} {
			t.Run(fmt.Sprintf("%s %s at %s", name, c.fault, c.stage), func(t *testing.T) {
				hooks := c
				r, storage, peer := newPrepared(t, &hooks)
				before, log := r.View(), storage.Bytes()
				err := run(r, peer)

				wantError(t, err, rejected(ErrInterrupted, c.stage.String(), 0, "synced", string(c.fault), "try again"))
				wantSame(t, r.View(), before)
				if !bytes.Equal(storage.Bytes(), log) {
					t.Error("got another log, want no change")
				}

				hooks.stage = StageNone
				if err := run(r, peer); err != nil {
					t.Fatal(err)
				}
				wantSame(t, openOn(t, storage, "a").View(), r.View())
			})
		}
	}
}

// R8.1: every step goes through the stages in order.
func TestR8_1Stages(t *testing.T) {
	for name, run := range steps {
		hooks := &script{}
		r, _, peer := newPrepared(t, hooks)
		if err := run(r, peer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := []Stage{StageReceived, StageChecked, StageStaged, StageAppended, StageSynced}; !slices.Equal(hooks.seen, want) {
			t.Errorf("%s: got %v, want %v", name, hooks.seen, want)
		}
	}
}

// R8.1: a step that changes nothing still writes a record.
func TestR8_1IdleStepsAreRecorded(t *testing.T) {
	r, storage := open(t, "a")
	before := len(storage.Bytes())
	if err := r.SetFlag(FlagOff); err != nil {
		t.Fatal(err)
	}
	if len(storage.Bytes()) == before {
		t.Error("got no record, want one")
	}
}

// failingStorage is a storage that fails with the given errors.
type failingStorage struct {
	Memory
	append, sync, truncate error
	half                   bool // a failed append writes half of the bytes
}

func (b *failingStorage) Append(data []byte) error {
	if b.append != nil {
		if b.half {
			_ = b.Memory.Append(data[:len(data)/2])
		}
		return b.append
	}
	return b.Memory.Append(data)
}

func (b *failingStorage) Sync() error {
	if b.sync != nil {
		return b.sync
	}
	return b.Memory.Sync()
}

func (b *failingStorage) Truncate(size int64) error {
	if b.truncate != nil {
		return b.truncate
	}
	return b.Memory.Truncate(size)
}

// R8.2: a failure of the storage interrupts the step. When the storage works again, no trace of it is left.
func TestR8_2StorageFails(t *testing.T) {
	full := errors.New("disk full")
	for name, c := range map[string]struct {
		storage failingStorage
		path    string
	}{
		"append":              {failingStorage{append: full}, "staged"},
		"append halfway":      {failingStorage{append: full, half: true}, "staged"},
		"sync":                {failingStorage{sync: full}, "appended"},
		"append and truncate": {failingStorage{append: full, half: true, truncate: full}, "staged"},
		"sync and truncate":   {failingStorage{sync: full, truncate: full}, "appended"},
	} {
		t.Run(name, func(t *testing.T) {
			storage := &failingStorage{}
			r := openOn(t, storage, "a")
			put(t, r, "k", "01", 1)
			before := r.View()
			storage.append, storage.sync, storage.truncate, storage.half =
				c.storage.append, c.storage.sync, c.storage.truncate, c.storage.half
			_, err := r.Put("k", []byte{2}, Label{}, 2)

			wantError(t, err, rejected(ErrInterrupted, c.path, 0, "synced", "storage", "try again"))
			if !errors.Is(err, full) {
				t.Errorf("got %v, want the cause %v", err, full)
			}
			wantSame(t, r.View(), before)
			storage.append, storage.sync, storage.truncate = nil, nil, nil
			put(t, r, "k", "02", 2)
			wantSame(t, openOn(t, storage, "a").View(), r.View())
		})
	}
}

// journal returns a log with all kinds of records, the state after each, and the end of each frame.
func journal(t *testing.T) (log []byte, states []View, ends []int) {
	r, storage := open(t, "a")
	peer, _ := open(t, "b")
	put(t, peer, "m1", "01", 1)
	put(t, peer, "m2", "02", 1)
	snapshot := r.View().Snapshot()
	note := func() {
		states = append(states, r.View())
		ends = append(ends, len(storage.Synced()))
	}
	note()
	put(t, r, "k1", "01", 1)
	note()
	pull(t, r, peer, 1)
	note()
	must[WriteResult](t)(r.Delete("m1", 2))
	note()
	must[Hash](t)(r.Migrate(2, "r", "a"))
	note()
	put(t, r, "k1", "6161", 3)
	note()
	must[Hash](t)(r.Rollback(snapshot))
	note()
	must[Hash](t)(r.Migrate(1, "back", "b"))
	note()
	put(t, r, "k2", "20", 3)
	note()
	return storage.Synced(), states, ends
}

// R8.3, R8.6: wherever a crash cuts a log, the replica opens with the state of the last whole record.
func TestR8_6EveryTruncationRecovers(t *testing.T) {
	log, states, ends := journal(t)
	for size := range len(log) + 1 {
		storage := NewMemory(log[:size])
		last := -1
		for i, end := range ends {
			if end <= size {
				last = i
			}
		}
		r := openOn(t, storage, "a", atSchema(2))
		if last < 0 { // no record is left, so the replica starts from its configuration
			if got := r.View().Local().Schema; got != 2 {
				t.Errorf("%d bytes: got schema %d, want 2", size, got)
			}
			continue
		}
		wantSame(t, r.View(), states[last])
		if got := len(storage.Bytes()); got != ends[last] {
			t.Errorf("%d bytes: got a log of %d bytes, want %d", size, got, ends[last])
		}
	}
}

// reframed returns a log of these records, with valid checksums.
func reframed(records ...[]byte) []byte {
	var l log
	var b []byte
	for _, record := range records {
		frame, last := l.frame(record)
		b = append(b, frame...)
		l.lastChecksum = last
	}
	return b
}

// records returns the records of a log without their frames.
func records(log []byte) (records [][]byte) {
	for len(log) > 0 {
		length := binary.BigEndian.Uint32(log)
		records = append(records, bytes.Clone(log[lengthSize:lengthSize+length]))
		log = log[lengthSize+length+checksumSize:]
	}
	return records
}

// R8.6, R10.5: a log that is corrupt and not torn is rejected, and stays as it is for an analysis.
func TestR8_6CorruptLogs(t *testing.T) {
	log, _, ends := journal(t)
	whole := records(log)
	replaced := func(i int, old, new string) []byte {
		changed := slices.Clone(whole)
		if bytes.Count(changed[i], []byte(old)) != 1 {
			t.Fatalf("record %d: got %d times %q, want 1", i, bytes.Count(changed[i], []byte(old)), old)
		}
		changed[i] = bytes.Replace(changed[i], []byte(old), []byte(new), 1)
		return reframed(changed...)
	}
	flipped := func(at int) []byte {
		changed := bytes.Clone(log)
		changed[at] ^= 1
		return changed
	}
	_, foreign := open(t, "b")
	for name, c := range map[string]struct {
		log   []byte
		frame int
		got   string
	}{
		"bit of a record":   {flipped(ends[1] + lengthSize + 9), 2, "check"},
		"bit of a check":    {flipped(ends[2] - 1), 2, "check"},
		"record repeated":   {slices.Concat(log[:ends[1]], log[ends[0]:ends[1]]), 2, "check"},
		"not a record":      {replaced(2, "DCR1", "DCR2"), 2, "record"},
		"another writer":    {foreign.Bytes(), 0, "record"},
		"another rationale": {replaced(4, "\x61r\x61a", "\x61s\x61a"), 4, "chain"},
		"another rollback":  {reframed(slices.Concat(whole[:4], [][]byte{rolledBack(t, whole[4])}, whole[5:])...), 4, "chain"},
		"no migration":      {reframed(slices.Concat(whole[:4], whole[5:])...), 4, "chain"},
	} {
		t.Run(name, func(t *testing.T) {
			storage := NewMemory(c.log)
			_, err := Open(storage, Config{Writer: "a", Members: members, Policies: table, Schema: 3})

			offset := 0
			if c.frame > 0 {
				offset = ends[c.frame-1]
			}
			wantError(t, err, rejected(ErrCorruptLog, fmt.Sprint("frame ", c.frame), uint64(offset), "a whole record", c.got,
				"restore from another replica"))
			if !bytes.Equal(storage.Bytes(), c.log) {
				t.Error("got another log, want no change")
			}
		})
	}
}

// R8.4: the checksums of frames equal those that are computed by hand.
func TestR8_4Frames(t *testing.T) {
	log, _, ends := journal(t)
	before := make([]byte, 8)
	for i, record := range records(log) {
		sum := naiveHash("reconcile/frame", before, record)
		end := ends[i]
		if !bytes.Equal(log[end-8:end], sum[:8]) {
			t.Errorf("frame %d: got checksum %x, want %x", i, log[end-8:end], sum[:8])
		}
		before = sum[:8]
	}
}

// R8.3: a replica opens again on a log in a file.
func TestR8_3FileStorage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	openFile := func() (*File, *Replica) {
		file, err := OpenFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return file, openOn(t, file, "a")
	}
	file, r := openFile()
	put(t, r, "k", "01", 1)
	r.hooks = &script{stage: StageStaged, fault: FaultTorn}
	if _, err := r.Put("k", []byte{2}, Label{}, 2); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	r.hooks = NoHooks{}
	put(t, r, "k", "03", 3)
	if err := file.Append([]byte("torn")); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	file, again := openFile()
	defer func() { _ = file.Close() }()

	wantSame(t, again.View(), r.View())
}

// countingStorage is a storage that records the size of each append.
type countingStorage struct {
	Memory
	appended []int
}

func (c *countingStorage) Append(b []byte) error {
	c.appended = append(c.appended, len(b))
	return c.Memory.Append(b)
}

// R8.7: the fault torn appends the first half of a frame, rounded down. The next step removes it.
func TestR8_7Torn(t *testing.T) {
	storage := &countingStorage{}
	hooks := &script{stage: StageStaged, fault: FaultTorn}
	r := openOn(t, storage, "a", withHooks(hooks))
	before := len(storage.Bytes())
	if _, err := r.Put("k", []byte{1}, Label{}, 1); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	hooks.stage = StageNone
	put(t, r, "k", "01", 1)

	if n := storage.appended; len(n) != 3 || n[1] != n[2]/2 || len(storage.Bytes()) != before+n[2] {
		t.Errorf("got appends of %v bytes, want three, the second half as long as the third", n)
	}
}

// A crash leaves the synced bytes of Memory, and a truncation cannot make the log longer.
func TestMemory(t *testing.T) {
	m := NewMemory([]byte("synced"))
	if err := m.Append([]byte(" lost")); err != nil {
		t.Fatal(err)
	}
	m.Crash()
	if got := string(m.Bytes()); got != "synced" {
		t.Errorf("got %q, want %q", got, "synced")
	}
	if err := m.Truncate(2); err != nil {
		t.Fatal(err)
	}
	m.Crash()
	if got := string(m.Bytes()) + string(m.Synced()); got != "sysy" {
		t.Errorf("got %q, want %q", got, "sysy")
	}
	if err := m.Truncate(3); err == nil {
		t.Error("truncate to 3 of 2 bytes: got no error")
	}
}

// rolledBack changes the rollback of a record's only migration, and its head to match.
func rolledBack(t *testing.T, record []byte) []byte {
	t.Helper()
	rec, err := readRecord(record)
	if err != nil || len(rec.migrations) != 1 {
		t.Fatalf("got %+v, %v, want one migration", rec, err)
	}
	old := rec.migrations[0]
	changed := old
	changed.Rollback = changed.To
	changed.Head = changed.headAfter(Hash{})
	return bytes.Replace(record, old.append(nil), changed.append(nil), 1)
}

// R8.2: a failure of the storage while a replica is opened has the path "none".
func TestR8_2StorageFailsOnOpening(t *testing.T) {
	full := errors.New("disk full")
	config := Config{Writer: "a", Members: members, Schema: 3}
	for name, storage := range map[string]*failingStorage{
		"append": {append: full}, "sync": {sync: full}, "truncate": {truncate: full, Memory: *NewMemory([]byte("torn"))},
	} {
		r, err := Open(storage, config)
		wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "storage", "try again"))
		if r != nil || !errors.Is(err, full) {
			t.Errorf("%s: got %v, %v, want the cause %v", name, r, err, full)
		}
	}
}

// R8.6: a writer that is no member cannot open a replica.
func TestR8_6WriterIsNoMember(t *testing.T) {
	storage := NewMemory(nil)
	r, err := Open(storage, Config{Writer: "x", Members: members, Schema: 3})
	wantError(t, err, rejected(ErrMalformed, "writer", 0, "a member", "78", "the members are fixed"))
	if r != nil || len(storage.Bytes()) > 0 {
		t.Errorf("got %v, a log of %d bytes, want neither", r, len(storage.Bytes()))
	}
}

// R8.2: if the log cannot be repaired after a step was halted, the cause says so, and the next append repairs it.
func TestR8_2RepairFails(t *testing.T) {
	full := errors.New("disk full")
	storage := &failingStorage{}
	hooks := &script{}
	r := openOn(t, storage, "a", withHooks(hooks))
	storage.truncate, hooks.stage, hooks.fault = full, StageAppended, FaultHalted
	_, err := r.Put("k", []byte{1}, Label{}, 1)

	wantError(t, err, rejected(ErrInterrupted, "appended", 0, "synced", "halted", "try again"))
	if !errors.Is(err, full) {
		t.Errorf("got %v, want the cause %v", err, full)
	}
	hooks.stage = StageNone
	_, err = r.Put("k", []byte{1}, Label{}, 2)
	wantError(t, err, rejected(ErrInterrupted, "staged", 0, "synced", "storage", "try again"))
	storage.truncate = nil
	put(t, r, "k", "01", 3)
	wantSame(t, openOn(t, storage, "a").View(), r.View())
}

// A rejection names its class, its detail and its cause.
func TestErrorText(t *testing.T) {
	err := interrupted(StageStaged, faultStorage, errors.New("append to the log: disk full"))

	want := `interrupted at "staged", offset 0: expected synced, got storage: append to the log: disk full`
	if got := err.Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
