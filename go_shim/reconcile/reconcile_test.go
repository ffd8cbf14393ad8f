package reconcile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// newPair returns two replicas: b has n keys, and a lacks the last ones of them.
func newPair(t testing.TB, n, lacking int, change ...func(*Config)) (a, b *Replica) {
	b, _ = open(t, "b")
	a, _ = open(t, "a", change...)
	for i := range n {
		if i == n-lacking {
			pull(t, a, b, 1000)
		}
		put(t, b, fmt.Sprint("k", i), "01", uint64(i))
	}
	return a, b
}

// A recordingPeer keeps all messages to and from a peer, and may change the replies.
type recordingPeer struct {
	peer     Peer
	requests [][]byte
	replies  [][][]byte
	change   func(round int, replies [][]byte) [][]byte
}

func (p *recordingPeer) Answer(message []byte) ([][]byte, error) {
	replies, err := p.peer.Answer(message)
	if p.change != nil {
		replies = p.change(len(p.requests), slices.Clone(replies))
	}
	p.requests = append(p.requests, message)
	p.replies = append(p.replies, replies)
	return replies, err
}

func (p *recordingPeer) cost() (c Cost) {
	for i, request := range p.requests {
		c.add(request)
		for _, reply := range p.replies[i] {
			c.add(reply)
		}
	}
	return c
}

func lastAudit(r *Replica) AuditRecord {
	records := r.Audit()
	return records[len(records)-1]
}

// R9.2, R9.10: v1 sends one request and receives one document. Its cost is that of both.
func TestR9_2Document(t *testing.T) {
	a, b := newPair(t, 40, 3)
	peer := &recordingPeer{peer: b.View()}
	must[MergeResult](t)(a.Reconcile(peer, 1000))

	if len(peer.requests) != 1 || len(peer.replies[0]) != 1 || !bytes.Equal(peer.replies[0][0], b.View().Export()) {
		t.Errorf("got %d requests, want 1 that is answered with the document", len(peer.requests))
	}
	want := layout{0: byteString(a.rules.table), 1: number(0), 2: number(0), 3: {0x80}}
	if message := append(appendHeader(nil, 2, 3), want.encode()...); !bytes.Equal(peer.requests[0], message) {
		t.Errorf("got %x, want %x", peer.requests[0], message)
	}
	record := AuditRecord{Operation: "reconcile", Algorithm: V1, V1: peer.cost()}
	if got := lastAudit(a); got != record || got.V1.Messages != 2 {
		t.Errorf("got %+v, want %+v", got, record)
	}
}

// R9.5: the table equals one that is computed by hand, in whatever order the members are given.
func TestR9_5Table(t *testing.T) {
	sum := naiveHash("reconcile/table", naiveU32(2), naiveL("c"), []byte{2}, naiveL("m"), []byte{1},
		naiveU32(3), naiveL("a"), naiveL("b"), naiveL("c"))
	rules, err := newRules([]string{"c", "a", "b"}, table)
	if err != nil || rules.table != string(sum[:8]) {
		t.Errorf("got %x, %v, want %x", rules.table, err, sum[:8])
	}
}

// R9.3, R9.5 to R9.7: the messages of a walk, byte for byte.
func TestR9_7Walk(t *testing.T) {
	a, b := newPair(t, 400, 1, withFlag(FlagOn))
	s := b.View().state
	peer := &recordingPeer{peer: b.View()}
	digest := a.View().Digest().State
	must[MergeResult](t)(a.Reconcile(peer, 1000))

	path := naivePath("k399")
	rounds := len(peer.requests)
	if n := s.tree.at("").size(); n != 400 || rounds < 3 {
		t.Fatalf("got %d keys and %d rounds, want 400 and at least 3", n, rounds)
	}
	for round, request := range peer.requests {
		var prefix nibblePath
		for i := range round {
			prefix = prefix.child(strings.IndexByte("0123456789abcdef", path[i]))
		}
		want := layout{0: byteString(a.rules.table), 1: number(1), 2: number(uint64(round)),
			3: append([]byte{0x81}, byteString(string(prefix))...)}
		if round == 0 {
			want = want.with(4, byteString(string(digest[:])))
		}
		if message := append(appendHeader(nil, 2, 3), want.encode()...); !bytes.Equal(request, message) {
			t.Errorf("round %d: got %x, want %x", round, request, message)
		}
		node := s.tree.at(prefix)
		reply := layout{6: number(uint64(round)), 7: number(0), 8: number(1), 9: append([]byte{0x81}, appendNode(nil, prefix, node, 3)...)}
		if round == 0 {
			clock := s.clock.Bytes()
			reply = reply.with(0, byteString("b")).with(1, number(0)).with(2, byteString(string(clock[:]))).
				with(3, s.vector.append(nil)).with(4, []byte{0xa0}).with(5, byteString(string(s.digest[:])))
		}
		if message := append(appendHeader(nil, 3, 3), reply.encode()...); !bytes.Equal(peer.replies[round][0], message) {
			t.Errorf("round %d: got %x, want %x", round, peer.replies[round][0], message)
		}
		if node.isBranch() == (round == rounds-1) {
			t.Errorf("round %d of %d: got isBranch %t, want a leaf in the last round alone", round, rounds, node.isBranch())
		}
	}
	if got := lastAudit(a); got != (AuditRecord{Operation: "reconcile", Algorithm: V2, V2: peer.cost()}) {
		t.Errorf("got %+v, want the cost of v2 alone", got)
	}
}

// R9.6: a part has sixteen nodes, in the order of their paths. A reply to an equal digest has none.
func TestR9_6Parts(t *testing.T) {
	_, b := newPair(t, 600, 600)
	var paths []nibblePath
	for i := range 37 {
		paths = append(paths, nibblePath("").child(i/16).child(i%16))
	}
	q := request{table: b.rules.table, mode: modeWalk, round: 2, paths: paths}
	replies, err := b.View().Answer(q.append(nil, 3))
	if err != nil || len(replies) != 3 {
		t.Fatalf("got %d parts, %v, want 3", len(replies), err)
	}
	for i, n := range []int{16, 16, 5} {
		p, err := readReply(replies[i], acceptedSchemas(3))
		if err != nil || p.round != 2 || p.part != uint64(i) || p.parts != 3 || len(p.nodes) != n || p.nodes[0].path != paths[16*i] {
			t.Errorf("part %d: got %+v, %v, want %d nodes", i, p, err, n)
		}
	}
	same := request{table: b.rules.table, mode: modeWalk, paths: []nibblePath{""}, digest: b.View().Digest().State}
	replies, err = b.View().Answer(same.append(nil, 3))
	if err != nil || len(replies) != 1 {
		t.Fatal(err)
	}
	if p, err := readReply(replies[0], acceptedSchemas(3)); err != nil || len(p.nodes) != 0 || p.parts != 1 {
		t.Errorf("got %+v, %v, want one part without nodes", p, err)
	}
}

// R9.7: the cost of a walk grows with the difference, and barely with the size of the states.
func TestR9_7CostGrowsWithTheDifference(t *testing.T) {
	cost := func(entries, difference int) Cost {
		rules := &rules{members: members, table: "12345678"}
		own, peer := filledState(entries-difference, 0), View{filledState(entries, difference), rules}
		own.writer = "a"
		o, c := try(V2, rules, own, peer, NoHooks{}, 1<<40)
		if o.err != nil || o.result.Taken != uint64(difference) || o.next.digest != peer.state.digest {
			t.Fatalf("got %+v, %v, want %d entries taken", o.result, o.err, difference)
		}
		return c
	}
	for _, difference := range []int{1, 10, 100} {
		small, large := cost(1000, difference), cost(16_000, difference)
		if large.Bytes > 6*small.Bytes || large.Messages > 4*small.Messages {
			t.Errorf("difference %d: got %+v of 16,000 keys, and %+v of 1,000, want about the same", difference, large, small)
		}
	}
}

// R9.1, I15: the flags agree for replicas of many sizes, with and without keys of their own.
func TestR9_1FlagsAgree(t *testing.T) {
	for _, n := range []int{0, 1, 16, 17, 40, 300} {
		for _, own := range []int{0, 1, 16, 17, 300} {
			var results []MergeResult
			var digests []Digests
			for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
				a, b := newPair(t, n, n, withFlag(flag))
				for i := range own {
					put(t, a, fmt.Sprint("o", i), "02", 1000)
				}
				results = append(results, pull(t, a, b, 1000))
				digests = append(digests, a.View().Digest())
				if flag == FlagShadow && lastAudit(a).Agreement != Agreed {
					t.Errorf("%d keys, %d own: got %+v, want Agreed", n, own, lastAudit(a))
				}
			}
			if results[0] != results[1] || results[0] != results[2] || digests[0] != digests[2] {
				t.Errorf("%d keys, %d own: got different results %v, want equal ones", n, own, results)
			}
		}
	}
}

// R9.4, R9.10: shadow records the cost of both algorithms, and whether they agree.
func TestR9_4Shadow(t *testing.T) {
	a, b := newPair(t, 40, 3, withFlag(FlagShadow))
	pull(t, a, b, 1000)
	got := lastAudit(a)

	if got.Algorithm != V1 || got.V1.Messages != 2 || got.V2.Messages < 2 || got.Agreement != Agreed {
		t.Errorf("got %+v, want the costs of both, and that they agree", got)
	}
}

// R9.4: if v2 has another outcome in shadow, the audit log says so, and nothing else changes.
func TestR9_4ShadowDisagrees(t *testing.T) {
	a, b := newPair(t, 40, 3, withFlag(FlagShadow))
	peer := &recordingPeer{peer: b.View()}
	peer.change = func(round int, replies [][]byte) [][]byte {
		if round > 0 {
			return nil
		}
		return replies
	}
	want, _ := newPair(t, 40, 3)
	if got, want := must[MergeResult](t)(a.Reconcile(peer, 1000)), pull(t, want, b, 1000); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := lastAudit(a); got.Agreement != Disagreed || got.Class != 0 {
		t.Errorf("got %+v, want an accepted step that disagrees", got)
	}
}

// R9.5, R10.2: a peer rejects another table, and a schema that is too far away.
func TestR9_5PeerRejects(t *testing.T) {
	for _, flag := range []Flag{FlagOff, FlagOn} {
		a, b := newPair(t, 3, 3, withFlag(flag))
		other, _ := open(t, "b", func(c *Config) { c.Policies = nil })
		_, err := a.Reconcile(other.View(), 1000)
		wantError(t, err, rejected(ErrOtherTable, "table", 0, hexOf(other.rules.table), hexOf(a.rules.table),
			"give all replicas one table"))
		if got := lastAudit(a); got.Class != ErrOtherTable || got.V1.Messages+got.V2.Messages != 1 {
			t.Errorf("got %+v, want other_table after one message", got)
		}
		must[Hash](t)(a.Migrate(2, "r", "a"))
		must[Hash](t)(a.Migrate(1, "r", "a"))
		_, err = a.Reconcile(b.View(), 1000)
		wantError(t, err, rejected(ErrTooFar, "schema", 5, "schema 2 to 3", "schema 1", "migrate one of the two step by step"))
	}
}

// R8.7, R9.8: repeated messages and reordered parts change nothing, and do not count as cost.
func TestR9_8RepeatedAndReordered(t *testing.T) {
	for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
		plain, b := newPair(t, 600, 300, withFlag(flag))
		want := pull(t, plain, b, 1000)
		for _, injects := range [][]Fault{{FaultRepeated}, {FaultReordered}, {FaultRepeated, FaultReordered}} {
			a, b := newPair(t, 600, 300, withFlag(flag))
			a.hooks = &script{injects: injects}
			if got := pull(t, a, b, 1000); got != want {
				t.Errorf("%v: got %+v, want %+v", injects, got, want)
			}
			wantSame(t, a.View(), plain.View())
			if got, want := lastAudit(a), lastAudit(plain); got != want {
				t.Errorf("%v: got %+v, want %+v", injects, got, want)
			}
		}
	}
}

// R8.7, R9.8: a step is interrupted if its first message is lost, or any part of any round.
func TestR9_8Lost(t *testing.T) {
	lost := rejected(ErrInterrupted, "none", 0, "synced", "lost", "try again")
	for _, flag := range []Flag{FlagOff, FlagOn} {
		a, b := newPair(t, 600, 300, withFlag(flag), withHooks(&script{}))
		a.hooks.(*script).injects = []Fault{FaultLost}
		before := a.View()
		_, err := a.Reconcile(b.View(), 1000)
		wantError(t, err, lost)
		wantSame(t, a.View(), before)
		if got := lastAudit(a); got.Class != ErrInterrupted || got.V1.Messages+got.V2.Messages != 1 {
			t.Errorf("got %+v, want interrupted after one message", got)
		}
		a.hooks = NoHooks{}
		whole := &recordingPeer{peer: b.View()}
		must[MergeResult](t)(a.Reconcile(whole, 1000))
		for round, replies := range whole.replies {
			for part := range replies {
				a, b := newPair(t, 600, 300, withFlag(flag))
				_, err := a.Reconcile(&recordingPeer{peer: b.View(), change: func(now int, replies [][]byte) [][]byte {
					if now == round {
						return slices.Delete(replies, part, part+1)
					}
					return replies
				}}, 1000)
				wantError(t, err, lost)
			}
		}
	}
}

// R9.8: the walk ignores a part of another round, one beyond the number of parts, and a second one of a place.
func TestR9_8IgnoredParts(t *testing.T) {
	a, b := newPair(t, 600, 300, withFlag(FlagOn))
	plain, _ := newPair(t, 600, 300)
	s := b.View().state
	ignored := [][]byte{appendReply(nil, s, 9, 0, 1, nil), appendReply(nil, s, 1, 60, 1, nil)}
	got := must[MergeResult](t)(a.Reconcile(&recordingPeer{peer: b.View(), change: func(round int, replies [][]byte) [][]byte {
		if round == 1 {
			return slices.Concat(ignored[:1], replies[:1], ignored, replies)
		}
		return replies
	}}, 1000))

	if want := pull(t, plain, b, 1000); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// R8.7, R9.9: both algorithms reject a digest that was damaged on its way, with the same detail. Nothing changes.
func TestR9_9Damaged(t *testing.T) {
	for _, lacking := range []int{0, 1, 300} {
		var rejections []Error
		for _, flag := range []Flag{FlagOff, FlagOn} {
			a, b := newPair(t, 600, lacking, withFlag(flag))
			if lacking == 0 {
				pull(t, a, b, 1000)
			}
			a.hooks = &script{injects: []Fault{FaultDamaged}}
			before := a.View()
			_, err := a.Reconcile(b.View(), 1000)
			digest := b.View().Digest().State
			damaged := digest
			damaged[31] ^= 0xff

			wantError(t, err, rejected(ErrDigestMismatch, "digest", 0, hexOf(damaged[:]), hexOf(digest[:]), "ask again"))
			wantSame(t, a.View(), before)
			var rejection *Error
			errors.As(err, &rejection)
			rejections = append(rejections, *rejection)
			if got := lastAudit(a); got.Class != ErrDigestMismatch || got.V1.Messages+got.V2.Messages != 2 {
				t.Errorf("got %+v, want digest_mismatch after two messages", got)
			}
		}
		if rejections[0] != rejections[1] {
			t.Errorf("got %+v by v2, want %+v as by v1", rejections[1], rejections[0])
		}
	}
}

// R8.7: a step sees a time that is an hour less, and never below zero.
func TestR8_7Stepped(t *testing.T) {
	hooks := &script{injects: []Fault{FaultStepped}}
	r, _ := open(t, "a", withHooks(hooks))
	if got := must[Clock](t)(r.Tick(3600000)); got != NewClock(0, 1) {
		t.Errorf("got %x, want 0 with the count 1", got)
	}
	if got := must[Clock](t)(r.Tick(3600007)); got != NewClock(7, 0) {
		t.Errorf("got %x, want 7 with the count 0", got)
	}
	if got := must[Clock](t)(r.Tick(5)); got != NewClock(7, 1) {
		t.Errorf("got %x, want 7 with the count 1", got)
	}
}

// R8.1, R9.1, I15: a halt at received interrupts the step, whatever its messages contain.
func TestR9_1HaltedBeforeChecks(t *testing.T) {
	for _, flag := range []Flag{FlagOff, FlagOn} {
		b, _ := open(t, "b")
		put(t, b, "k", "01", 1<<40)
		a, _ := open(t, "a", withFlag(flag), withHooks(&script{stage: StageReceived, fault: FaultHalted}))
		_, err := a.Reconcile(b.View(), 1)

		wantError(t, err, rejected(ErrInterrupted, "received", 0, "synced", "halted", "try again"))
	}
}

// R9.10: the audit log has imports too. It holds 64 records, and is empty when a replica is opened.
func TestR9_10Audit(t *testing.T) {
	a, _ := open(t, "a")
	_, b := newPair(t, 3, 3)
	document := b.View().Export()
	if _, err := a.Import(document[:9], 1000); err == nil {
		t.Fatal("got an accepted step, want a rejection")
	}
	must[MergeResult](t)(a.Import(document, 1000))
	want := []AuditRecord{
		{Operation: "import", Class: ErrMalformed, Algorithm: V1, V1: Cost{1, 9}},
		{Operation: "import", Algorithm: V1, V1: Cost{1, uint64(len(document))}},
	}
	if got := a.Audit(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for range 63 {
		pull(t, a, b, 1000)
	}
	if got := a.Audit(); len(got) != 64 || got[0] != want[1] {
		t.Errorf("got %d records, the first %+v, want 64", len(got), got[0])
	}
	a.hooks = &script{stage: StageAppended, fault: FaultKilled}
	if _, err := a.Import(document, 1000); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if got := a.Audit(); len(got) != 0 {
		t.Errorf("after a kill: got %+v, want none", got)
	}
}

// R2.3, R9.1: the deepest value of a document goes through a walk as well.
func TestR9_1DeepestValue(t *testing.T) {
	for _, flag := range []Flag{FlagOff, FlagOn} {
		a, _ := open(t, "a", withFlag(flag))
		b, _ := open(t, "b")
		put(t, b, "k", strings.Repeat("81", 11)+"80", 1)
		pull(t, a, b, 1)

		if a.View().Digest() != b.View().Digest() {
			t.Errorf("flag %v: got different digests, want the value to arrive", flag)
		}
	}
}

// R9.5, R9.6, R2.8: malformed requests and replies are rejected, with the path of the item at fault.
func TestR9_5MalformedMessages(t *testing.T) {
	table := byteString("12345678")
	hash := byteString(strings.Repeat("h", 32))
	ask := layout{0: table, 1: number(1), 2: number(1), 3: {0x80}}
	tell := layout{6: number(1), 7: number(0), 8: number(1), 9: {0x80}}
	first := layout{0: byteString("b"), 1: number(0), 2: byteString("12345678"), 3: {0xa0}, 4: {0xa0}, 5: hash,
		6: number(0), 7: number(0), 8: number(1), 9: {0x80}}
	node := func(parts ...[]byte) []byte {
		return append([]byte{0x81}, append([]byte{0x83}, slices.Concat(parts...)...)...)
	}
	children := append([]byte{0x90}, bytes.Repeat(hash, 16)...)
	for name, c := range map[string]struct {
		kind uint8
		body layout
		path string
		got  string
	}{
		"no table":              {kindRequest, ask.with(0, nil), "", "no such field"},
		"mode":                  {kindRequest, ask.with(1, number(2)), "/1", "2"},
		"round":                 {kindRequest, ask.with(2, number(65)), "/2", "65"},
		"path too long":         {kindRequest, ask.with(3, append([]byte{0x81}, byteString(strings.Repeat("\x00", 65))...)), "/3/0", "65"},
		"path no half bytes":    {kindRequest, ask.with(3, append([]byte{0x81}, byteString("\x00\x10")...)), "/3/0", "16"},
		"paths twice":           {kindRequest, ask.with(3, []byte{0x82, 0x40, 0x40}), "/3/1", "an equal item"},
		"paths descend":         {kindRequest, ask.with(3, []byte{0x82, 0x41, 1, 0x42, 0, 1}), "/3/1", "a smaller item"},
		"paths for a document":  {kindRequest, ask.with(1, number(0)).with(3, []byte{0x81, 0x40}), "/3", "1"},
		"digest in round 1":     {kindRequest, ask.with(4, hash), "", "field 4"},
		"no digest in round 0":  {kindRequest, ask.with(2, number(0)), "", "no such field"},
		"digest for a document": {kindRequest, ask.with(1, number(0)).with(2, number(0)).with(4, hash), "", "field 4"},
		"no head":               {kindReply, tell.with(6, number(0)), "", "no such field"},
		"head in round 1":       {kindReply, first.with(6, number(1)), "", "field 0"},
		"head in part 1":        {kindReply, first.with(7, number(1)), "", "field 0"},
		"no parts":              {kindReply, tell.with(8, number(0)), "/8", "0"},
		"seventeen nodes":       {kindReply, tell.with(9, append([]byte{0x91}, make([]byte, 17)...)), "/9", "17"},
		"node of two":           {kindReply, tell.with(9, []byte{0x81, 0x82, 0x40, 0}), "/9/0", "2"},
		"node's form":           {kindReply, tell.with(9, node([]byte{0x40}, number(2), children)), "/9/0/1", "2"},
		"branch of fifteen":     {kindReply, tell.with(9, node([]byte{0x40, 0x00, 0x8f})), "/9/0/2", "15"},
		"leaf of seventeen":     {kindReply, tell.with(9, node([]byte{0x40, 0x01, 0xb1})), "/9/0/2", "17"},
		"leaf's key":            {kindReply, tell.with(9, node([]byte{0x40, 0x01, 0xa1, 0x60, 0x80})), "/9/0/2", "text string"},
		"leaf's entries":        {kindReply, tell.with(9, node([]byte{0x40, 0x01, 0xa1, 0x41, 'k', 0x80})), "/9/0/2/6b", "0"},
		"nodes twice": {kindReply, tell.with(9, slices.Concat([]byte{0x82}, node([]byte{0x40, 0x01, 0xa0})[1:], node([]byte{0x40, 0x01, 0xa0})[1:])),
			"/9/1", "an equal item"},
	} {
		message := append(appendHeader(nil, c.kind, 3), c.body.encode()...)
		var err error
		if c.kind == kindRequest {
			_, err = readRequest(message, acceptedSchemas(3))
		} else {
			_, err = readReply(message, acceptedSchemas(3))
		}
		var got *Error
		if !errors.As(err, &got) || got.Class != ErrMalformed || got.Path != c.path || got.Got != c.got {
			t.Errorf("%s: got %v, want path %q, got %q", name, err, c.path, c.got)
		}
	}
}

// I18: replicas that reconcile with each other at the same time do not block each other, and converge.
func TestConcurrentReconciles(t *testing.T) {
	var replicas []*Replica
	for i, member := range members {
		r, _ := open(t, member, withFlag(Flag(i)))
		replicas = append(replicas, r)
	}
	var running sync.WaitGroup
	for i, r := range replicas {
		for range 2 {
			running.Add(1)
			go func() {
				defer running.Done()
				for k := range 60 {
					peer := replicas[(i+1+k%2)%3]
					if _, err := r.Reconcile(peer.View(), 1000); err != nil {
						t.Error(err)
					}
					if _, err := r.Put(fmt.Sprint("k", k%20), []byte{byte(i)}, Label{}, 1000); err != nil {
						t.Error(err)
					}
				}
			}()
		}
	}
	running.Wait()
	w := &world{replicas: replicas, now: 1000}
	for _, r := range replicas {
		must[Hash](t)(r.Migrate(2, "r", "a"))
	}
	w.settle(t)
}

// R9.7: a walk does not ask for an empty node. The asker still drops what it has there.
func TestR9_7EmptyNodesAreNotAsked(t *testing.T) {
	a, b := newPair(t, 400, 400, withFlag(FlagOn))
	pull(t, a, b, 1000)
	for i := range 380 {
		must[WriteResult](t)(b.Delete(fmt.Sprint("k", i), 1000))
	}
	all := b.View().state.vector
	c, _ := open(t, "c")
	pull(t, c, b, 1000)
	bare := c.View().state.clone()
	bare.part = bare.with(nil, all, all)
	var gone []*slot
	for s := range bare.slots() {
		if s.entries[0].Kind == Tombstone {
			gone = append(gone, newSlot(s.key, nil))
		}
	}
	bare.part = bare.with(gone, all, all)
	peer := &recordingPeer{peer: View{bare, a.rules}}
	got := must[MergeResult](t)(a.Reconcile(peer, 1000))

	if got.Dropped != 380 || a.View().Digest().State != bare.digest {
		t.Errorf("got %+v, want 380 entries dropped", got)
	}
	for _, request := range peer.requests {
		q, err := readRequest(request, acceptedSchemas(3))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range q.paths {
			if bare.tree.at(path).size() == 0 {
				t.Errorf("round %d: got a question for the empty node at %x", q.round, path)
			}
		}
	}
}

// R9.4: shadow compares nothing if a fault ended the step or damaged a digest.
func TestR9_4FaultsAreNotCompared(t *testing.T) {
	for _, hooks := range []*script{
		{injects: []Fault{FaultLost}}, {injects: []Fault{FaultDamaged}}, {stage: StageReceived, fault: FaultHalted}, {stage: StageAppended, fault: FaultHalted},
	} {
		a, b := newPair(t, 40, 3, withFlag(FlagShadow))
		a.hooks = hooks
		if _, err := a.Reconcile(b.View(), 1000); err == nil {
			t.Fatal("got an accepted step, want a rejection")
		}
		if got := lastAudit(a); got.Agreement != NotCompared || got.V2.Messages < 2 {
			t.Errorf("%+v: got %+v, want no comparison, and the cost of v2", hooks, got)
		}
	}
}

// Section 4: a step with an argument out of bounds leaves no audit record, and asks no peer.
func TestR9_10RejectedArguments(t *testing.T) {
	a, b := newPair(t, 3, 3, withFlag(FlagOn))
	before, peer := a.Audit(), &recordingPeer{peer: b.View()}
	want := rejected(ErrMalformed, "now", 0, "0 to 281474976710655", "281474976710656", "check the limits")

	_, err := a.Reconcile(peer, 1<<48)
	wantError(t, err, want)
	_, err = a.Import([]byte("DCR1"), 1<<48)
	wantError(t, err, want)
	if !slices.Equal(a.Audit(), before) || len(peer.requests) > 0 {
		t.Errorf("got %+v, %d requests, want none", a.Audit(), len(peer.requests))
	}
}

// R9.4: shadow compares results and classes, and nothing else.
func TestR9_4Agreement(t *testing.T) {
	one := outcome{received: true, result: MergeResult{Changed: true, Taken: 1}}
	other := outcome{received: true, result: MergeResult{Changed: true, Taken: 2}}
	rejection := outcome{err: &Error{Class: ErrDotConflict}}
	torn := outcome{err: interrupted(StageNone, FaultLost, nil)}
	for _, c := range []struct {
		a, b outcome
		want Agreement
	}{{one, one, Agreed}, {one, other, Disagreed}, {one, rejection, Disagreed}, {rejection, rejection, Agreed}, {torn, rejection, Disagreed}} {
		if got := agreement(c.a, c.b); got != c.want {
			t.Errorf("%+v: got %v, want %v", c, got, c.want)
		}
	}
}

// R8.1: a step with malformed input does not reach the stage received.
func TestR8_1MalformedIsNotReceived(t *testing.T) {
	hooks := &script{stage: StageReceived, fault: FaultHalted}
	a, _ := open(t, "a", withHooks(hooks))
	_, err := a.Import([]byte("DCR1"), 1)
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want %v", err, ErrMalformed)
	}
	_, err = a.Put("k", []byte{0xff}, Label{}, 1)
	if !errors.Is(err, ErrMalformed) || len(hooks.seen) > 0 {
		t.Errorf("got %v after the stages %v, want %v", err, hooks.seen, ErrMalformed)
	}
}

// secondLoss are hooks that inject a loss from the second call on.
type secondLoss struct {
	NoHooks
	calls int
}

func (l *secondLoss) Injects(fault Fault) bool {
	if fault == FaultLost {
		l.calls++
	}
	return fault == FaultLost && l.calls > 1
}

// R8.7: only the first message of a step can be lost.
func TestR8_7OnlyTheFirstMessageIsLost(t *testing.T) {
	a, b := newPair(t, 400, 1, withFlag(FlagOn))
	a.hooks = &secondLoss{}
	pull(t, a, b, 1000)

	if got := lastAudit(a); got.V2.Messages < 4 {
		t.Errorf("got %+v, want four messages or more", got)
	}
}

// R9.1, R9.9: both algorithms reject a peer whose state breaks R1.7, with the same detail.
func TestR9_9ChecksOfAWalk(t *testing.T) {
	e := Entry{Dot: Dot{originB, 1}, Clock: clockOne, Value: "\x01", Schema: 3}
	gone := Entry{Dot: Dot{originB, 1}, Clock: clockOne, Kind: Tombstone, Schema: 3}
	second := e
	second.Dot.Counter = 2
	originA := NewOrigin("a", 0)
	for name, c := range map[string]struct {
		key       string
		entries   []Entry
		vector    Vector
		watermark Vector
		path      string
	}{
		"2": {"k", []Entry{e}, Vector{originB: 2, NewOrigin("x", 0): 1}, nil, "vector"},
		"3": {"k", []Entry{e}, Vector{originB: 2}, Vector{originB: 3}, "watermark"},
		"6": {"k", []Entry{e}, Vector{}, nil, "/5/6b/0"},
		"8": {"k", []Entry{gone}, Vector{originB: 2}, Vector{originB: 1}, "/5/6b/0"},
		"9": {"k", []Entry{e, second}, Vector{originB: 2}, nil, "/5/6b"},
		"4": {"k", []Entry{e}, Vector{originB: 2, originA: 1}, nil, "vector"},
	} {
		var rejections []Error
		for _, flag := range []Flag{FlagOff, FlagOn} {
			a, _ := open(t, "a", withFlag(flag))
			s := &state{writer: "b", schema: 3, clock: NewClock(2, 0)}
			s.part = newPart().with([]*slot{newSlot(c.key, c.entries)}, c.vector, c.watermark)
			_, err := a.Reconcile(View{s, a.rules}, 1)
			var rejection *Error
			if !errors.As(err, &rejection) || rejection.Class != ErrInconsistent || rejection.Path != c.path {
				t.Fatalf("%s, %v: got %v, want path %q", name, flag, err, c.path)
			}
			rejections = append(rejections, *rejection)
		}
		if rejections[0] != rejections[1] {
			t.Errorf("%s: got %+v by v2, want %+v as by v1", name, rejections[1], rejections[0])
		}
	}
}

// R8.7: a repeated or reordered reply of two parts arrives as the rule says.
func TestR8_7Delivery(t *testing.T) {
	sent := [][]byte{{1}, {2}}
	for _, c := range []struct {
		injects []Fault
		want    string
	}{
		{nil, "\x01\x02"}, {[]Fault{FaultRepeated}, "\x01\x01\x02\x02"}, {[]Fault{FaultReordered}, "\x02\x01"},
		{[]Fault{FaultRepeated, FaultReordered}, "\x02\x02\x01\x01"},
	} {
		l := link{hooks: &script{injects: c.injects}}
		if got := string(bytes.Join(l.deliver(sent), nil)); got != c.want {
			t.Errorf("%v: got %x, want %x", c.injects, got, c.want)
		}
	}
}

// R9.7: a walk does not ask for a node that the asker has, also if the asker has a leaf and the peer a branch.
func TestR9_7OwnNodesAreNotAsked(t *testing.T) {
	for n := 17; n < 400; n += 13 {
		a, b := newPair(t, n, 5, withFlag(FlagOn))
		own := a.View().state.tree
		peer := &recordingPeer{peer: b.View()}
		must[MergeResult](t)(a.Reconcile(peer, 1000))
		for _, request := range peer.requests {
			q, err := readRequest(request, acceptedSchemas(3))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range q.paths {
				if own.at(path).hash() == b.View().state.tree.at(path).hash() {
					t.Errorf("%d keys, round %d: got a question for %x, which the asker has", n, q.round, path)
				}
			}
		}
	}
}
