package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A forger is a peer that answers a walk from forged nodes, with matching hashes.
type forger struct {
	head  *state
	nodes map[nibblePath]receivedNode
}

func newForger(nodes ...receivedNode) *forger {
	f := &forger{
		head:  &state{part: newPart(), writer: "b", schema: 3, clock: clockOne},
		nodes: make(map[nibblePath]receivedNode),
	}
	for _, n := range nodes {
		f.nodes[n.path] = n
	}
	return f
}

// sum fills in the hash of each child that the forger has, and returns the hash of the node.
func (f *forger) sum(path nibblePath) Hash {
	n := f.nodes[path]
	if n.isBranch {
		for i := range n.children {
			if _, found := f.nodes[path.child(i)]; found {
				n.children[i] = f.sum(path.child(i))
			} else if n.children[i] == (Hash{}) {
				n.children[i] = emptyNode
			}
		}
		f.nodes[path] = n
	}
	return n.hash()
}

func (f *forger) Answer(message []byte) ([][]byte, error) {
	q, err := readRequest(message, acceptedSchemas(3))
	if err != nil {
		return nil, err
	}
	f.head.digest = hashState(f.sum(""), f.head.vector, f.head.watermark)
	var nodes [][]byte
	for _, path := range q.paths {
		n := f.nodes[path]
		b := appendBytes([]byte{0x83}, path)
		if n.isBranch {
			b = append(b, 0, 0x90)
			for _, sum := range n.children {
				b = appendBytes(b, sum[:])
			}
		} else {
			b = appendHead(append(b, 1), majorMap, uint64(len(n.slots)))
			for _, s := range n.slots {
				b = appendEntries(appendBytes(b, s.key), s.entries, 3)
			}
		}
		nodes = append(nodes, b)
	}
	reply := layout{6: number(q.round), 7: number(0), 8: number(1),
		9: append(appendHead(nil, majorArray, uint64(len(nodes))), slices.Concat(nodes...)...)}
	if q.round == 0 {
		reply = reply.with(0, byteString("b")).with(1, number(0)).with(2, appendClock(nil, f.head.clock)).
			with(3, f.head.vector.append(nil)).with(4, f.head.watermark.append(nil)).with(5, byteString(string(f.head.digest[:])))
	}
	return [][]byte{append(appendHeader(nil, kindReply, 3), reply.encode()...)}, nil
}

// pathNibbles returns the whole path of a key.
func pathNibbles(key string) nibblePath {
	var path nibblePath
	s := &slot{path: pathOf(key)}
	for depth := range pathLen {
		path = path.child(s.nibble(depth))
	}
	return path
}

// keyUnder returns a key whose path starts with a prefix.
func keyUnder(prefix nibblePath) string {
	for i := 0; ; i++ {
		if key := fmt.Sprint("mate", i); strings.HasPrefix(string(pathNibbles(key)), string(prefix)) {
			return key
		}
	}
}

// R9.9: nodes with the announced hashes may still form no digest tree.
// The computed digest is that of the keys that are where their paths lead.
func TestR9_9ForgedTrees(t *testing.T) {
	e := []Entry{{Dot: Dot{originB, 1}, Clock: clockOne, Value: "\x01", Schema: 3}}
	key := newSlot("k", e)
	path := pathNibbles("k")
	other := nibblePath("").child(path.nibble(0) ^ 1)
	again := newSlot("k", []Entry{{Dot: Dot{originB, 2}, Clock: clockOne, Value: "\x02", Schema: 3}})
	mate := newSlot(keyUnder(path[:1]), []Entry{{Dot: Dot{originB, 3}, Clock: clockOne, Value: "\x03", Schema: 3}})
	for name, c := range map[string]struct {
		nodes []receivedNode
		slots []*slot
	}{
		"a branch of one key": {[]receivedNode{{path: "", isBranch: true}, {path: path[:1], slots: []*slot{key}}}, []*slot{key}},
		"a key elsewhere":     {[]receivedNode{{path: "", isBranch: true}, {path: other, slots: []*slot{key}}}, nil},
		"a key in two places": {[]receivedNode{{path: "", isBranch: true}, {path: path[:1], slots: []*slot{key}},
			{path: other, slots: []*slot{again}}}, []*slot{key}},
		"a key in another's place": {[]receivedNode{{path: "", isBranch: true}, {path: path[:1], slots: []*slot{mate}},
			{path: other, slots: []*slot{key}}}, []*slot{mate}},
	} {
		for _, own := range []string{"j", "k"} {
			t.Run(name+" beside "+own, func(t *testing.T) {
				r, _ := open(t, "a", withFlag(FlagOn))
				put(t, r, own, "01", 1)
				before := r.View()
				peer := newForger(c.nodes...)
				peer.head.vector = Vector{originB: 1}
				_, err := r.Reconcile(peer, 1)

				computed := hashState(newNode(c.slots, 0).hash(), peer.head.vector, nil)
				wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, hexOf(peer.head.digest[:]), hexOf(computed[:]), "ask again"))
				wantSame(t, r.View(), before)
			})
		}
	}
}

// R9.6: a path has 64 nibbles, and no branch is below its end.
func TestR9_6BranchBelowTheLastNibble(t *testing.T) {
	path := pathNibbles("k")
	var chain []receivedNode
	for depth := range pathLen + 1 {
		chain = append(chain, receivedNode{path: path[:depth], isBranch: true})
	}
	for _, own := range []string{"j", "k"} {
		r, _ := open(t, "a", withFlag(FlagOn))
		put(t, r, own, "01", 1)
		_, err := r.Reconcile(newForger(chain...), 1)

		var rejection *Error
		if !errors.As(err, &rejection) || rejection.Class != ErrMalformed || rejection.Path != "/9/0/1" ||
			rejection.Expected != "1 to 1" || rejection.Got != "0" {
			t.Errorf("got %v, want malformed at /9/0/1", err)
		}
	}
}

// R9.9: a node that is not the one its parent announced rejects the step.
func TestR9_9NodeIsNotTheAnnouncedOne(t *testing.T) {
	a, b := newPair(t, 600, 300, withFlag(FlagOn))
	other, _ := newPair(t, 600, 100)
	before := a.View()
	_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(round int, replies [][]byte) [][]byte {
		if round == 1 {
			return [][]byte{appendReply(nil, other.View().state, 1, 0, 1, allNibbles())}
		}
		return replies
	}}, 1000)

	var children [fanout]Hash
	for i := range children {
		children[i] = other.View().state.tree.at(nibblePath("").child(i)).hash()
	}
	digest := b.View().Digest().State
	computed := hashState(hashBranch(&children), b.View().Vector(), b.View().Watermark())
	wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, hexOf(digest[:]), hexOf(computed[:]), "ask again"))
	wantSame(t, a.View(), before)
}

// allNibbles returns the paths of the root's children.
func allNibbles() (paths []nibblePath) {
	for i := range fanout {
		paths = append(paths, nibblePath("").child(i))
	}
	return paths
}

// R9.8: the walk ignores a part with too few nodes or with other ones.
func TestR9_8OtherNodes(t *testing.T) {
	for name, paths := range map[string][]nibblePath{
		"one less": allNibbles()[1:], "others": append(allNibbles()[:15], "\x0f\x00"), "none": nil,
	} {
		for _, isFollowed := range []bool{false, true} {
			a, b := newPair(t, 600, 300, withFlag(FlagOn))
			_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(round int, replies [][]byte) [][]byte {
				if round != 1 {
					return replies
				}
				strange := [][]byte{appendReply(nil, b.View().state, 1, 0, 1, paths)}
				if isFollowed {
					return append(strange, replies...)
				}
				return strange
			}}, 1000)
			if isFollowed && err != nil {
				t.Errorf("%s before the answer: got %v, want it accepted", name, err)
			}
			if !isFollowed {
				wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again"))
			}
		}
	}
}
