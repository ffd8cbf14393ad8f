package reconcile

// Reconcile pulls what a peer has and merges it, R9.1, by what the flag says, R9.4. The peer is a [View], or what stands for one.
func (r *Replica) Reconcile(peer Peer, now uint64) (Merge, error) {
	if err := checkNow(now); err != nil {
		return Merge{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state.Load()
	record := AuditRecord{Operation: "reconcile", Algorithm: V1}
	if s.flag == On {
		record.Algorithm = V2
	}
	now = r.now(now)
	o, cost := try(record.Algorithm, r.rules, s, peer, r.hooks, now)
	if s.flag == On {
		record.V2 = cost
	} else {
		record.V1 = cost
	}
	if s.flag == Shadow {
		var beside outcome
		beside, record.V2 = try(V2, r.rules, s, peer, NoHooks{}, now)
		record.Agreed = agreement(o, beside)
	}
	return r.conclude(s, o, record)
}

// Import merges a document, R5.6.
func (r *Replica) Import(document []byte, now uint64) (Merge, error) {
	if err := checkNow(now); err != nil {
		return Merge{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state.Load()
	record := AuditRecord{Operation: "import", Algorithm: V1}
	record.V1.add(document)
	now = r.now(now)
	in, err := readDocument(document, accepted(s.schema))
	o := outcome{err: err}
	if err == nil {
		p := pulled{in, s.slots(), in.checkWhole(r.rules, s, now)}
		o = p.merged(r.rules, s, now)
	}
	return r.conclude(s, o, record)
}

// conclude brings an outcome through the stages that are left, and writes to the audit log how it ended, R9.10.
func (r *Replica) conclude(s *state, o outcome, record AuditRecord) (Merge, error) {
	records := r.audit.Load()
	err := r.accept(s, o)
	if record.Class = classOf(err); record.Class == ErrInterrupted {
		record.Agreed = Unasked // a fault ended the step, which says nothing of the algorithms
	}
	written := records.with(record)
	r.audit.CompareAndSwap(records, &written) // but not into the new log of a replica that was killed
	if err != nil {
		return Merge{}, err
	}
	return o.result, nil
}

func (r *Replica) accept(s *state, o outcome) error {
	if !o.received {
		return o.err
	}
	if fault := r.hooks.At(Received); fault != NoFault {
		return r.interrupt(Received, fault)
	}
	if o.err != nil {
		return o.err
	}
	return r.commit(s, o.next, r.hooks)
}
