package reconcile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A killed process loses its memory, and nothing that it handed to the kernel.
// The tests that kill processes check what the engine makes of the log that is left.
// A loss of power also takes what was not synced. Tests simulate that by a storage that forgets it.
// The variable RECONCILE_KILLS sets how many processes are killed at random.

// The environment of a victim process. It takes either one step, or random steps without end.
const (
	victimFolder = "RECONCILE_VICTIM"      // the folder of its log
	victimStep   = "RECONCILE_VICTIM_STEP" // the name in steps of its one step
	victimEnd    = "RECONCILE_VICTIM_END"  // the moment of this step at which it ends
	victimSeed   = "RECONCILE_VICTIM_SEED" // the seed of its random steps
	victimFrom   = "RECONCILE_VICTIM_FROM" // how many of the random steps earlier processes took
)

// ends are the moments of a step at which a process ends: each stage, and the middle of an append.
var ends = []string{"none", "received", "checked", "staged", "torn", "appended", "synced"}

// crashing are the hooks and the storage of a process that ends at a moment.
type crashing struct {
	Storage
	NoHooks
	moment string
	crash  func()
}

func (m *crashing) At(stage Stage) Fault {
	if stage.String() == m.moment {
		m.crash()
	}
	return NoFault
}

func (m *crashing) Append(b []byte) error {
	if m.moment == "torn" {
		_ = m.Storage.Append(b[:len(b)/2])
		m.crash()
	}
	return m.Storage.Append(b)
}

// kill ends this process as kill -9 does: it runs no deferred calls, and flushes and closes nothing.
func kill() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// TestVictim is the process that other tests start and kill.
func TestVictim(t *testing.T) {
	folder, isVictim := os.LookupEnv(victimFolder)
	if !isVictim {
		t.Skip("runs in a process of its own")
	}
	file, err := OpenFile(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if name, found := os.LookupEnv(victimStep); found {
		_, _, peer := newPrepared(t, NoHooks{})
		m := &crashing{Storage: file, crash: kill}
		r := openOn(t, m, "a", withHooks(m))
		if m.moment = os.Getenv(victimEnd); m.moment == "none" {
			kill()
		}
		t.Fatalf("the process survived the step: %v", steps[name](r, peer))
	}
	from, seed := count(t, victimFrom), count(t, victimSeed)
	w, random := newRun(t, seed)
	for range from {
		w.run(nextStep(random))
	}
	w.replicas[0] = openOn(t, file, "a", withFlag(FlagOn), atSchema(2))
	for i := from; ; i++ {
		w.run(nextStep(random))
		fmt.Println("acknowledged", i)
	}
}

// count reads a number from the environment.
func count(t *testing.T, name string) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// victim starts a process for the test to kill, and returns its output.
func victim(t *testing.T, folder string, environment ...string) (*exec.Cmd, io.Reader) {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	command.Env = append(os.Environ(), append(environment, victimFolder+"="+folder)...)
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return command, output
}

// wantKilled waits for the end of a victim, and fails unless it was killed.
func wantKilled(t *testing.T, command *exec.Cmd, output io.Reader) {
	t.Helper()
	text, err := io.ReadAll(output)
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("got a process that ended with %v, want signal: killed\n%s", err, text)
	}
}

// onFile opens a replica on a log in a file.
func onFile(t *testing.T, name string, change ...func(*Config)) *Replica {
	t.Helper()
	file, err := OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return openOn(t, file, "a", change...)
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// R8.3, I8: a process that is killed anywhere in a step leaves a log with the whole step or with none of it.
// The replica opens again with that state, cuts off half a frame, and accepts more writes.
func TestR8_3KilledInAStep(t *testing.T) {
	for name, run := range steps {
		r, storage, peer := newPrepared(t, NoHooks{})
		old, before := r.View(), storage.Synced()
		if err := run(r, peer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		next, after := r.View(), storage.Synced()
		half := (len(after) - len(before)) / 2
		for _, end := range ends {
			t.Run(name+" "+end, func(t *testing.T) {
				folder := t.TempDir()
				log := filepath.Join(folder, "log")
				if err := os.WriteFile(log, before, 0o600); err != nil {
					t.Fatal(err)
				}
				want, left, opened := old, before, before
				switch end {
				case "torn":
					left = after[:len(before)+half]
				case "appended", "synced":
					want, left, opened = next, after, after
				}
				command, output := victim(t, folder, victimStep+"="+name, victimEnd+"="+end)
				wantKilled(t, command, output)

				if got := readFile(t, log); !bytes.Equal(got, left) {
					t.Errorf("got a log of %d bytes, want %d", len(got), len(left))
				}
				r := onFile(t, log)
				wantSame(t, r.View(), want)
				if got := readFile(t, log); !bytes.Equal(got, opened) {
					t.Errorf("after opening: got a log of %d bytes, want %d", len(got), len(opened))
				}
				put(t, r, "k9", "09", 9)
				wantSame(t, onFile(t, log).View(), r.View())
			})
		}
	}
}

// newRun returns a store, and the random source of its steps. Both are the same in each process.
func newRun(t *testing.T, seed int) (*world, *rand.Rand) {
	return newWorld(t, FlagOn), rand.New(rand.NewPCG(uint64(seed), 9))
}

// nextStep draws a random step that does not open a replica.
func nextStep(random *rand.Rand) randomised {
	s := randomStep(random)
	s.op %= 98
	return s
}

// I6, R8.3: processes that write without end are killed at random moments, each going on from the log of the last.
// Each time the log is, byte for byte, that of the acknowledged steps, perhaps with the step in flight.
func TestI6KilledAtAnyMoment(t *testing.T) {
	kills := killsOfARun
	if _, found := os.LookupEnv("RECONCILE_KILLS"); found {
		kills = count(t, "RECONCILE_KILLS")
	}
	for seed := range kills / killsOfARun {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { killOften(t, seed) })
	}
}

const killsOfARun = 12 // few, because each process repeats all steps before its own

func killOften(t *testing.T, seed int) {
	folder := t.TempDir()
	log := filepath.Join(folder, "log")
	w, random := newRun(t, seed)
	taken := 0
	take := func() {
		w.run(nextStep(random))
		taken++
	}
	for range killsOfARun {
		command, output := victim(t, folder, fmt.Sprint(victimSeed, "=", seed), fmt.Sprint(victimFrom, "=", taken))
		acknowledged := taken
		lines := bufio.NewScanner(output)
		for enough := taken + 1 + rand.IntN(30); lines.Scan(); acknowledged++ {
			if lines.Text() != fmt.Sprint("acknowledged ", acknowledged) {
				t.Fatalf("got %q, want the acknowledgement of step %d", lines.Text(), acknowledged)
			}
			if acknowledged == enough {
				time.AfterFunc(rand.N(3*time.Millisecond), func() { _ = command.Process.Kill() })
			}
		}
		wantKilled(t, command, output)
		for taken < acknowledged {
			take()
		}
		left := onFile(t, log, withFlag(FlagOn), atSchema(2))
		got := readFile(t, log)
		if !bytes.Equal(got, w.storages[0].Bytes()) {
			take() // the step in flight
		}
		if want := w.storages[0].Bytes(); !bytes.Equal(got, want) {
			t.Fatalf("after %d acknowledged steps: got a log of %d bytes, want %d with one more step", acknowledged,
				len(got), len(want))
		}
		wantSame(t, left.View(), w.replicas[0].View())
	}
}

// catchPowerLoss runs a step that ends in a panic, and returns what it panicked with.
func catchPowerLoss(run func()) (ended any) {
	defer func() { ended = recover() }()
	run()
	return nil
}

// R8.3: if what was not synced is lost, no step remains that was not acknowledged, whatever was appended.
func TestR8_3PowerLossInAStep(t *testing.T) {
	for name, run := range steps {
		for _, end := range ends[1:] {
			t.Run(name+" "+end, func(t *testing.T) {
				_, memory, peer := newPrepared(t, NoHooks{})
				m := &crashing{Storage: memory, moment: end, crash: func() { panic("the power is gone") }}
				r := openOn(t, m, "a", withHooks(m))
				want := r.View()
				if ended := catchPowerLoss(func() { _ = run(r, peer) }); ended != "the power is gone" {
					t.Fatalf("got a step that ended with %v, want the loss of power", ended)
				}
				memory.Crash()
				if end == "synced" {
					want = r.View()
				}

				wantSame(t, openOn(t, memory, "a").View(), want)
			})
		}
	}
}

// unsyncedReader reads as a new process does: all that was appended, synced or not.
type unsyncedReader struct{ *Memory }

func (c unsyncedReader) Read() ([]byte, error) { return c.Bytes(), nil }

// R8.3, R8.6: a killed process may leave a record that it did not sync. A replica syncs the record before it shows
// the state, so that no loss of power takes back what others have seen.
func TestR8_6ShownIsDurable(t *testing.T) {
	for name, run := range steps {
		_, memory, peer := newPrepared(t, NoHooks{})
		before := memory.Synced()
		m := &crashing{Storage: memory, moment: "appended", crash: func() { panic("killed") }}
		r := openOn(t, m, "a", withHooks(m))
		if ended := catchPowerLoss(func() { _ = run(r, peer) }); ended != "killed" || !bytes.Equal(memory.Synced(), before) {
			t.Fatalf("%s: got a step that ended with %v, want one that was appended and not synced", name, ended)
		}
		shown := openOn(t, unsyncedReader{memory}, "a").View()
		memory.Crash()

		wantSame(t, openOn(t, memory, "a").View(), shown)
		if slices.Equal(memory.Bytes(), before) {
			t.Errorf("%s: got a log without the appended record", name)
		}
	}
}
