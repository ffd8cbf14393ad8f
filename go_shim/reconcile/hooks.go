package reconcile

// A Stage is how far a step has come, R8.1.
type Stage uint8

// The stages, in order.
const (
	StageNone     Stage = iota
	StageReceived       // the arguments or messages are read
	StageChecked        // all checks that could reject have passed
	StageStaged         // the new state exists, and is not visible yet
	StageAppended       // the record is in the log
	StageSynced         // the log is durable
)

// String returns the name of the stage, R8.1.
func (s Stage) String() string {
	return [...]string{"none", "received", "checked", "staged", "appended", "synced"}[s]
}

// A Fault is a named failure that hooks inject, R8.7. A step that is interrupted at a stage reports any name.
type Fault string

// The faults of R8.7.
const (
	NoFault        Fault = ""
	FaultHalted    Fault = "halted"    // at any stage: the step stops there
	FaultTorn      Fault = "torn"      // at StageStaged: the first half of the frame is appended
	FaultKilled    Fault = "killed"    // at StageAppended: the replica is opened again on what was synced
	FaultLost      Fault = "lost"      // the first message to the peer does not arrive
	FaultRepeated  Fault = "repeated"  // each message from the peer arrives twice
	FaultReordered Fault = "reordered" // the parts of a reply arrive last to first
	FaultStepped   Fault = "stepped"   // the time is an hour less
	FaultDamaged   Fault = "damaged"   // the digest that the peer announces is changed

	faultStorage Fault = "storage" // the storage itself failed, R8.2
)

// Hooks inject faults, for tests. A replica calls them one at a time, from within its steps.
type Hooks interface {
	// At runs when a step has reached a stage. Any fault but [NoFault] interrupts the step.
	// A step at [StageSynced] can no longer fail, so the replica ignores the fault there.
	At(stage Stage) Fault
	// Injects reports whether the current step has the fault lost, repeated, reordered, stepped or damaged.
	Injects(fault Fault) bool
}

// NoHooks are hooks that inject nothing.
type NoHooks struct{}

// At returns [NoFault].
func (NoHooks) At(Stage) Fault { return NoFault }

// Injects returns false.
func (NoHooks) Injects(Fault) bool { return false }

const clockStep = 3600000 // milliseconds

// observedTime returns the time that a step sees, R8.7.
func observedTime(h Hooks, now uint64) uint64 {
	if h.Injects(FaultStepped) {
		return now - min(now, clockStep)
	}
	return now
}

func interrupted(last Stage, fault Fault, cause error) error {
	return &Error{Class: ErrInterrupted, Path: last.String(), Expected: StageSynced.String(), Got: string(fault),
		Hint: "try again", cause: cause}
}
