package driftcheck

// Step is one step of a trace, without its arguments.
type Step struct {
	Number    uint64 // in the trace, from 0
	Operation int    // index of the operation
	Instance  int    // index of the subject that the step is for
	Fault     int    // 1 + the index of the fault that happens in the step, 0 for none

	peers []Opened // all subjects of the trace, by index
}

// Peer reads the index of another instance of the trace, and returns the subject there.
func (s *Step) Peer(r *Reader) Opened {
	at := r.at
	n := r.Index(len(s.peers))
	if r.err == nil && n == s.Instance {
		r.at = at
		r.expected("another instance")
	}
	if r.err != nil {
		return nil
	}
	return s.peers[n]
}
