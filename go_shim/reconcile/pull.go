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
		return nil, interrupted(StageNone, FaultLost, nil)
	}
	in, err := readDocument(replies[0], acceptedSchemas(s.schema))
	if err != nil {
		return nil, err
	}
	l.damageDigest(in)
	return &pulled{in, s.slots(), in.checkDocument(r, s, now)}, nil
}

// checkDocument asks all of R7.5 of a part that came as a document.
func (in *incoming) checkDocument(r *rules, s *state, now uint64) error {
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
	result    MergeResult
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
		return NotCompared
	case classOf(a.err) == classOf(b.err) && a.result == b.result:
		return Agreed
	default:
		return Disagreed
	}
}
