package reconcile

import (
	"cmp"
	"math"
)

const (
	nodesPerPart = 16
	maxParts     = maxPaths / nodesPerPart
)

// Fields of a reply after those of appendOrigin, R9.6.
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

// A reply is one part of a peer's answer to one round of a walk.
// Part 0 of round 0 has a head, which says about the peer what a document would.
type reply struct {
	head  incoming
	round uint64
	part  uint64
	parts uint64
	nodes []receivedNode
}

// A receivedNode is a node of the peer's digest tree.
type receivedNode struct {
	path     nibblePath
	isBranch bool
	children [fanout]Hash // of a branch
	slots    []*slot      // of a leaf, ascending by key
}

// countParts returns how many parts a reply to a number of paths has, R9.6.
func countParts(paths int) int { return max(1, (paths+nodesPerPart-1)/nodesPerPart) }

// appendReply writes one part, R9.6.
func appendReply(b []byte, s *state, round, part, parts uint64, paths []nibblePath) []byte {
	hasHead := round == 0 && part == 0
	pairs := uint64(4)
	if hasHead {
		pairs += 6
	}
	b = appendHead(appendHeader(b, kindReply, s.schema), majorMap, pairs)
	if hasHead {
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

func appendNode(b []byte, path nibblePath, n *node, schema uint8) []byte {
	b = appendBytes(appendHead(b, majorArray, 3), path)
	if n.isBranch() {
		b = appendHead(appendHead(b, majorUnsigned, formBranch), majorArray, fanout)
		for _, child := range n.children {
			sum := child.hash()
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
	var heads []int // the offsets of the head's fields
	for m.next() && m.accept(m.key <= replyNodes) {
		switch m.key {
		case replyDigest:
			p.head.digest = readHash(r)
		case replyRound:
			p.round = r.unsigned(0, uint64(pathLen))
		case replyPart:
			p.part = r.unsigned(0, maxParts-1)
		case replyParts:
			p.parts = r.unsigned(1, maxParts)
		case replyNodes:
			p.nodes = readNodes(r, schema)
		default:
			p.head.readField(r, m.key)
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
	if err := malformed(r.defect); err != nil {
		return nil, err
	}
	return &p, nil
}

// readNodes reads the nodes of a part, which ascend by path, R2.6.
func readNodes(r *reader, schema uint8) []receivedNode {
	var nodes []receivedNode
	for a := r.openArray(0, nodesPerPart); a.next(); {
		n := readNode(r, schema)
		if k := len(nodes); k > 0 && r.defect == nil {
			r.checkOrder(a.offset, cmp.Compare(nodes[k-1].path, n.path))
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func readNode(r *reader, schema uint8) receivedNode {
	var n receivedNode
	for a := r.openArray(3, 3); a.next(); {
		switch a.index {
		case 0:
			n.path = readNibblePath(r)
		case 1:
			least := uint64(formBranch)
			if len(n.path) == pathLen {
				least = formLeaf // such a path has no children
			}
			n.isBranch = r.unsigned(least, formLeaf) == formBranch
		default:
			if n.isBranch {
				n.children = readChildHashes(r)
			} else {
				n.slots = readLeaf(r, schema)
			}
		}
	}
	return n
}

func readChildHashes(r *reader) (hashes [fanout]Hash) {
	for a := r.openArray(fanout, fanout); a.next(); {
		hashes[a.index] = readHash(r)
	}
	return hashes
}

// leafOffset is how much deeper the keys of a leaf are than those of a document.
// A reply may hold what a document may hold, so items in a leaf may be that much deeper, R2.3.
const leafOffset = 2

func readLeaf(r *reader, schema uint8) []*slot {
	r.maxDepth += leafOffset
	slots := readSlots(r, schema, 1, leafKeys)
	r.maxDepth -= leafOffset
	sortByKey(slots)
	return slots
}
