package reconcile

import (
	"cmp"
	"math"
)

const maxPaths = 1 << 20

// The modes of a request, R9.5.
const (
	modeDocument = iota
	modeWalk
)

// Fields of a request.
const (
	requestTable = iota
	requestMode
	requestRound
	requestPaths
	requestDigest
)

// A request asks a peer for its document, or for nodes of its digest tree.
type request struct {
	table  string
	mode   uint64
	round  uint64
	paths  []nibblePath // ascending
	digest Hash         // of the asker, in the first round of a walk
}

func (q *request) hasDigest() bool { return q.mode == modeWalk && q.round == 0 }

// append writes a request, R9.5.
func (q *request) append(b []byte, schema uint8) []byte {
	pairs := uint64(4)
	if q.hasDigest() {
		pairs++
	}
	b = appendHead(appendHeader(b, kindRequest, schema), majorMap, pairs)
	b = appendBytes(appendField(b, requestTable), q.table)
	b = appendUint(b, requestMode, q.mode)
	b = appendUint(b, requestRound, q.round)
	b = appendHead(appendField(b, requestPaths), majorArray, uint64(len(q.paths)))
	for _, path := range q.paths {
		b = appendBytes(b, path)
	}
	if q.hasDigest() {
		b = appendBytes(appendField(b, requestDigest), q.digest[:])
	}
	return b
}

// readRequest reads a request, R9.5.
func readRequest(message []byte, readable schemaRange) (*request, error) {
	_, r, err := readHeader(message, kindRequest, readable)
	if err != nil {
		return nil, err
	}
	var q request
	m := r.openFields(math.MaxUint64)
	for m.next() && m.accept(m.key < requestDigest || m.key == requestDigest && q.hasDigest()) {
		switch m.key {
		case requestTable:
			q.table = r.bytes(8, 8)
		case requestMode:
			q.mode = r.unsigned(modeDocument, modeWalk)
		case requestRound:
			q.round = r.unsigned(0, uint64(pathLen))
		case requestPaths:
			limit := uint64(maxPaths)
			if q.mode == modeDocument && m.has(requestMode) {
				limit = 0
			}
			q.paths = readPaths(r, limit)
		case requestDigest:
			q.digest = readHash(r)
		}
	}
	m.require(requestTable, requestMode, requestRound, requestPaths)
	if q.hasDigest() {
		m.require(requestDigest)
	}
	r.end()
	if err := malformed(r.defect); err != nil {
		return nil, err
	}
	return &q, nil
}

// readPaths reads paths that ascend, R2.6.
func readPaths(r *reader, limit uint64) []nibblePath {
	var paths []nibblePath
	for a := r.openArray(0, limit); a.next(); {
		path := readNibblePath(r)
		if n := len(paths); n > 0 && r.defect == nil {
			r.checkOrder(a.offset, cmp.Compare(paths[n-1], path))
		}
		paths = append(paths, path)
	}
	return paths
}
