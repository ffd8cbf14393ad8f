package reconcile

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// runFile holds a long run of three replicas, and the hash of a log after each step. Its head says how to read it.
// Another implementation that takes the same steps must have the same logs.
const runFile = "testdata/golden/run.txt"

// A store holds three replicas with their logs, hooks and snapshots.
type store struct {
	replicas  [3]*Replica
	storages  [3]*Memory
	hooks     [3]*script
	snapshots [3][]Snapshot
}

func newStore(t *testing.T) *store {
	s := &store{}
	for i, member := range members {
		s.hooks[i] = &script{}
		s.replicas[i], s.storages[i] = open(t, member, withHooks(s.hooks[i]), atSchema(2))
	}
	return s
}

// runLine takes the step that a line describes, and returns its outcome as the file has it.
func (s *store) runLine(t *testing.T, words string) string {
	t.Helper()
	var who, fault, operation string
	var now uint64
	if _, err := fmt.Sscan(words, &who, &now, &fault, &operation); err != nil {
		t.Fatalf("parse step %q: %v", words, err)
	}
	i := slices.Index(members, who)
	for _, f := range faults {
		if hyphened(f.name) == fault {
			*s.hooks[i] = f.hooks
		}
	}
	err := s.run(t, i, operation, strings.Fields(words)[4:], now)
	*s.hooks[i] = script{}
	log := s.storages[i].Bytes()
	return fmt.Sprintf("%s | %d %x", describe(err), len(log), shortHash(log))
}

func (s *store) run(t *testing.T, i int, operation string, arguments []string, now uint64) (err error) {
	r := s.replicas[i]
	text := func(n int) string { return string(unhex(t, arguments[n])) }
	count := func(n int) uint64 { return must[uint64](t)(strconv.ParseUint(arguments[n], 10, 64)) }
	peer := func() View { return s.replicas[slices.Index(members, arguments[0])].View() }
	switch operation {
	case "put":
		label, isLabelled := strings.CutPrefix(arguments[2], "=")
		_, err = r.Put(text(0), unhex(t, arguments[1]), Label{string(unhex(t, strings.Trim(label, "-"))), isLabelled}, now)
	case "delete":
		_, err = r.Delete(text(0), now)
	case "increase":
		_, err = r.Increase(text(0), count(1), now)
	case "tick":
		_, err = r.Tick(now)
	case "snapshot":
		s.snapshots[i] = append(s.snapshots[i], r.View().Snapshot())
	case "rollback":
		_, err = r.Rollback(s.snapshots[i][count(0)])
	case "reconcile":
		_, err = r.Reconcile(peer(), now)
	case "import":
		_, err = r.Import(peer().Export(), now)
	case "gc":
		_, err = r.GC(nil)
	case "migrate":
		_, err = r.Migrate(uint8(count(0)), "r", "a")
	case "set_flag":
		err = r.SetFlag(Flag(count(0)))
	default:
		t.Fatalf("unknown operation %q", operation)
	}
	return err
}

// randomStep draws a step, and returns its line.
func (s *store) randomStep(random *rand.Rand, now uint64) string {
	i := random.IntN(3)
	oneOf := func(words ...string) string { return words[random.IntN(len(words))] }
	key := hexOf(fmt.Sprint(oneOf("k", "m", "c"), random.IntN(30)))
	peer := members[(i+1+random.IntN(2))%3]
	fault := faults[0]
	if random.IntN(5) == 0 {
		fault = faults[random.IntN(len(faults))]
	}
	var step string
	switch n := random.IntN(100); {
	case n < 30:
		value := oneOf("01", "1903e8", "20", "f5", "63616263", "820102", "a1616101", "40", "1b7fffffffffffffff", "81f6")
		step = fmt.Sprint("put ", key, " ", value, " ", oneOf("-", "-", "=", "=78", "=c3a9"))
	case n < 42:
		step = "delete " + key
	case n < 50:
		step = fmt.Sprint("increase ", hexOf("c"+strconv.Itoa(random.IntN(30))), " ", 1+random.IntN(400))
	case n < 53:
		step = "tick"
	case n < 56:
		step = "snapshot"
	case n < 59 && len(s.snapshots[i]) > 0:
		step = fmt.Sprint("rollback ", random.IntN(len(s.snapshots[i])))
	case n < 84:
		step = "reconcile " + peer
	case n < 90:
		step = "import " + peer
	case n < 94:
		step = "gc"
	case n < 97:
		step = fmt.Sprint("migrate ", 1+random.IntN(3))
	default:
		step = fmt.Sprint("set_flag ", random.IntN(3))
	}
	return fmt.Sprint(members[i], " ", now, " ", hyphened(fault.name), " ", step)
}

func hyphened(name string) string { return strings.ReplaceAll(name, " ", "-") }

// I12, I17, R8.4, R8.5: the steps of the file have the outcomes and leave the logs that it says.
func TestGoldenRun(t *testing.T) {
	held, err := os.ReadFile(runFile)
	if err != nil {
		t.Fatal(err)
	}
	head, lines, _ := strings.Cut(string(held), "\n\n")
	s := newStore(t)
	if *update {
		random, now := rand.New(rand.NewPCG(12, 17)), uint64(4000000)
		var written strings.Builder
		for range 400 {
			now += random.Uint64N(40)
			words := s.randomStep(random, now)
			fmt.Fprintf(&written, "%s | %s\n", words, s.runLine(t, words))
		}
		if err := os.WriteFile(runFile, []byte(head+"\n\n"+written.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for line := range strings.Lines(lines) {
		words, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " | ")
		if got := s.runLine(t, words); got != want {
			t.Fatalf("%s: got %s, want %s", words, got, want)
		}
	}
}
