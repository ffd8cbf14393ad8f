package reconcile

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// I2 to I4, I15, R9.1: three replicas converge after random steps.
// After every step, all flags have the same states, results and rejections.
func TestRandomTracesConverge(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var worlds []*world
			for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
				worlds = append(worlds, newWorld(t, flag))
			}
			random := rand.New(rand.NewPCG(seed, 1))
			for i := range 250 {
				s := randomStep(random)
				first := worlds[0].run(s)
				for _, w := range worlds[1:] {
					if got := w.run(s); got != first {
						t.Fatalf("step %d, %+v: got %s, want %s", i, s, got, first)
					}
				}
				for _, w := range worlds[1:] {
					for k := range members {
						wantSameButFlag(t, w.replicas[k].View(), worlds[0].replicas[k].View())
					}
				}
				if i%25 == 0 {
					wantNaiveDigests(t, worlds[0])
				}
				if t.Failed() {
					t.Fatalf("after step %d, %+v", i, s)
				}
			}
			for _, w := range worlds {
				w.settle(t)
			}
		})
	}
}

func wantSameButFlag(t *testing.T, got, want View) {
	t.Helper()
	s := got.state.clone()
	s.flag = want.state.flag
	got.state = s
	wantSame(t, got, want)
}

func wantNaiveDigests(t *testing.T, w *world) {
	t.Helper()
	for _, r := range w.replicas {
		if got, want := r.View().Digest().State, naiveDigest(r.View()); got != want {
			t.Errorf("got digest %x, want %x", got, want)
		}
	}
}

// A world holds the three replicas of a store with their logs and snapshots.
type world struct {
	replicas  []*Replica
	storages  []*Memory
	snapshots [][]Snapshot
	now       uint64
}

func newWorld(t *testing.T, flag Flag) *world {
	w := &world{now: 1000, snapshots: make([][]Snapshot, len(members))}
	for _, member := range members {
		r, storage := open(t, member, withFlag(flag), atSchema(2))
		w.replicas = append(w.replicas, r)
		w.storages = append(w.storages, storage)
	}
	return w
}

// A randomised step says which operation to run, and how.
type randomised struct {
	op, replica, peer int
	key, value        string
	n                 uint64
}

func randomStep(random *rand.Rand) randomised {
	keys := []string{"k", "m", "c"}
	return randomised{
		op: random.IntN(100), replica: random.IntN(3), peer: random.IntN(3),
		key:   fmt.Sprint(keys[random.IntN(3)], random.IntN(40)),
		value: integer(random.Uint64N(5)), n: random.Uint64N(50),
	}
}

// run runs one step, and returns its result as text.
func (w *world) run(s randomised) string {
	r := w.replicas[s.replica]
	w.now += s.n
	var result any
	var err error
	switch {
	case s.op < 35:
		result, err = r.Put(s.key, []byte(s.value), Label{Text: "x", Present: s.n%3 == 0}, w.now)
		result = fmt.Sprint(result)
	case s.op < 50:
		result, err = r.Delete(s.key, w.now)
	case s.op < 58:
		result, err = r.Increase(s.key, s.n+1, w.now)
	case s.op < 60:
		result, err = r.Tick(w.now)
	case s.op < 84:
		result, err = r.Reconcile(w.replicas[s.peer].View(), w.now)
	case s.op < 88:
		result, err = r.Import(w.replicas[s.peer].View().Export(), w.now)
	case s.op < 92:
		result, err = r.GC(nil)
	case s.op < 94:
		w.snapshots[s.replica] = append(w.snapshots[s.replica], r.View().Snapshot())
	case s.op < 96:
		if known := w.snapshots[s.replica]; len(known) > 0 {
			result, err = r.Rollback(known[int(s.n)%len(known)])
		}
	case s.op < 98:
		result, err = r.Migrate(r.View().Local().Schema+1-2*uint8(s.n%2), "r", "a")
	default:
		w.storages[s.replica].Crash()
		storage := w.storages[s.replica]
		r, err = Open(storage, Config{Writer: members[s.replica], Members: members, Policies: table, Schema: 1})
		w.replicas[s.replica] = r
	}
	var rejection *Error
	if errors.As(err, &rejection) {
		return fmt.Sprintf("%+v", *rejection)
	}
	return fmt.Sprint(result, err)
}

// settle lets all ordered pairs reconcile twice, and fails unless the replicas have converged.
func (w *world) settle(t *testing.T) {
	for _, r := range w.replicas {
		for r.View().Local().Schema != 2 {
			must[Hash](t)(r.Migrate(2, "r", "a"))
		}
	}
	for range 2 {
		for i, r := range w.replicas {
			for j, peer := range w.replicas {
				if i != j {
					pull(t, r, peer, w.now)
				}
			}
		}
	}
	for _, r := range w.replicas[1:] {
		if !equalParts(r.View().state.part, w.replicas[0].View().state.part) {
			t.Errorf("got digest %x, want %x", r.View().Digest().State, w.replicas[0].View().Digest().State)
		}
	}
}
