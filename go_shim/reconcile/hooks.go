package reconcile

// A Stage is how far a step has come, R8.1.
type Stage uint8

// The stages, in order.
const (
	StageNone     Stage = iota
	StageReceived       // arguments or messages were read
	StageChecked        // all that could reject was asked
	StageStaged         // the new state stands beside the old one
	StageAppended       // the record is in the log
	StageSynced         // the log is durable
)

func (s Stage) String() string {
	return [...]string{"none", "received", "checked", "staged", "appended", "synced"}[s]
}

// A Fault is a named failure that hooks cause, R8.7. Any name may interrupt a step at a stage.
type Fault string

// The faults of R8.7.
const (
	NoFault        Fault = ""
	FaultHalted    Fault = "halted"    // at a stage: stop there
	FaultTorn      Fault = "torn"      // at Staged: half of the frame is appended
	FaultKilled    Fault = "killed"    // at Appended: the replica is opened again on what was synced
	FaultLost      Fault = "lost"      // the first message to the peer does not arrive
	FaultRepeated  Fault = "repeated"  // each message from the peer arrives twice
	FaultReordered Fault = "reordered" // the parts of a reply arrive last to first
	FaultStepped   Fault = "stepped"   // now is an hour less
	FaultDamaged   Fault = "damaged"   // the digest that the peer announces is another

	faultStorage Fault = "storage" // a failure of the storage itself, R8.2
)

// Hooks cause faults, for tests. A replica calls them one at a time, from within its steps.
type Hooks interface {
	// At is called when a step has reached a stage, and interrupts it unless it gives [NoFault].
	// A step that is synced cannot fail any more: what At gives there is not looked at.
	At(stage Stage) Fault
	// Suffers says whether a step suffers Lost, Repeated, Reordered, Stepped or Damaged.
	Injects(fault Fault) bool
}

// NoHooks are hooks that cause nothing.
type NoHooks struct{}

// At lets the step go on.
func (NoHooks) At(Stage) Fault { return NoFault }

// Injects is false of every fault.
func (NoHooks) Injects(Fault) bool { return false }

const clockStep = 3600000 // milliseconds

// observedTime gives the time that a step sees, R8.7.
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
