package reconcile

import (
	"slices"
	"strings"
)

// A walk is v2, R9.3: it asks a peer for the nodes of its digest tree that differ from the reader's.
type walk struct {
	rules *rules
	own   *state
	link  *link

	in       *incoming
	nodes    map[string]received // by path
	ownSlots []*slot             // below the leaves that were received
}

// A question is a node to ask for: where it stands, the hash that its parent announced, and what the
// asker has there.
type question struct {
	path      string
	announced Hash
	own       *node
}

// pullDifference walks until nothing is left to ask, R9.3.
func pullDifference(r *rules, s *state, l *link, now uint64) (*pulled, error) {
	w := &walk{rules: r, own: s, link: l, nodes: make(map[string]received)}
	verdict, err := w.run(now)
	if err != nil {
		return nil, err
	}
	return &pulled{w.in, values(w.ownSlots), verdict}, nil
}

// run gives the verdict of the checks of R7.5, in the order of R9.9.
func (w *walk) run(now uint64) (verdict, err error) {
	questions := []question{{own: w.own.tree}}
	for round := uint64(0); len(questions) > 0; round++ {
		replies, err := w.ask(round, questions)
		if err != nil {
			return nil, err
		}
		if round == 0 {
			if verdict := w.checkFirst(replies[0], now); verdict != nil {
				return verdict, nil
			}
			if len(replies[0].nodes) == 0 {
				break
			}
		}
		w.keepNodes(replies)
		if verdict := w.checkHashes(questions, round); verdict != nil {
			return verdict, nil
		}
		questions = w.nextQuestions(questions)
		if len(questions) > maxPaths {
			return tooLarge("paths", maxPaths, len(questions)), nil
		}
	}
	sortByKey(w.in.slots)
	sortByKey(w.ownSlots)
	if verdict := w.checkShape(); verdict != nil {
		return verdict, nil
	}
	if verdict := w.in.checkEntries(w.rules.policies); verdict != nil {
		return verdict, nil
	}
	if verdict := w.in.checkConflicts(w.own.part); verdict != nil {
		return verdict, nil
	}
	return w.checkShared(), nil
}

// checkShared asks R7.5 (8) of what peer and asker share and nobody asked for, R9.9.
func (w *walk) checkShared() error {
	for _, s := range w.own.collectable(w.in.watermark) {
		byKey := func(other *slot, key string) int { return strings.Compare(other.key, key) }
		if _, isReceived := slices.BinarySearchFunc(w.ownSlots, s.key, byKey); !isReceived {
			return w.in.checkCollected(s)
		}
	}
	return nil
}

// ask gives the parts of the reply to one round, R9.8.
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
			return nil, err
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

// answers says whether the nodes are those that the place of the part promises, R9.8. None may be all that round 0 tells.
func (p *reply) answers(questions []question) bool {
	if p.round == 0 && len(p.nodes) == 0 {
		return true
	}
	first := int(p.part) * nodesPerPart
	promised := questions[first:min(first+nodesPerPart, len(questions))]
	return slices.EqualFunc(p.nodes, promised, func(n received, q question) bool { return n.path == q.path })
}

// checkFirst takes what the peer says about itself, and asks R7.5 (1) to (4) of it. A peer without
// nodes says that the tree is the asker's.
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

// keepNodes keeps the nodes of a round.
func (w *walk) keepNodes(replies []*reply) {
	for _, reply := range replies {
		for _, n := range reply.nodes {
			w.nodes[n.path] = n
		}
	}
}

// checkHashes asks that each node of a round is the one that was announced, R9.9.
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

// checkRoot computes the digest from all that was received, and from what was announced of the rest.
func (w *walk) checkRoot() error {
	return w.in.checkDigest(hashState(w.computedHash(""), w.in.vector, w.in.watermark))
}

func (w *walk) computedHash(path string) Hash {
	n := w.nodes[path]
	if !n.isBranch {
		return n.hash()
	}
	children := n.children
	for i := range children {
		if below := path + string(rune(i)); w.has(below) {
			children[i] = w.computedHash(below)
		}
	}
	return hashBranch(&children)
}

func (w *walk) has(path string) bool {
	_, found := w.nodes[path]
	return found
}

// nextQuestions gives the questions of the next round, R9.7, and gathers what the asker has where the peer has
// leaves, or nothing.
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
				next = append(next, question{q.path + string(rune(i)), announced, own})
			}
		}
	}
	return next
}

// checkShape asks that the nodes are those of a digest tree, R9.9: that keys stand where their paths lead,
// and that a branch has more of them than a leaf holds. Else the digest announced is that of no tree.
func (w *walk) checkShape() error {
	for path, n := range w.nodes {
		misplaced := slices.ContainsFunc(n.slots, func(s *slot) bool { return !s.under(path) })
		if misplaced || n.isBranch && w.countKeys(path, w.own.tree.at(path)) <= leafKeys {
			return w.checkRebuilt()
		}
	}
	return nil
}

// countKeys counts the peer's keys below a path.
func (w *walk) countKeys(path string, own *node) int {
	n, found := w.nodes[path]
	if !found {
		return own.size()
	}
	total := len(n.slots)
	if n.isBranch {
		for i, announced := range n.children {
			if announced != emptyNode {
				total += w.countKeys(path+string(rune(i)), own.child(i, len(path)))
			}
		}
	}
	return total
}

// checkRebuilt computes the digest from the peer's keys alone, those that stand where their paths lead.
func (w *walk) checkRebuilt() error {
	var placed, gone []*slot
	for path, n := range w.nodes {
		for _, s := range n.slots {
			if s.under(path) {
				placed = append(placed, s)
			}
		}
	}
	sortByKey(placed)
	for _, s := range w.ownSlots {
		gone = append(gone, &slot{key: s.key, path: s.path})
	}
	theirs := w.own.tree.with(gone, 0).with(placed, 0)
	return w.in.checkDigest(hashState(theirs.hash(), w.in.vector, w.in.watermark))
}

func (n *received) hash() Hash {
	if n.isBranch {
		return hashBranch(&n.children)
	}
	return hashLeaf(n.slots)
}
