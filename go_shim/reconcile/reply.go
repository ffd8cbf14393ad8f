package reconcile

import (
	"math"
	"strings"
)

const (
	nodesPerPart = 16
	maxParts     = maxPaths / nodesPerPart
)

// Fields of a reply behind those of appendOrigin, R9.6.
const (
	replyDigest = iota + 5
	replyRound
	replyPart
	replyParts
	replyNodes
)

// The forms of a node in a reply.
const (
	formBranch = iota
	formLeaf
)

// A reply is one part of what a peer answers in a round of a walk. Its head says what the peer's
// document would, in part 0 of round 0.
type reply struct {
	head  incoming
	round uint64
	part  uint64
	parts uint64
	nodes []received
}

// A received is a node of the peer's digest tree.
type received struct {
	path     string
	isBranch bool
	children [fanout]Hash // of a branch
	slots    []*slot      // of a leaf, ascending by key
}

// countParts is how many parts a reply to so many paths has, R9.6.
func countParts(paths int) int { return max(1, (paths+nodesPerPart-1)/nodesPerPart) }

// appendReply writes one part, R9.6.
func appendReply(b []byte, s *state, round, part, parts uint64, paths []string) []byte {
	begins := round == 0 && part == 0
	pairs := uint64(4)
	if begins {
		pairs += 6
	}
	b = appendHead(appendHeader(b, kindReply, s.schema), majorMap, pairs)
	if begins {
		b = appendOrigin(b, s)
		b = appendBytes(appendField(b, replyDigest), s.digest[:])
	}
	b = appendUint(b, replyRound, round)
	b = appendUint(b, replyPart, part)
	b = appendUint(b, replyParts, parts)
	b = appendHead(appendField(b, replyNodes), majorArray, uint64(len(paths)))
	for _, path := range paths {
		b = appendNode(b, path, s.tree.at(path), s.schema)
	}
	return b
}

func appendNode(b []byte, path string, n *node, schema uint8) []byte {
	b = appendBytes(appendHead(b, majorArray, 3), path)
	if n.isBranch() {
		b = appendHead(appendHead(b, majorUnsigned, formBranch), majorArray, fanout)
		for _, kid := range n.children {
			sum := kid.hash()
			b = appendBytes(b, sum[:])
		}
		return b
	}
	slots := n.appendSlots(nil)
	sortByEncoding(slots)
	b = appendHead(appendHead(b, majorUnsigned, formLeaf), majorMap, uint64(len(slots)))
	for _, s := range slots {
		b = appendEntries(appendBytes(b, s.key), s.entries, schema)
	}
	return b
}

// readReply reads one part, R9.6.
func readReply(message []byte, readable schemaRange) (*reply, error) {
	schema, r, err := readHeader(message, kindReply, readable)
	if err != nil {
		return nil, err
	}
	var p reply
	m := r.openFields(math.MaxUint64)
	var heads []int // where the fields of the head begin
	for m.next() && m.accept(m.key <= replyNodes) {
		switch m.key {
		case replyDigest:
			p.head.digest = r.hash()
		case replyRound:
			p.round = r.unsigned(0, uint64(pathLen))
		case replyPart:
			p.part = r.unsigned(0, maxParts-1)
		case replyParts:
			p.parts = r.unsigned(1, maxParts)
		case replyNodes:
			p.nodes = r.nodes(schema)
		default:
			p.head.field(r, m.key)
		}
		if m.key <= replyDigest {
			heads = append(heads, m.start)
		}
	}
	if p.round == 0 && p.part == 0 {
		m.require(fieldWriter, fieldEpoch, fieldClock, fieldVector, fieldWatermark, replyDigest)
	}
	m.require(replyRound, replyPart, replyParts, replyNodes)
	if len(heads) > 0 && (p.round > 0 || p.part > 0) {
		for field := range uint64(replyRound) {
			if m.has(field) {
				r.failField(heads[0], field)
			}
		}
	}
	r.end()
	return &p, r.err
}

// nodes reads the nodes of a part, which ascend by path, R2.6.
func (r *reader) nodes(schema uint8) []received {
	var nodes []received
	for a := r.openArray(0, nodesPerPart); a.next(); {
		n := r.node(schema)
		if k := len(nodes); k > 0 && r.err == nil {
			r.checkOrder(a.offset, strings.Compare(nodes[k-1].path, n.path))
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func (r *reader) node(schema uint8) received {
	var n received
	for a := r.openArray(3, 3); a.next(); {
		switch a.index {
		case 0:
			n.path = r.halfBytes()
		case 1:
			least := uint64(formBranch)
			if len(n.path) == pathLen {
				least = formLeaf // nothing is below
			}
			n.isBranch = r.unsigned(least, formLeaf) == formBranch
		default:
			if n.isBranch {
				n.children = r.children()
			} else {
				n.slots = r.leaf(schema)
			}
		}
	}
	return n
}

func (r *reader) children() (hashes [fanout]Hash) {
	for a := r.openArray(fanout, fanout); a.next(); {
		hashes[a.index] = r.hash()
	}
	return hashes
}

// leafOffset is how much deeper the keys of a leaf stand than those of a document. What a document
// may hold a reply may hold too, so they may nest that much deeper, R2.3.
const leafOffset = 2

func (r *reader) leaf(schema uint8) []*slot {
	r.maxDepth += leafOffset
	slots := r.slots(schema, 1, leafKeys)
	r.maxDepth -= leafOffset
	sortByKey(slots)
	return slots
}
