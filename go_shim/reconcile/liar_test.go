package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A forger is a peer that answers a walk from nodes of its own making, with right hashes.
type forger struct {
	head  *state
	nodes map[string]received
}

func newForger(nodes ...received) *forger {
	l := &forger{head: &state{part: newPart(), writer: "b", schema: 3, clock: clockOne}, nodes: make(map[string]received)}
	for _, n := range nodes {
		l.nodes[n.path] = n
	}
	return l
}

// sum gives the hash of a node, with that of each child that the liar has.
func (l *forger) sum(path string) Hash {
	n := l.nodes[path]
	if n.isBranch {
		for i := range n.children {
			if _, found := l.nodes[path+string(rune(i))]; found {
				n.children[i] = l.sum(path + string(rune(i)))
			} else if n.children[i] == (Hash{}) {
				n.children[i] = emptyNode
			}
		}
		l.nodes[path] = n
	}
	return n.hash()
}

func (l *forger) Answer(message []byte) ([][]byte, error) {
	q, err := readRequest(message, acceptedSchemas(3))
	if err != nil {
		return nil, err
	}
	l.head.digest = hashState(l.sum(""), l.head.vector, l.head.watermark)
	var nodes [][]byte
	for _, path := range q.paths {
		n := l.nodes[path]
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
		reply = reply.with(0, byteString("b")).with(1, number(0)).with(2, appendClock(nil, l.head.clock)).
			with(3, l.head.vector.append(nil)).with(4, l.head.watermark.append(nil)).with(5, byteString(string(l.head.digest[:])))
	}
	return [][]byte{append(appendHeader(nil, kindReply, 3), reply.encode()...)}, nil
}

// pathNibbles gives a key's path as half bytes.
func pathNibbles(key string) string {
	var b strings.Builder
	s := &slot{path: pathOf(key)}
	for depth := range pathLen {
		b.WriteByte(byte(s.branch(depth)))
	}
	return b.String()
}

// keyUnder gives a key whose path begins like this.
func keyUnder(prefix string) string {
	for i := 0; ; i++ {
		if key := fmt.Sprint("mate", i); strings.HasPrefix(pathNibbles(key), prefix) {
			return key
		}
	}
}

// R9.9: nodes that hash to what was announced, but are those of no digest tree: the digest computed is that of the
// keys that stand where their paths lead.
func TestR9_9TreesThatAreNone(t *testing.T) {
	e := []Entry{{Dot: Dot{originB, 1}, Clock: clockOne, Value: "\x01", Schema: 3}}
	key := newSlot("k", e)
	path := pathNibbles("k")
	other := string(rune(path[0] ^ 1))
	again := newSlot("k", []Entry{{Dot: Dot{originB, 2}, Clock: clockOne, Value: "\x02", Schema: 3}})
	mate := newSlot(keyUnder(path[:1]), []Entry{{Dot: Dot{originB, 3}, Clock: clockOne, Value: "\x03", Schema: 3}})
	for name, c := range map[string]struct {
		nodes []received
		slots []*slot
	}{
		"a branch of one key": {[]received{{path: "", isBranch: true}, {path: path[:1], slots: []*slot{key}}}, []*slot{key}},
		"a key elsewhere":     {[]received{{path: "", isBranch: true}, {path: other, slots: []*slot{key}}}, nil},
		"a key in two places": {[]received{{path: "", isBranch: true}, {path: path[:1], slots: []*slot{key}}, {path: other, slots: []*slot{again}}}, []*slot{key}},
		"a key in another's place": {[]received{{path: "", isBranch: true}, {path: path[:1], slots: []*slot{mate}}, {path: other, slots: []*slot{key}}},
			[]*slot{mate}},
	} {
		for _, own := range []string{"j", "k"} {
			t.Run(name+" beside "+own, func(t *testing.T) {
				r, _ := open(t, "a", withFlag(FlagOn))
				put(t, r, own, "01", 1)
				before := r.View()
				l := newForger(c.nodes...)
				l.head.vector = Vector{originB: 1}
				_, err := r.Reconcile(l, 1)

				computed := hashState(newNode(c.slots, 0).hash(), l.head.vector, nil)
				wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, hexOf(l.head.digest[:]), hexOf(computed[:]), "ask again"))
				wantSame(t, r.View(), before)
			})
		}
	}
}

// R9.6: a path has an end, below which there is no branch.
func TestR9_6BranchesWithoutEnd(t *testing.T) {
	path := pathNibbles("k")
	var chain []received
	for depth := range pathLen + 1 {
		chain = append(chain, received{path: path[:depth], isBranch: true})
	}
	for _, own := range []string{"j", "k"} {
		r, _ := open(t, "a", withFlag(FlagOn))
		put(t, r, own, "01", 1)
		_, err := r.Reconcile(newForger(chain...), 1)

		var rejection *Error
		if !errors.As(err, &rejection) || rejection.Class != ErrMalformed || rejection.Path != "/9/0/1" ||
			rejection.Expected != "1 to 1" || rejection.Got != "0" {
			t.Errorf("got %v", err)
		}
	}
}

// R9.9: a node that is not the one its parent announced.
func TestR9_9NodeUnlikeAnnounced(t *testing.T) {
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
		children[i] = other.View().state.tree.at(string(rune(i))).hash()
	}
	digest := b.View().Digest().State
	computed := hashState(hashBranch(&children), b.View().Vector(), b.View().Watermark())
	wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, hexOf(digest[:]), hexOf(computed[:]), "ask again"))
	wantSame(t, a.View(), before)
}

func allNibbles() (paths []string) {
	for i := range fanout {
		paths = append(paths, string(rune(i)))
	}
	return paths
}

// R9.8: a part that leaves nodes out, or brings others, is ignored.
func TestR9_8OtherNodes(t *testing.T) {
	for name, paths := range map[string][]string{
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
				t.Errorf("%s before the answer: %v", name, err)
			}
			if !isFollowed {
				wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again"))
			}
		}
	}
}
