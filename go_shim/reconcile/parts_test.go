package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A partSpec is a part of a reply as a test has it said, other than the peer said it.
type partSpec struct {
	round, part, parts uint64
	paths              []string
}

// readParts reads the parts of a reply.
func readParts(t *testing.T, replies [][]byte) (all []partSpec) {
	t.Helper()
	for _, message := range replies {
		p, err := readReply(message, acceptedSchemas(3))
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, n := range p.nodes {
			paths = append(paths, n.path)
		}
		all = append(all, partSpec{p.round, p.part, p.parts, paths})
	}
	return all
}

// changeParts has the parts of one round said otherwise.
func changeParts(t *testing.T, b *Replica, in int, change func([]partSpec) []partSpec) Peer {
	return &recordingPeer{peer: b.View(), change: func(round int, replies [][]byte) [][]byte {
		if round != in {
			return replies
		}
		var told [][]byte
		for _, s := range change(readParts(t, replies)) {
			told = append(told, appendReply(nil, b.View().state, s.round, s.part, s.parts, s.paths))
		}
		return told
	}}
}

// withPartCount has all parts claim another number of them.
func withPartCount(parts []partSpec, number uint64) []partSpec {
	other := slices.Clone(parts)
	for i := range other {
		other[i].parts = number
	}
	return other
}

// R9.8: what each part says is asked of it alone: whether others are taken does not depend on it, nor on which came first.
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
		"another round's":                 {1, func(all []partSpec) []partSpec { return append([]partSpec{{2, 0, 1, all[0].paths}}, all...) }, false},
		"the root again":                  {1, before(partSpec{0, 0, 1, []string{""}}), false},
		"the root, and then none":         {0, func(all []partSpec) []partSpec { return append(all, partSpec{0, 0, 1, nil}) }, false},
		"no nodes of two, then the root":  {0, before(partSpec{0, 0, 2, nil}), false},
		"the root's second, then the one": {0, before(partSpec{0, 1, 2, nil}), false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, isReordered := range []bool{false, true} {
				r, _ := open(t, "a", withFlag(FlagOn))
				if isReordered && c.round != 0 {
					r.hooks = &script{suffers: []Fault{FaultReordered, FaultRepeated}}
				}
				r.state.Store(own)
				_, err := r.Reconcile(changeParts(t, b, c.round, c.change), 1000)

				if c.isLost {
					wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again"))
					wantSame(t, r.View(), View{own, r.rules})
				} else if err != nil || r.View().Digest() != b.View().Digest() {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

// R9.8: of two parts of one place the first counts, whatever is in them.
func TestR9_8TheFirstOfAPlaceCounts(t *testing.T) {
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

			if got := classOf(err); (got == ErrDigestMismatch) != isFirst || (err == nil) == isFirst {
				t.Errorf("round %d, the other one first: %t, got %v", round, isFirst, err)
			}
		}
	}
}

// R9.8: a message that does not read rejects the step, though nothing waits for it.
func TestR9_8EachMessageIsRead(t *testing.T) {
	a, b := newPair(t, 40, 3, withFlag(FlagOn))
	_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(_ int, replies [][]byte) [][]byte {
		return append(replies, appendReply(nil, b.View().state, 9, 0, 1, nil)[:9])
	}}, 1000)

	if classOf(err) != ErrMalformed {
		t.Errorf("got %v", err)
	}
}

// R9.2: the first message is the document, and others are not looked at; none is a loss.
func TestR9_2FirstMessage(t *testing.T) {
	a, b := newPair(t, 40, 3)
	_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(int, [][]byte) [][]byte { return nil }}, 1000)
	wantError(t, err, rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again"))
	_, err = a.Reconcile(&recordingPeer{peer: b.View(), change: func(_ int, replies [][]byte) [][]byte {
		return append(replies, []byte("DCR1"))
	}}, 1000)

	if err != nil || lastAudit(a).V1.Messages != 3 {
		t.Errorf("got %v, %+v", err, lastAudit(a))
	}
}

// R9.8: a part without nodes says that the tree is the asker's, which the digest must bear out; where vector or
// watermark are not the asker's too, they are taken.
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

// R9.8: a peer that tells its root to one who has it already does no harm.
func TestR9_8RootOfEqualDigests(t *testing.T) {
	for _, n := range []int{0, 5, 40} {
		a, b := newPair(t, n, 0, withFlag(FlagOn))
		pull(t, a, b, 1000)
		root := func([]partSpec) []partSpec { return []partSpec{{0, 0, 1, []string{""}}} }
		if got := must[MergeResult](t)(a.Reconcile(changeParts(t, b, 0, root), 1000)); got.Changed || lastAudit(a).V2.Messages != 2 {
			t.Errorf("got %+v, %+v", got, lastAudit(a))
		}
	}
}

// R9.6: a peer answers what it is asked, whatever its own walk would ask.
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
		"another root":             {request{mode: modeWalk, paths: []string{"\x00", "\x01"}}, []partSpec{{0, 0, 1, []string{"\x00", "\x01"}}}},
		"equal digests, two paths": {request{mode: modeWalk, paths: []string{"\x00", "\x01"}, digest: digest}, []partSpec{{0, 0, 1, nil}}},
		"the root at last":         {request{mode: modeWalk, round: 64, paths: []string{""}}, []partSpec{{64, 0, 1, []string{""}}}},
		"a node and one below it":  {request{mode: modeWalk, round: 1, paths: []string{"", deep[:1], deep}}, []partSpec{{1, 0, 1, []string{"", deep[:1], deep}}}},
		"seventeen": {request{mode: modeWalk, round: 1, paths: append(allNibbles(), "\x0f\x0f")},
			[]partSpec{{1, 0, 2, allNibbles()}, {1, 1, 2, []string{"\x0f\x0f"}}}},
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
		t.Errorf("got %x", got)
	}
}

// R9.9: of what peer and asker share and nobody asked for, R7.5 (8) alone is asked: a tombstone that the peer says it
// has collected would stay for ever. What else breaks R1.7 there changes nothing.
func TestR9_9ChecksOfWhatIsShared(t *testing.T) {
	b, _ := open(t, "b")
	for i := range 40 {
		put(t, b, fmt.Sprint("k", i), "01", 1000)
	}
	must[WriteResult](t)(b.Delete("k3", 1000))
	must[WriteResult](t)(b.Delete("k2", 1000))
	all := b.View().Vector()
	for name, c := range map[string]struct {
		vector, watermark Vector
		key               string // that is told of by both algorithms
		isToldByV1        bool
	}{
		"collected":   {all, Vector{originB: 41}, "k3", true},
		"both":        {all, all, "k2", true},
		"not covered": {Vector{originB: 7}, nil, "", true},
		"honest":      {all, Vector{originB: 40}, "", false},
	} {
		lying := b.View().state.clone()
		lying.part = lying.with(nil, c.vector, c.watermark)
		for _, isRoot := range []bool{false, true} {
			var told []error
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
				told = append(told, err)
				if err != nil {
					wantSame(t, a.View(), before)
				}
			}
			if (told[0] != nil) != c.isToldByV1 {
				t.Errorf("%s: v1 tells %v", name, told[0])
			}
			if c.key == "" {
				if told[1] != nil {
					t.Errorf("%s: v2 tells %v", name, told[1])
				}
				continue
			}
			dot := b.View().state.entries(c.key)[0].Dot
			want := rejected(ErrInconsistent, "/5/"+hexOf(c.key)+"/0", 0, "no collected tombstone", dot.String(), "collect before writing")
			wantError(t, told[0], want)
			wantError(t, told[1], want)
		}
	}
}

// R11.4: what is found to collect is what a walk over all entries finds, also where one origin begins like another.
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
			t.Fatalf("got %d, want %d", len(got), len(want))
		}
	}
}

// R9.7: a walk that comes to more paths than a request holds asks for none of them: here of 16^4 branches and one.
func TestR9_7TooManyPaths(t *testing.T) {
	var full, thin [6][fanout]Hash // children of what stands below the root's first child, and its second
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
	root := received{isBranch: true, children: thin[0]}
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
		t.Errorf("%d requests", len(peer.requests))
	}
}

type peerFunc func([]byte) ([][]byte, error)

func (f peerFunc) Answer(message []byte) ([][]byte, error) { return f(message) }
