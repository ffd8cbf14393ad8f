package reconcile

// A Flag says by which algorithm a replica reconciles, R9.2 to R9.4. It changes no result.
type Flag uint8

// The flags, R1.8.
const (
	FlagOff    Flag = iota // whole documents
	FlagShadow             // whole documents; the replica also runs the walk and compares the two
	FlagOn                 // the walk over digests
)

// String returns the name of the flag, R1.8.
func (f Flag) String() string { return [...]string{"off", "shadow", "on"}[f] }

// A state is all that a replica is, R1.7 and R1.8. Nobody may change a state: each step makes a new one.
type state struct {
	*part
	writer string
	epoch  uint32
	clock  Clock
	flag   Flag
	schema uint8
	acks   map[string]Vector // shared between states, so nobody may change it
	chain  []Migration       // shared between states, so steps only append to it
}

// clone returns a copy of the state for a step to change.
func (s *state) clone() *state {
	next := *s
	return &next
}

// origin names the replica in its current epoch.
func (s *state) origin() Origin { return NewOrigin(s.writer, s.epoch) }

// LocalPart is the local part of a replica, R1.8.
type LocalPart struct {
	Writer           string
	Epoch            uint32
	Clock            Clock
	Flag             Flag
	Schema           uint8
	Acknowledgements map[string]Vector
	Migrations       []Migration
}
