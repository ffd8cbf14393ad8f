package reconcile

// A Flag says which algorithm a replica reconciles by, R9.2 to R9.4. It changes no result.
type Flag uint8

// The flags, R1.8.
const (
	FlagOff    Flag = iota // whole documents
	FlagShadow             // whole documents; the walk runs beside and is compared
	FlagOn                 // the walk over digests
)

func (f Flag) String() string { return [...]string{"off", "shadow", "on"}[f] }

// A state is all that a replica is, R1.7 and R1.8. Each step makes another one.
type state struct {
	*part
	writer string
	epoch  uint32
	clock  Clock
	flag   Flag
	schema uint8
	acks   map[string]Vector // never changed
	chain  []Migration       // only appended to
}

// origin names the replica in its present epoch.
func (s *state) origin() Origin { return NewOrigin(s.writer, s.epoch) }

// A LocalPart is the local part of a replica, R1.8.
type LocalPart struct {
	Writer           string
	Epoch            uint32
	Clock            Clock
	Flag             Flag
	Schema           uint8
	Acknowledgements map[string]Vector
	Migrations       []Migration
}
