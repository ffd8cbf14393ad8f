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

// A process that is killed loses what it holds, and nothing that it handed to the kernel: the tests with
// processes ask what an engine makes of the bytes that are left. What a loss of power takes besides is asked
// of a storage that forgets what was not synced. RECONCILE_KILLS asks for more kills at random.

// What the environment of a victim says.
const (
	victimFolder = "RECONCILE_VICTIM"      // where its log lies
	victimStep   = "RECONCILE_VICTIM_STEP" // the one step it takes, by its name in steps, or
	victimEnd    = "RECONCILE_VICTIM_END"  // and where in that it ends, or
	victimSeed   = "RECONCILE_VICTIM_SEED" // whence it draws steps without end
	victimFrom   = "RECONCILE_VICTIM_FROM" // and how many of these were taken before
)

// ends are the moments of a step at which a process ends: each stage, and a write that is half done.
var ends = []string{"none", "received", "checked", "staged", "torn", "appended", "synced"}

// crashing are hooks and a storage of a process that ends at a moment.
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

// kill ends this process as kill -9 does: nothing is deferred, flushed or closed.
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

// TestVictim is the process that other tests start to have it killed.
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
		t.Fatal("alive, with ", steps[name](r, peer))
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

// victim starts a process that is to be killed, and gives what it writes.
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

// wantKilled waits for the end of a victim.
func wantKilled(t *testing.T, command *exec.Cmd, output io.Reader) {
	t.Helper()
	said, _ := io.ReadAll(output)
	if err := command.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("the process ended with %v\n%s", err, said)
	}
}

// onFile opens a replica on the log that a process left.
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

// R8.3, I8: a process that is killed anywhere in a step leaves a log with the whole step or with none of it. Opened
// again, the replica has that state, the half of a frame is gone, and it goes on writing.
func TestR8_3KilledInAStep(t *testing.T) {
	for name, run := range steps {
		r, storage, peer := newPrepared(t, NoHooks{})
		old, before := r.View(), storage.Synced()
		if err := run(r, peer); err != nil {
			t.Fatal(name, err)
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
					t.Errorf("%d bytes are left, want %d", len(got), len(left))
				}
				r := onFile(t, log)
				wantSame(t, r.View(), want)
				if got := readFile(t, log); !bytes.Equal(got, opened) {
					t.Errorf("opened again the log has %d bytes, want %d", len(got), len(opened))
				}
				put(t, r, "k9", "09", 9)
				wantSame(t, onFile(t, log).View(), r.View())
			})
		}
	}
}

// newRun is a store, and where its steps come from: they are the same in each process.
func newRun(t *testing.T, seed int) (*world, *rand.Rand) {
	return newWorld(t, FlagOn), rand.New(rand.NewPCG(uint64(seed), 9))
}

// nextStep draws a step that opens no replica again.
func nextStep(random *rand.Rand) randomised {
	s := randomStep(random)
	s.op %= 98
	return s
}

// I6, R8.3: a process that writes without end is killed at moments that nobody chose, and another one goes on from
// there. Each time the log is, to the byte, that of the acknowledged steps, or of these and the one in flight.
func TestI6KilledAtAnyMoment(t *testing.T) {
	kills := killsOfARun
	if _, found := os.LookupEnv("RECONCILE_KILLS"); found {
		kills = count(t, "RECONCILE_KILLS")
	}
	for seed := range kills / killsOfARun {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { killOften(t, seed) })
	}
}

const killsOfARun = 12 // each process begins with all steps before its own

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
				t.Fatal(lines.Text())
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
			take() // it was in flight
		}
		if want := w.storages[0].Bytes(); !bytes.Equal(got, want) {
			t.Fatalf("after %d acknowledged steps the log has %d bytes; with one more it would have %d", acknowledged,
				len(got), len(want))
		}
		wantSame(t, left.View(), w.replicas[0].View())
	}
}

// catchPowerLoss runs a step that ends with its machine, and says how.
func catchPowerLoss(run func()) (ended any) {
	defer func() { ended = recover() }()
	run()
	return nil
}

// R8.3: where what was not synced is lost, a step that was not acknowledged was not, whatever was appended.
func TestR8_3PowerIsLostInAStep(t *testing.T) {
	for name, run := range steps {
		for _, end := range ends[1:] {
			t.Run(name+" "+end, func(t *testing.T) {
				_, memory, peer := newPrepared(t, NoHooks{})
				m := &crashing{Storage: memory, moment: end, crash: func() { panic("the power is gone") }}
				r := openOn(t, m, "a", withHooks(m))
				want := r.View()
				if ended := catchPowerLoss(func() { _ = run(r, peer) }); ended != "the power is gone" {
					t.Fatal(ended)
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

// unsyncedReader is what a new process reads: what was appended, synced or not.
type unsyncedReader struct{ *Memory }

func (c unsyncedReader) Read() ([]byte, error) { return c.Bytes(), nil }

// R8.3, R8.6: a record that a killed process appended and did not sync is durable once a replica shows it, so that no
// loss of power takes it back from those who have seen it.
func TestR8_6ShownIsDurable(t *testing.T) {
	for name, run := range steps {
		_, memory, peer := newPrepared(t, NoHooks{})
		before := memory.Synced()
		m := &crashing{Storage: memory, moment: "appended", crash: func() { panic("killed") }}
		r := openOn(t, m, "a", withHooks(m))
		if ended := catchPowerLoss(func() { _ = run(r, peer) }); ended != "killed" || !bytes.Equal(memory.Synced(), before) {
			t.Fatal(name, ended)
		}
		shown := openOn(t, unsyncedReader{memory}, "a").View()
		memory.Crash()

		wantSame(t, openOn(t, memory, "a").View(), shown)
		if slices.Equal(memory.Bytes(), before) {
			t.Errorf("%s: what was appended was not read", name)
		}
	}
}
