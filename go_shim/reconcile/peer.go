package reconcile

// A Peer answers the messages of a reconcile. It is a [View], or carries the messages to one.
// During one reconcile it must answer from one state.
type Peer interface {
	// Answer returns the messages that answer a request. An [Error] rejects the step of the asker.
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
