package reconcile

import (
	"cmp"
	"fmt"
	"slices"
)

// A walk is v2, R9.3: it asks a peer for the nodes of its digest tree that differ from the asker's.
type walk struct {
	rules *rules
	own   *state
	link  *link

	in       *incoming
	nodes    map[nibblePath]receivedNode
	ownSlots []*slot // the asker's, below the leaves that were received
}

// A question asks for one node. It holds the hash that the node's parent announced, and the asker's own node.
type question struct {
	path      nibblePath
	announced Hash
	own       *node
}

// pullDifference walks until there is nothing left to ask, R9.3.
func pullDifference(r *rules, s *state, l *link, now uint64) (*pulled, error) {
	w := &walk{rules: r, own: s, link: l, nodes: make(map[nibblePath]receivedNode)}
	rejection, err := w.run(now)
	if err != nil {
		return nil, err
	}
	return &pulled{w.in, slices.Values(w.ownSlots), rejection}, nil
}

// run makes the checks of R7.5, in the order of R9.9.
func (w *walk) run(now uint64) (verdict, error) {
	questions := []question{{own: w.own.tree}}
	for round := uint64(0); len(questions) > 0; round++ {
		replies, err := w.ask(round, questions)
		if err != nil {
			return nil, err
		}
		if round == 0 {
			if rejection := w.checkFirst(replies[0], now); rejection != nil {
				return rejection, nil
			}
			if len(replies[0].nodes) == 0 {
				break
			}
		}
		w.keepNodes(replies)
		if rejection := w.checkHashes(questions, round); rejection != nil {
			return rejection, nil
		}
		questions = w.nextQuestions(questions)
		if len(questions) > maxPaths {
			return tooLarge("paths", maxPaths, len(questions)), nil
		}
	}
	sortByKey(w.in.slots)
	sortByKey(w.ownSlots)
	return w.checkReceived(), nil
}

// checkReceived makes the checks that follow the last round, R9.9.
func (w *walk) checkReceived() verdict {
	if err := w.checkShape(); err != nil {
		return err
	}
	if err := w.in.checkEntries(w.rules.policies); err != nil {
		return err
	}
	if err := w.in.checkConflicts(w.own.part); err != nil {
		return err
	}
	return w.checkShared()
}

// checkShared makes check 8 of R7.5, of the keys that both sides share and that the walk did not receive, R9.9.
func (w *walk) checkShared() error {
	for _, s := range w.own.collectable(w.in.watermark) {
		byKey := func(other *slot, key string) int { return cmp.Compare(other.key, key) }
		if _, isReceived := slices.BinarySearchFunc(w.ownSlots, s.key, byKey); !isReceived {
			return w.in.checkCollected(s)
		}
	}
	return nil
}

// ask returns the parts of the reply to one round, R9.8.
func (w *walk) ask(round uint64, questions []question) ([]*reply, error) {
	q := request{table: w.rules.table, mode: modeWalk, round: round, digest: w.own.digest}
	for _, question := range questions {
		q.paths = append(q.paths, question.path)
	}
	messages, err := w.link.ask(q.append(nil, w.own.schema))
	if err != nil {
		return nil, err
	}
	parts := make([]*reply, countParts(len(q.paths)))
	for _, message := range messages {
		p, err := readReply(message, acceptedSchemas(w.own.schema))
		if err != nil {
			return nil, fmt.Errorf("read a reply in round %d: %w", round, err)
		}
		isOurs := p.round == round && p.parts == uint64(len(parts)) && p.part < p.parts && p.answers(questions)
		if isOurs && parts[p.part] == nil {
			parts[p.part] = p
		}
	}
	if slices.Contains(parts, nil) {
		return nil, interrupted(StageNone, FaultLost, nil)
	}
	return parts, nil
}

// answers reports whether the nodes are those that the place of the part promises, R9.8.
// A part of round 0 may have none.
func (p *reply) answers(questions []question) bool {
	if p.round == 0 && len(p.nodes) == 0 {
		return true
	}
	first := int(p.part) * nodesPerPart
	promised := questions[first:min(first+nodesPerPart, len(questions))]
	return slices.EqualFunc(p.nodes, promised, func(n receivedNode, q question) bool { return n.path == q.path })
}

// checkFirst makes the checks 1 to 4 of R7.5, of what the first reply says about the peer.
// A reply without nodes says that the peer's tree equals the asker's, so the digest must bear that out.
func (w *walk) checkFirst(first *reply, now uint64) error {
	w.in = &first.head
	w.link.damageDigest(w.in)
	if err := w.in.checkHead(w.rules.members, now); err != nil {
		return err
	}
	if err := w.in.checkName(w.own); err != nil {
		return err
	}
	if len(first.nodes) > 0 {
		return nil
	}
	return w.in.checkDigest(hashState(w.own.tree.hash(), w.in.vector, w.in.watermark))
}

func (w *walk) keepNodes(replies []*reply) {
	for _, reply := range replies {
		for _, n := range reply.nodes {
			w.nodes[n.path] = n
		}
	}
}

// checkHashes rejects a round if one of its nodes is not the one that its parent announced, R9.9.
func (w *walk) checkHashes(questions []question, round uint64) error {
	if round == 0 {
		return w.checkRoot()
	}
	for _, q := range questions {
		n := w.nodes[q.path]
		if n.hash() != q.announced {
			return w.checkRoot()
		}
	}
	return nil
}

// checkRoot computes the digest from the nodes that were received, and from the announced hashes of all others.
func (w *walk) checkRoot() error {
	return w.in.checkDigest(hashState(w.computedHash(""), w.in.vector, w.in.watermark))
}

func (w *walk) computedHash(path nibblePath) Hash {
	n := w.nodes[path]
	if !n.isBranch {
		return n.hash()
	}
	children := n.children
	for i := range children {
		if below := path.child(i); w.has(below) {
			children[i] = w.computedHash(below)
		}
	}
	return hashBranch(&children)
}

func (w *walk) has(path nibblePath) bool {
	_, found := w.nodes[path]
	return found
}

// nextQuestions returns the questions of the next round, R9.7.
// Where the peer has a leaf or nothing, it keeps the slots of both sides.
func (w *walk) nextQuestions(questions []question) []question {
	var next []question
	for _, q := range questions {
		n := w.nodes[q.path]
		if !n.isBranch {
			w.in.slots = append(w.in.slots, n.slots...)
			w.ownSlots = q.own.appendSlots(w.ownSlots)
			continue
		}
		for i, announced := range n.children {
			own := q.own.child(i, len(q.path))
			switch announced {
			case own.hash():
			case emptyNode:
				w.ownSlots = own.appendSlots(w.ownSlots)
			default:
				next = append(next, question{q.path.child(i), announced, own})
			}
		}
	}
	return next
}

// checkShape rejects nodes that are not those of a digest tree, R9.9.
// Each key must be where its path leads, and a branch must have more keys than a leaf can hold.
func (w *walk) checkShape() error {
	for path, n := range w.nodes {
		isMisplaced := func(s *slot) bool { return !s.isUnder(path) }
		if slices.ContainsFunc(n.slots, isMisplaced) || n.isBranch && w.countKeys(path, w.own.tree.at(path)) <= leafKeys {
			return w.checkRebuilt()
		}
	}
	return nil
}

// countKeys returns how many keys the peer has below a path.
func (w *walk) countKeys(path nibblePath, own *node) int {
	n, found := w.nodes[path]
	if !found {
		return own.size()
	}
	total := len(n.slots)
	if n.isBranch {
		for i, announced := range n.children {
			if announced != emptyNode {
				total += w.countKeys(path.child(i), own.child(i, len(path)))
			}
		}
	}
	return total
}

// checkRebuilt computes the digest from the peer's keys alone, those that are where their paths lead.
func (w *walk) checkRebuilt() error {
	var placed, removed []*slot
	for path, n := range w.nodes {
		for _, s := range n.slots {
			if s.isUnder(path) {
				placed = append(placed, s)
			}
		}
	}
	sortByKey(placed)
	for _, s := range w.ownSlots {
		removed = append(removed, s.emptied())
	}
	theirs := w.own.tree.with(removed, 0).with(placed, 0)
	return w.in.checkDigest(hashState(theirs.hash(), w.in.vector, w.in.watermark))
}

func (n *receivedNode) hash() Hash {
	if n.isBranch {
		return hashBranch(&n.children)
	}
	return hashLeaf(n.slots)
}
