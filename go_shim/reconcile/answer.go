package reconcile

import "slices"

// A Peer answers the messages of a reconcile: a [View], or what carries messages to one. In all of one
// reconcile it must answer from one state.
type Peer interface {
	// Answer gives the messages that answer a request. An [Error] rejects the asker's step.
	Answer(request []byte) ([][]byte, error)
}

// Answer answers a request of another replica, R9.5 and R9.6.
func (v View) Answer(message []byte) ([][]byte, error) {
	q, err := readRequest(message, acceptedSchemas(v.state.schema))
	if err != nil {
		return nil, err
	}
	if q.table != v.rules.table {
		return nil, &Error{Class: ErrOtherTable, Path: "table", Expected: hexOf(v.rules.table), Got: hexOf(q.table),
			Hint: "give all replicas one table"}
	}
	if q.mode == modeDocument {
		return [][]byte{v.Export()}, nil
	}
	paths := q.paths
	if q.round == 0 && q.digest == v.state.digest {
		paths = nil
	}
	parts := make([][]byte, countParts(len(paths)))
	for i := range parts {
		some := paths[min(len(paths), i*nodesPerPart):min(len(paths), (i+1)*nodesPerPart)]
		parts[i] = appendReply(nil, v.state, q.round, uint64(i), uint64(len(parts)), some)
	}
	return parts, nil
}

// A link asks a peer, counts what that costs, R9.10, and lets the messages suffer what the hooks want, R8.7.
type link struct {
	peer  Peer
	hooks Hooks
	cost  Cost

	isDamaged bool // a digest was
}

func (l *link) ask(request []byte) ([][]byte, error) {
	isFirst := l.cost.Messages == 0
	l.cost.add(request)
	if isFirst && l.hooks.Injects(FaultLost) {
		return nil, interrupted(StageNone, FaultLost, nil)
	}
	replies, err := l.peer.Answer(request)
	if err != nil {
		if classOf(err) != 0 {
			return nil, err
		}
		return nil, interrupted(StageNone, FaultLost, err)
	}
	for _, reply := range replies {
		l.cost.add(reply)
	}
	return l.deliver(replies), nil
}

func (l *link) deliver(sent [][]byte) [][]byte {
	arrived := make([][]byte, 0, 2*len(sent))
	isRepeated := l.hooks.Injects(FaultRepeated)
	for _, message := range sent {
		arrived = append(arrived, message)
		if isRepeated {
			arrived = append(arrived, message)
		}
	}
	if l.hooks.Injects(FaultReordered) {
		slices.Reverse(arrived)
	}
	return arrived
}

// damageDigest lets the digest that the peer announces suffer what the hooks want.
func (l *link) damageDigest(in *incoming) {
	if l.hooks.Injects(FaultDamaged) {
		l.isDamaged = true
		in.digest[len(in.digest)-1] ^= 0xff
	}
}
