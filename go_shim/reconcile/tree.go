package reconcile

import (
	"encoding/binary"
	"slices"
)

const (
	fanout   = 16
	leafKeys = 16
	pathLen  = 2 * len(Hash{}) // nibbles
)

// A node is a node of the digest tree, R6.4, with its hash. Nobody may change a node, so its hash stays valid.
// A write makes new nodes along its path, and shares all others. Nil is the empty node.
type node struct {
	sum      Hash
	count    int            // keys below
	children *[fanout]*node // of a branch
	slots    []*slot        // of a leaf, ascending by key
}

var emptyNode = hashLeaf(nil)

func (n *node) hash() Hash {
	if n == nil {
		return emptyNode
	}
	return n.sum
}

func (n *node) size() int {
	if n == nil {
		return 0
	}
	return n.count
}

func (n *node) isBranch() bool { return n != nil && n.children != nil }

// hashLeaf returns the hash of a leaf, R6.4.
func hashLeaf(slots []*slot) Hash {
	var room [2048]byte
	b := appendTag(room[:0], "reconcile/leaf")
	b = binary.BigEndian.AppendUint32(b, uint32(len(slots)))
	for _, s := range slots {
		b = append(appendWithLength(b, s.key), s.hash[:]...)
	}
	return hashOf(b)
}

// hashBranch returns the hash of a branch, R6.4.
func hashBranch(children *[fanout]Hash) Hash {
	var room [1024]byte
	b := appendTag(room[:0], "reconcile/branch")
	for i := range children {
		b = append(b, children[i][:]...)
	}
	return hashOf(b)
}

// newNode returns the node that holds these slots at a depth, R6.4. The slots ascend by key.
func newNode(slots []*slot, depth int) *node {
	switch {
	case len(slots) == 0:
		return nil
	case len(slots) <= leafKeys:
		return &node{sum: hashLeaf(slots), count: len(slots), slots: slots}
	}
	var kids [fanout]*node
	for i, part := range split(slots, depth) {
		kids[i] = newNode(part, depth+1)
	}
	return newBranch(&kids)
}

// split groups slots by their nibble at a depth, and keeps their order.
func split(slots []*slot, depth int) (parts [fanout][]*slot) {
	for _, s := range slots {
		i := s.nibble(depth)
		parts[i] = append(parts[i], s)
	}
	return parts
}

// newBranch joins children to a branch, or to a leaf if they hold few keys.
func newBranch(kids *[fanout]*node) *node {
	n := &node{children: kids}
	for _, kid := range kids {
		n.count += kid.size()
	}
	if n.count <= leafKeys {
		slots := n.appendSlots(nil)
		sortByKey(slots)
		return newNode(slots, 0)
	}
	hashes := n.childHashes()
	n.sum = hashBranch(&hashes)
	return n
}

// with returns the node with the changed slots in it. These ascend by key. A slot without entries removes its key.
func (n *node) with(changed []*slot, depth int) *node {
	if len(changed) == 0 {
		return n
	}
	if !n.isBranch() {
		var old []*slot
		if n != nil {
			old = n.slots
		}
		return newNode(replaced(old, changed), depth)
	}
	kids := *n.children
	for i, part := range split(changed, depth) {
		kids[i] = kids[i].with(part, depth+1)
	}
	return newBranch(&kids)
}

// replaced merges two lists that ascend by key. If both have a key, the second one counts.
func replaced(old, changed []*slot) []*slot {
	merged := make([]*slot, 0, len(old)+len(changed))
	for before, after := range zip(slices.Values(old), changed) {
		switch {
		case after == nil:
			merged = append(merged, before)
		case len(after.entries) > 0:
			merged = append(merged, after)
		}
	}
	return merged
}

// childHashes returns the sixteen hashes of R6.5. The node is the root, and may be a leaf.
func (n *node) childHashes() (hashes [fanout]Hash) {
	for i := range hashes {
		hashes[i] = n.child(i, 0).hash()
	}
	return hashes
}

// child returns the node of the keys below n whose next nibble is i. Depth is that of n.
func (n *node) child(i, depth int) *node {
	switch {
	case n == nil:
		return nil
	case n.isBranch():
		return n.children[i]
	default:
		return newNode(split(n.slots, depth)[i], depth+1)
	}
}

// at returns the node of the keys whose paths start with a prefix.
func (n *node) at(prefix nibblePath) *node {
	for depth := range len(prefix) {
		n = n.child(prefix.nibble(depth), depth)
	}
	return n
}

// appendSlots appends the slots below n, leaf by leaf.
func (n *node) appendSlots(slots []*slot) []*slot {
	switch {
	case n == nil:
		return slots
	case !n.isBranch():
		return append(slots, n.slots...)
	}
	for _, kid := range n.children {
		slots = kid.appendSlots(slots)
	}
	return slots
}

// differing appends the slots of a to ofA, and those of b to ofB, at which the two trees may differ.
func differing(a, b *node, ofA, ofB []*slot) ([]*slot, []*slot) {
	switch {
	case a == b || a.hash() == b.hash():
		return ofA, ofB
	case a.isBranch() && b.isBranch():
		for i := range a.children {
			ofA, ofB = differing(a.children[i], b.children[i], ofA, ofB)
		}
		return ofA, ofB
	default:
		return a.appendSlots(ofA), b.appendSlots(ofB)
	}
}
