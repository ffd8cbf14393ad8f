package reconcile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// stagesFile holds what each fault does to each operation. Its head describes the scene.
const stagesFile = "testdata/golden/stages.txt"

var faults = []struct {
	name  string
	hooks script
}{
	{"none", script{}},
	{"lost", script{injects: []Fault{FaultLost}}},
	{"repeated", script{injects: []Fault{FaultRepeated}}},
	{"reordered", script{injects: []Fault{FaultReordered}}},
	{"damaged", script{injects: []Fault{FaultDamaged}}},
	{"stepped", script{injects: []Fault{FaultStepped}}},
	{"halted at received", script{stage: StageReceived, fault: FaultHalted}},
	{"halted at checked", script{stage: StageChecked, fault: FaultHalted}},
	{"halted at staged", script{stage: StageStaged, fault: FaultHalted}},
	{"torn", script{stage: StageStaged, fault: FaultTorn}},
	{"halted at appended", script{stage: StageAppended, fault: FaultHalted}},
	{"killed", script{stage: StageAppended, fault: FaultKilled}},
}

// A scene is what each step of the matrix starts with.
type scene struct {
	log   []byte
	empty Snapshot
	peer  View
}

// newScene returns the scene that the head of the file describes.
func newScene(t *testing.T, flag Flag) scene {
	const now = 4000000
	a, storage := open(t, "a", withFlag(flag))
	empty := a.View().Snapshot()
	put(t, a, "k", "01", now)
	must[uint64](t)(a.Increase("c", 1, now))
	put(t, a, "l", "01", now)
	must[WriteResult](t)(a.Delete("l", now))
	b, _ := open(t, "b")
	c, _ := open(t, "c")
	for _, other := range []*Replica{b, c} {
		pull(t, other, a, now)
		pull(t, a, other, now)
	}
	for i := range 400 {
		put(t, b, fmt.Sprintf("n%03d", i), "01", now)
	}
	return scene{storage.Synced(), empty, b.View()}
}

// R8.2, R8.7, R9: each fault has the effect on each operation that the file says. A rejected step leaves all as it was.
func TestR8_7EachFaultInEachOperation(t *testing.T) {
	const now = 4500000
	reconcile := func(r *Replica, s scene) error { _, err := r.Reconcile(s.peer, now); return err }
	operations := []struct {
		name string
		flag Flag
		run  func(r *Replica, s scene) error
	}{
		{"put", FlagOff, func(r *Replica, _ scene) error { _, err := r.Put("k", []byte{9}, Label{}, now); return err }},
		{"delete", FlagOff, func(r *Replica, _ scene) error { _, err := r.Delete("k", now); return err }},
		{"increase", FlagOff, func(r *Replica, _ scene) error { _, err := r.Increase("c", 2, now); return err }},
		{"tick", FlagOff, func(r *Replica, _ scene) error { _, err := r.Tick(now); return err }},
		{"rollback", FlagOff, func(r *Replica, s scene) error { _, err := r.Rollback(s.empty); return err }},
		{"reconcile by v1", FlagOff, reconcile},
		{"reconcile by v2", FlagOn, reconcile},
		{"reconcile in shadow", FlagShadow, reconcile},
		{"import", FlagOff, func(r *Replica, s scene) error { _, err := r.Import(s.peer.Export(), now); return err }},
		{"gc", FlagOff, func(r *Replica, _ scene) error { _, err := r.GC(nil); return err }},
		{"migrate", FlagOff, func(r *Replica, _ scene) error { _, err := r.Migrate(2, "r", "a"); return err }},
		{"set_flag", FlagOff, func(r *Replica, _ scene) error { return r.SetFlag(FlagOn) }},
	}
	scenes := make(map[Flag]scene)
	for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
		scenes[flag] = newScene(t, flag)
	}
	var lines strings.Builder
	for _, fault := range faults {
		for _, operation := range operations {
			s, hooks := scenes[operation.flag], fault.hooks
			storage := &countingStorage{Memory: *NewMemory(s.log)}
			r := openOn(t, storage, "a", withHooks(&hooks))
			before := r.View()
			err := operation.run(r, s)

			if err != nil && !bytes.Equal(storage.Bytes(), s.log) {
				t.Errorf("%s, %s: got another log, want no change", fault.name, operation.name)
			}
			if err != nil {
				wantSame(t, r.View(), before)
			}
			wantSame(t, openOn(t, NewMemory(storage.Synced()), "a").View(), r.View())
			digest := r.View().Digest().State
			fmt.Fprintf(&lines, "%s | %s | %s | appended %d | kept %d | shared %x | local %s | log %x\n",
				fault.name, operation.name, describe(err), storage.total(), len(storage.Bytes())-len(s.log),
				digest[:8], change(before, r.View()), shortHash(storage.Bytes()))
		}
	}
	wantTable(t, lines.String())
}

// describe returns the class and the path of a rejection.
func describe(err error) string {
	var rejection *Error
	if errors.As(err, &rejection) {
		return rejection.Class.String() + " at " + rejection.Path
	}
	return "accepted"
}

func (c *countingStorage) total() (n int) {
	for _, appended := range c.appended {
		n += appended
	}
	return n
}

// change says whether the local part changed.
func change(before, after View) string {
	if fmt.Sprint(before.Local()) == fmt.Sprint(after.Local()) {
		return "same"
	}
	return "changed"
}

func shortHash(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:8]
}

// wantTable compares lines with those of the file. An update keeps the head of the file.
func wantTable(t *testing.T, lines string) {
	t.Helper()
	held, err := os.ReadFile(stagesFile)
	if err != nil {
		t.Fatal(err)
	}
	head, table, _ := strings.Cut(string(held), "\n\n")
	if *update {
		if err := os.WriteFile(stagesFile, []byte(head+"\n\n"+lines), 0o644); err != nil {
			t.Fatal(err)
		}
		table = lines
	}
	if table != lines {
		t.Errorf("got\n%s\nwant\n%s", lines, table)
	}
}
