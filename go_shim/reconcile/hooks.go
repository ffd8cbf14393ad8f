package reconcile

// A Stage is how far a step has come, R8.1.
type Stage uint8

// The stages, in order.
const (
	None     Stage = iota
	Received       // arguments or messages were read
	Checked        // all that could reject was asked
	Staged         // the new state stands beside the old one
	Appended       // the record is in the log
	Synced         // the log is durable
)

func (s Stage) String() string {
	return [...]string{"none", "received", "checked", "staged", "appended", "synced"}[s]
}

// A Fault is a named failure that hooks cause, R8.7. Any name may interrupt a step at a stage.
type Fault string

// The faults of R8.7.
const (
	NoFault   Fault = ""
	Halted    Fault = "halted"    // at a stage: stop there
	Torn      Fault = "torn"      // at Staged: half of the frame is appended
	Killed    Fault = "killed"    // at Appended: the replica is opened again on what was synced
	Lost      Fault = "lost"      // the first message to the peer does not arrive
	Repeated  Fault = "repeated"  // each message from the peer arrives twice
	Reordered Fault = "reordered" // the parts of a reply arrive last to first
	Stepped   Fault = "stepped"   // now is an hour less
	Damaged   Fault = "damaged"   // the digest that the peer announces is another

	failed Fault = "storage" // a failure of the storage itself, R8.2
)

// Hooks cause faults, for tests. A replica calls them one at a time, from within its steps.
type Hooks interface {
	// At is called when a step has reached a stage, and interrupts it unless it gives [NoFault].
	// A step that is synced cannot fail any more: what At gives there is not looked at.
	At(stage Stage) Fault
	// Suffers says whether a step suffers Lost, Repeated, Reordered, Stepped or Damaged.
	Suffers(fault Fault) bool
}

// NoHooks are hooks that cause nothing.
type NoHooks struct{}

// At lets the step go on.
func (NoHooks) At(Stage) Fault { return NoFault }

// Suffers is false of every fault.
func (NoHooks) Suffers(Fault) bool { return false }

const steppedBy = 3600000 // milliseconds

// timeOf gives the time that a step sees, R8.7.
func timeOf(h Hooks, now uint64) uint64 {
	if h.Suffers(Stepped) {
		return now - min(now, steppedBy)
	}
	return now
}

func interrupted(last Stage, fault Fault, cause error) error {
	return &Error{Class: ErrInterrupted, Path: last.String(), Expected: Synced.String(), Got: string(fault),
		Hint: "try again", cause: cause}
}
