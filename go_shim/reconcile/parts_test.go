package reconcile

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A partSpec says what a test puts into a part of a reply.
type partSpec struct {
	round, part, parts uint64
	paths              []nibblePath
}

// readParts reads the parts of a reply.
func readParts(t *testing.T, replies [][]byte) (all []partSpec) {
	t.Helper()
	for _, message := range replies {
		p, err := readReply(message, acceptedSchemas(3))
		if err != nil {
			t.Fatal(err)
		}
		var paths []nibblePath
		for _, n := range p.nodes {
			paths = append(paths, n.path)
		}
		all = append(all, partSpec{p.round, p.part, p.parts, paths})
	}
	return all
}

// changeParts returns a peer that changes the parts of its reply in one round.
func changeParts(t *testing.T, b *Replica, in int, change func([]partSpec) []partSpec) Peer {
	return &recordingPeer{peer: b.View(), change: func(round int, replies [][]byte) [][]byte {
		if round != in {
			return replies
		}
		var changed [][]byte
		for _, s := range change(readParts(t, replies)) {
			changed = append(changed, appendReply(nil, b.View().state, s.round, s.part, s.parts, s.paths))
		}
		return changed
	}}
}

// withPartCount returns the parts with another number of parts in each.
func withPartCount(parts []partSpec, number uint64) []partSpec {
	other := slices.Clone(parts)
	for i := range other {
		other[i].parts = number
	}
	return other
}

// R9.8: whether the walk takes a part depends on this part alone. It does not depend on other parts or their order.
func TestR9_8PartsOfAReply(t *testing.T) {
	a, b := newPair(t, 600, 300, withFlag(FlagOn))
	own := a.View().state
	more := func(all []partSpec) []partSpec {
		n := uint64(len(all))
		return append(withPartCount(all, n+1), partSpec{all[0].round, n, n + 1, nil})
	}
	before := func(parts ...partSpec) func([]partSpec) []partSpec {
		return func(all []partSpec) []partSpec { return append(parts, all...) }
	}
	for name, c := range map[string]struct {
		round  int
		change func([]partSpec) []partSpec
		isLost bool
	}{
		"one too many":                   {2, more, true},
		"one too many, of one":           {1, more, true},
		"one too many, at the root":      {0, more, true},
		"one too few":                    {2, func(all []partSpec) []partSpec { return withPartCount(all[:len(all)-1], uint64(len(all)-1)) }, true},
		"one too few, and all are there": {2, func(all []partSpec) []partSpec { return withPartCount(all, uint64(len(all)-1)) }, true},
		"one":                            {2, func(all []partSpec) []partSpec { return withPartCount(all, 1) }, true},
		"65,536 of them":                 {2, func(all []partSpec) []partSpec { return withPartCount(all, 65536) }, true},
		"a place without its nodes":      {2, func(all []partSpec) []partSpec { all[3].paths = nil; return all }, true},
		"two places changed":             {2, func(all []partSpec) []partSpec { all[3].part, all[4].part = 4, 3; return all }, true},
		"one place twice, another never": {2, func(all []partSpec) []partSpec { all[3] = all[4]; return all }, true},
		"another number before":          {2, func(all []partSpec) []partSpec { return append(more(all), all...) }, false},
		"another number of one before":   {2, func(all []partSpec) []partSpec { return append(withPartCount(all[:1], 1), all...) }, false},
		"another number after":           {2, func(all []partSpec) []partSpec { return append(all, more(all)...) }, false},
		"another number in between":      {2, func(all []partSpec) []partSpec { return slices.Insert(all, 7, withPartCount(all, 65536)[7]) }, false},
		"the greatest place":             {2, before(partSpec{2, 65535, 65536, nil}), false},
		"beyond the parts": {2, func(all []partSpec) []partSpec {
			n := uint64(len(all))
			return append([]partSpec{{2, n, n, nil}, {2, 65535, n, nil}}, all...)
		}, false},
		"the nodes of the place before": {2, func(all []partSpec) []partSpec {
			return append([]partSpec{{2, 1, uint64(len(all)), all[0].paths}}, all...)
		}, false},
		"all nodes of the round before": {2, func(all []partSpec) []partSpec {
			return append([]partSpec{{2, 0, uint64(len(all)), allNibbles()}}, all...)
		}, false},
		"part of another round":           {1, func(all []partSpec) []partSpec { return append([]partSpec{{2, 0, 1, all[0].paths}}, all...) }, false},
		"the root again":                  {1, before(partSpec{0, 0, 1, []nibblePath{""}}), false},
		"the root, then a part of none":   {0, func(all []partSpec) []partSpec { return append(all, partSpec{0, 0, 1, nil}) }, false},
		"no nodes of two, then the root":  {0, before(partSpec{0, 0, 2, nil}), false},
		"the root's second, then the one": {0, before(partSpec{0, 1, 2, nil}), false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, isReordered := range []bool{false, true} {
				r, _ := open(t, "a", withFlag(FlagOn))
				if isReordered && c.round != 0 {
					r.hooks = &script{injects: []Fault{FaultReordered, FaultRepeated}}
				}
				r.state.Store(own)
				_, err := r.Reconcile(changeParts(t, b, c.round, c.change), 1000)

				if c.isLost {
					wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again"))
					wantSame(t, r.View(), View{own, r.rules})
				} else if err != nil || r.View().Digest() != b.View().Digest() {
					t.Errorf("got %v, want the digest of the peer", err)
				}
			}
		})
	}
}

// R9.8: of two parts with one place the first counts, whatever they contain.
func TestR9_8FirstPartOfAPlaceCounts(t *testing.T) {
	a, b := newPair(t, 600, 300, withFlag(FlagOn))
	own := a.View().state
	for _, round := range []int{0, 1, 2} {
		for _, isFirst := range []bool{false, true} {
			r, _ := open(t, "a", withFlag(FlagOn))
			r.state.Store(own)
			_, err := r.Reconcile(&recordingPeer{peer: b.View(), change: func(now int, replies [][]byte) [][]byte {
				if now != round {
					return replies
				}
				other := slices.Clone(replies[0])
				other[len(other)-1] ^= 1 // of a hash, or of the clock of an entry
				if isFirst {
					return append([][]byte{other}, replies...)
				}
				return append(replies, other)
			}}, 1000)

			if errors.Is(err, ErrDigestMismatch) != isFirst || (err == nil) == isFirst {
				t.Errorf("round %d, changed part first is %t: got %v, want a rejection exactly then", round, isFirst, err)
			}
		}
	}
}

// R9.8: a malformed message rejects the step, even if the walk would ignore it.
func TestR9_8EveryMessageIsRead(t *testing.T) {
	a, b := newPair(t, 40, 3, withFlag(FlagOn))
	_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(_ int, replies [][]byte) [][]byte {
		return append(replies, appendReply(nil, b.View().state, 9, 0, 1, nil)[:9])
	}}, 1000)

	if !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want %v", err, ErrMalformed)
	}
}

// R9.2: the first message is the document, and the others are ignored. No message at all is a loss.
func TestR9_2FirstMessage(t *testing.T) {
	a, b := newPair(t, 40, 3)
	_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(int, [][]byte) [][]byte { return nil }}, 1000)
	wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again"))
	_, err = a.Reconcile(&recordingPeer{peer: b.View(), change: func(_ int, replies [][]byte) [][]byte {
		return append(replies, []byte("DCR1"))
	}}, 1000)

	if err != nil || lastAudit(a).V1.Messages != 3 {
		t.Errorf("got %v, %+v, want three messages", err, lastAudit(a))
	}
}

// R9.8: a part without nodes says that the peer's tree equals the asker's, and the digest must bear that out.
// The asker still takes the peer's vector and watermark.
func TestR9_8NoNodes(t *testing.T) {
	a, b := newPair(t, 40, 0, withFlag(FlagOn))
	pull(t, a, b, 1000)
	further := b.View().state.clone()
	further.part = further.with(nil, Vector{originB: 99}, Vector{originB: 7})
	r, _ := open(t, "a", withFlag(FlagOn))
	r.state.Store(a.View().state)
	peer := &recordingPeer{peer: View{further, a.rules}, change: func(int, [][]byte) [][]byte {
		return [][]byte{appendReply(nil, further, 0, 0, 1, nil)}
	}}
	must[MergeResult](t)(r.Reconcile(peer, 1000))
	if got := r.View().Digest().State; got != further.digest || len(peer.requests) != 1 {
		t.Errorf("got %x, want %x", got, further.digest)
	}

	put(t, b, "k0", "02", 1000)
	_, err := a.Reconcile(changeParts(t, b, 0, func([]partSpec) []partSpec { return []partSpec{{0, 0, 1, nil}} }), 1000)
	digest, computed := b.View().Digest().State, hashState(a.View().state.tree.hash(), b.View().Vector(), nil)
	wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, hexOf(digest[:]), hexOf(computed[:]), "ask again"))
}

// R9.8: a peer that sends its root to an asker with an equal digest does no harm.
func TestR9_8RootOfEqualDigests(t *testing.T) {
	for _, n := range []int{0, 5, 40} {
		a, b := newPair(t, n, 0, withFlag(FlagOn))
		pull(t, a, b, 1000)
		root := func([]partSpec) []partSpec { return []partSpec{{0, 0, 1, []nibblePath{""}}} }
		if got := must[MergeResult](t)(a.Reconcile(changeParts(t, b, 0, root), 1000)); got.Changed || lastAudit(a).V2.Messages != 2 {
			t.Errorf("got %+v, %+v, want no change and two messages", got, lastAudit(a))
		}
	}
}

// R9.6: a peer answers any request, also one that no walk makes.
func TestR9_6OddRequests(t *testing.T) {
	_, b := newPair(t, 600, 600)
	s, digest := b.View().state, b.View().Digest().State
	deep := pathNibbles("k3")
	for name, c := range map[string]struct {
		q    request
		want []partSpec
	}{
		"no paths at first":        {request{mode: modeWalk}, []partSpec{{0, 0, 1, nil}}},
		"no paths":                 {request{mode: modeWalk, round: 5}, []partSpec{{5, 0, 1, nil}}},
		"another root":             {request{mode: modeWalk, paths: []nibblePath{"\x00", "\x01"}}, []partSpec{{0, 0, 1, []nibblePath{"\x00", "\x01"}}}},
		"equal digests, two paths": {request{mode: modeWalk, paths: []nibblePath{"\x00", "\x01"}, digest: digest}, []partSpec{{0, 0, 1, nil}}},
		"the root at last":         {request{mode: modeWalk, round: 64, paths: []nibblePath{""}}, []partSpec{{64, 0, 1, []nibblePath{""}}}},
		"a node and one below it":  {request{mode: modeWalk, round: 1, paths: []nibblePath{"", deep[:1], deep}}, []partSpec{{1, 0, 1, []nibblePath{"", deep[:1], deep}}}},
		"seventeen": {request{mode: modeWalk, round: 1, paths: append(allNibbles(), "\x0f\x0f")},
			[]partSpec{{1, 0, 2, allNibbles()}, {1, 1, 2, []nibblePath{"\x0f\x0f"}}}},
	} {
		c.q.table = b.rules.table
		got := must[[][]byte](t)(b.View().Answer(c.q.append(nil, 3)))
		var want [][]byte
		for _, p := range c.want {
			want = append(want, appendReply(nil, s, p.round, p.part, p.parts, p.paths))
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: got %x, want %x", name, got, want)
		}
	}
	q := request{table: b.rules.table, mode: modeDocument, round: 64}
	if got := must[[][]byte](t)(b.View().Answer(q.append(nil, 3))); len(got) != 1 || !slices.Equal(got[0], b.View().Export()) {
		t.Errorf("got %x, want the document", got)
	}
}

// R9.9: of the keys that both sides share and that the walk did not receive, it makes check 8 of R7.5 alone.
// Without that check, a tombstone that the peer has collected would stay forever.
func TestR9_9ChecksOfSharedKeys(t *testing.T) {
	b, _ := open(t, "b")
	for i := range 40 {
		put(t, b, fmt.Sprint("k", i), "01", 1000)
	}
	must[WriteResult](t)(b.Delete("k3", 1000))
	must[WriteResult](t)(b.Delete("k2", 1000))
	all := b.View().Vector()
	for name, c := range map[string]struct {
		vector, watermark Vector
		key               string // in the rejection of both algorithms
		isRejectedByV1    bool
	}{
		"collected":   {all, Vector{originB: 41}, "k3", true},
		"both":        {all, all, "k2", true},
		"not covered": {Vector{originB: 7}, nil, "", true},
		"honest":      {all, Vector{originB: 40}, "", false},
	} {
		lying := b.View().state.clone()
		lying.part = lying.with(nil, c.vector, c.watermark)
		for _, isRoot := range []bool{false, true} {
			var errs []error
			for _, flag := range []Flag{FlagOff, FlagOn} {
				a, _ := open(t, "a", withFlag(flag))
				pull(t, a, b, 1000)
				before := a.View()
				_, err := a.Reconcile(&recordingPeer{peer: View{lying, a.rules}, change: func(_ int, replies [][]byte) [][]byte {
					if flag == FlagOff || isRoot {
						return replies
					}
					return [][]byte{appendReply(nil, lying, 0, 0, 1, nil)}
				}}, 1000)
				errs = append(errs, err)
				if err != nil {
					wantSame(t, a.View(), before)
				}
			}
			if (errs[0] != nil) != c.isRejectedByV1 {
				t.Errorf("%s by v1: got %v, want a rejection exactly if the tombstone is there", name, errs[0])
			}
			if c.key == "" {
				if errs[1] != nil {
					t.Errorf("%s by v2: got %v, want it accepted", name, errs[1])
				}
				continue
			}
			dot := b.View().state.entries(c.key)[0].Dot
			want := rejected(ErrInconsistent, "/5/"+hexOf(c.key)+"/0", 0, "no collected tombstone", dot.String(), "collect before writing")
			wantError(t, errs[0], want)
			wantError(t, errs[1], want)
		}
	}
}

// R11.4: the index of tombstones finds what a scan of all entries finds, also if one origin starts with another.
func TestR11_4Collectable(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	origins := []Origin{NewOrigin("b", 0), NewOrigin("b", 1), NewOrigin("b\x00\x00\x00\x00", 1)}
	p := newPart()
	for counter := uint64(1); counter < 300; counter++ {
		key := fmt.Sprint("m", random.IntN(30))
		var entries []Entry
		for _, origin := range origins[:random.IntN(len(origins)+1)] {
			entries = append(entries, Entry{Dot: Dot{origin, counter}, Clock: clockOne, Kind: Kind(random.IntN(2)), Schema: 3, Value: "\x01"})
		}
		slices.SortFunc(entries, func(a, b Entry) int { return a.Dot.compare(b.Dot) })
		p = p.with([]*slot{newSlot(key, entries)}, nil, nil)
		watermark := Vector{origins[random.IntN(len(origins))]: random.Uint64N(400) + 1}
		if random.IntN(3) == 0 {
			watermark[origins[0]] = 1 << 62
		}
		var want []*slot
		for s := range p.slots() {
			if hasCollectable(watermark, s.entries) {
				want = append(want, s)
			}
		}
		if got := p.collectable(watermark); !slices.Equal(got, want) {
			t.Fatalf("got %d slots, want %d", len(got), len(want))
		}
	}
}

// R9.7: a walk rejects the peer if a round has more paths than a request can hold. Here 16^4 branches and one have more.
func TestR9_7TooManyPaths(t *testing.T) {
	var full, thin [6][fanout]Hash // by depth: the children below the root's first child, and below its second
	for i := range fanout {
		full[5][i] = Hash{1}
	}
	thin[5] = full[5]
	for depth := 4; depth >= 0; depth-- {
		for i := range fanout {
			full[depth][i], thin[depth][i] = hashBranch(&full[depth+1]), emptyNode
		}
		thin[depth][0] = hashBranch(&thin[depth+1])
	}
	root := receivedNode{isBranch: true, children: thin[0]}
	root.children[0], root.children[1] = full[0][0], thin[0][0]
	l := newForger(root)
	peer := &recordingPeer{peer: peerFunc(func(message []byte) ([][]byte, error) {
		q, err := readRequest(message, acceptedSchemas(3))
		if err != nil || q.round == 0 {
			return must[[][]byte](t)(l.Answer(message)), err
		}
		var replies [][]byte
		count := uint64(countParts(len(q.paths)))
		for paths := range slices.Chunk(q.paths, nodesPerPart) {
			nodes := appendHead(nil, majorArray, uint64(len(paths)))
			for _, path := range paths {
				children := &full[q.round]
				if path[0] > 0 {
					children = &thin[q.round]
				}
				nodes = append(appendBytes(append(nodes, 0x83), path), 0, 0x90)
				for i := range children {
					nodes = appendBytes(nodes, children[i][:])
				}
			}
			body := layout{6: number(q.round), 7: number(uint64(len(replies))), 8: number(count), 9: nodes}
			replies = append(replies, append(appendHeader(nil, kindReply, 3), body.encode()...))
		}
		return replies, nil
	})}
	a, _ := open(t, "a", withFlag(FlagOn))
	_, err := a.Reconcile(peer, 1)

	wantError(t, err, rejected(ErrTooLarge, "paths", 0, "at most 1048576", "1048592", "check the limits"))
	if len(peer.requests) != 6 {
		t.Errorf("got %d requests, want 6", len(peer.requests))
	}
}

// peerFunc is a function that is a peer.
type peerFunc func([]byte) ([][]byte, error)

func (f peerFunc) Answer(message []byte) ([][]byte, error) { return f(message) }
