package reconcile

import "errors"

// Reconcile pulls what a peer has and merges it, R9.1. The flag chooses the algorithm, R9.4.
// Now is in milliseconds since 1970.
func (r *Replica) Reconcile(peer Peer, now uint64) (MergeResult, error) {
	if err := checkNow(now); err != nil {
		return MergeResult{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state.Load()
	record := AuditRecord{Operation: "reconcile", Algorithm: V1}
	if s.flag == FlagOn {
		record.Algorithm = V2
	}
	now = r.now(now)
	o, cost := try(record.Algorithm, r.rules, s, peer, r.hooks, now)
	if s.flag == FlagOn {
		record.V2 = cost
	} else {
		record.V1 = cost
	}
	if s.flag == FlagShadow {
		var shadow outcome
		shadow, record.V2 = try(V2, r.rules, s, peer, NoHooks{}, now)
		record.Agreement = agreement(o, shadow)
	}
	return r.finish(s, o, record)
}

// Import merges a document, R5.6.
func (r *Replica) Import(document []byte, now uint64) (MergeResult, error) {
	if err := checkNow(now); err != nil {
		return MergeResult{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state.Load()
	record := AuditRecord{Operation: "import", Algorithm: V1}
	record.V1.add(document)
	now = r.now(now)
	in, err := readDocument(document, acceptedSchemas(s.schema))
	o := outcome{err: err}
	if err == nil {
		p := pulled{in, s.slots(), in.checkDocument(r.rules, s, now)}
		o = p.merged(r.rules, s, now)
	}
	return r.finish(s, o, record)
}

// finish takes an outcome through the remaining stages, and writes to the audit log how it ended, R9.10.
func (r *Replica) finish(s *state, o outcome, record AuditRecord) (MergeResult, error) {
	records := r.audit.Load()
	err := r.commitOutcome(s, o)
	if record.Class = classOf(err); errors.Is(err, ErrInterrupted) {
		record.Agreement = NotCompared // a fault ended the step, which says nothing about the algorithms
	}
	updated := records.with(record)
	r.audit.CompareAndSwap(records, &updated) // fails if the step killed the replica: that began a new audit log
	if err != nil {
		return MergeResult{}, err
	}
	return o.result, nil
}

func (r *Replica) commitOutcome(s *state, o outcome) error {
	if !o.received {
		return o.err
	}
	if fault := r.hooks.At(StageReceived); fault != NoFault {
		return r.interrupt(StageReceived, fault, nil)
	}
	if o.err != nil {
		return o.err
	}
	return r.commit(s, o.next, r.hooks)
}
