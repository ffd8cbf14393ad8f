package reconcile

import (
	"fmt"
	"iter"
)

// A pulled part is what an algorithm received from a peer.
type pulled struct {
	in        *incoming
	own       iter.Seq[*slot] // as in mergeParts
	rejection verdict
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
		return nil, fmt.Errorf("read the document of the peer: %w", err)
	}
	l.damageDigest(in)
	return &pulled{in, s.slots(), in.checkDocument(r, s, now)}, nil
}

// An outcome is the result of a merge before it is committed.
type outcome struct {
	received  bool // whether all messages were read
	isDamaged bool // whether a digest was changed on its way
	next      *state
	result    MergeResult
	err       error
}

// merged returns the outcome of merging what was pulled.
func (p *pulled) merged(r *rules, s *state, now uint64) outcome {
	o := outcome{received: true, err: p.rejection}
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
