package reconcile

import "iter"

// A pulled is what an algorithm learnt from a peer.
type pulled struct {
	in      *incoming
	own     iter.Seq[*slot] // beside in.slots, as mergeParts wants them
	verdict error           // of the checks of R7.5; they reject once the messages are received
}

// pullDocument is v1, R9.2: one request, one document.
func pullDocument(r *rules, s *state, l *link, now uint64) (*pulled, error) {
	q := request{table: r.table, mode: modeDocument}
	replies, err := l.ask(q.append(nil, s.schema))
	if err != nil {
		return nil, err
	}
	if len(replies) == 0 {
		return nil, interrupted(None, Lost, nil)
	}
	in, err := readDocument(replies[0], accepted(s.schema))
	if err != nil {
		return nil, err
	}
	l.announced(in)
	return &pulled{in, s.slots(), in.checkWhole(r, s, now)}, nil
}

// checkWhole asks all of R7.5 of a part that came as a document.
func (in *incoming) checkWhole(r *rules, s *state, now uint64) error {
	if err := in.checkHead(r.members, now); err != nil {
		return err
	}
	if err := in.checkName(s); err != nil {
		return err
	}
	if err := in.checkDigest(hashState(newNode(in.slots, 0).hash(), in.vector, in.watermark)); err != nil {
		return err
	}
	if err := in.checkEntries(r.policies); err != nil {
		return err
	}
	return in.checkConflicts(s.part)
}

// An outcome is what a merge came to, before it is committed.
type outcome struct {
	received  bool // whether its messages were all read
	isDamaged bool // a digest was, on its way
	next      *state
	result    Merge
	err       error
}

// merged is the outcome of merging what was pulled.
func (p *pulled) merged(r *rules, s *state, now uint64) outcome {
	o := outcome{received: true, err: p.verdict}
	if o.err == nil {
		o.next, o.result, o.err = s.merge(r.policies, p.own, p.in, now)
	}
	return o
}

// try reconciles by one algorithm, and changes nothing.
func try(algorithm Algorithm, r *rules, s *state, peer Peer, hooks Hooks, now uint64) (outcome, Cost) {
	l := link{peer: peer, hooks: hooks}
	pull := pullDocument
	if algorithm == V2 {
		pull = pullDifference
	}
	p, err := pull(r, s, &l, now)
	if err != nil {
		return outcome{err: err}, l.cost
	}
	o := p.merged(r, s, now)
	o.isDamaged = l.isDamaged
	return o, l.cost
}

// agreement compares two outcomes, R9.4: the merged part by its digest, the result, the class of the rejection.
func agreement(a, b outcome) Agreement {
	switch {
	case a.isDamaged:
		return Unasked
	case classOf(a.err) == classOf(b.err) && a.result == b.result:
		return Agreed
	default:
		return Disagreed
	}
}

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
