package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// R1.2: an origin is the writer's name and the epoch.
func TestR1_2Origin(t *testing.T) {
	origin := NewOrigin("ab", 258)

	if origin != "ab\x00\x00\x01\x02" || origin.Writer() != "ab" || origin.Epoch() != 258 {
		t.Errorf("got %q, %q, %d, want the writer ab in epoch 258", origin, origin.Writer(), origin.Epoch())
	}
}

// R1.4: covers, order, join and meet equal their definitions over all dots.
func TestR1_4Vectors(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	origins := []Origin{"a\x00\x00\x00\x00", "a\x00\x00\x00\x01", "b\x00\x00\x00\x00"}
	vector := func() Vector {
		v := make(Vector)
		for _, origin := range origins {
			if n := random.Uint64N(4); n > 0 {
				v[origin] = n
			}
		}
		return v
	}
	for range 500 {
		v, w := vector(), vector()
		isLess, first := true, Origin("")
		for _, origin := range origins {
			for counter := uint64(1); counter < 5; counter++ {
				dot := Dot{origin, counter}
				if got, want := v.join(w).Covers(dot), v.Covers(dot) || w.Covers(dot); got != want {
					t.Fatalf("join of %v and %v covers %v: got %t, want %t", v, w, dot, got, want)
				}
				if got, want := v.meet(w).Covers(dot), v.Covers(dot) && w.Covers(dot); got != want {
					t.Fatalf("meet of %v and %v covers %v: got %t, want %t", v, w, dot, got, want)
				}
				if w.Covers(dot) && !v.Covers(dot) {
					isLess = false
					if first == "" {
						first = origin
					}
				}
			}
		}
		if origin, found := v.excess(w); found == isLess || origin != first {
			t.Fatalf("excess of %v over %v: got %q, want %q", w, v, origin, first)
		}
		for _, result := range []Vector{v.join(w), v.meet(w)} {
			for origin, counter := range result {
				if counter == 0 {
					t.Fatalf("got counter 0 of %q, want no zeros", origin)
				}
			}
		}
	}
}

// R3.3, R3.4: a clock after a local event, and after a message.
func TestR3Clocks(t *testing.T) {
	for _, c := range []struct {
		own    Clock
		remote *Clock
		now    uint64
		want   Clock
	}{
		{NewClock(5, 3), nil, 6, NewClock(6, 0)},
		{NewClock(5, 3), nil, 5, NewClock(5, 4)},
		{NewClock(5, 3), nil, 4, NewClock(5, 4)},
		{NewClock(5, 3), clockOf(5, 7), 5, NewClock(5, 8)},
		{NewClock(5, 7), clockOf(5, 3), 1, NewClock(5, 8)},
		{NewClock(6, 3), clockOf(5, 7), 6, NewClock(6, 4)},
		{NewClock(5, 3), clockOf(6, 7), 6, NewClock(6, 8)},
		{NewClock(5, 3), clockOf(6, 7), 7, NewClock(7, 0)},
	} {
		got, err := c.own.tick(c.now)
		if c.remote != nil {
			got, err = c.own.receive(*c.remote, c.now)
		}
		if err != nil || got != c.want {
			t.Errorf("clock %x at %d: got %x, %v, want %x", c.own, c.now, got, err, c.want)
		}
	}
}

func clockOf(physical uint64, logical uint16) *Clock {
	c := NewClock(physical, logical)
	return &c
}

// R3.1: a clock has eight bytes, the physical part first.
func TestR3_1Bytes(t *testing.T) {
	if got := fmt.Sprintf("%x", NewClock(1<<48-1, 258).Bytes()); got != "ffffffffffff0102" {
		t.Errorf("got %s, want ffffffffffff0102", got)
	}
}

// R3.5: a clock whose count would overflow rejects the step.
func TestR3_5ClockOverflow(t *testing.T) {
	r, _ := open(t, "a")
	full := r.View().state.clone()
	full.clock = NewClock(9, maxLogical)
	r.state.Store(full)
	want := rejected(ErrClockOverflow, "clock", 0, "0 to 65535", "65536", "wait for the next millisecond")
	peer, _ := open(t, "b")
	put(t, peer, "k", "01", 1)

	_, err := r.Tick(9)
	wantError(t, err, want)
	_, err = r.Put("k", []byte{1}, Label{}, 8)
	wantError(t, err, want)
	_, err = r.Reconcile(peer.View(), 9)
	wantError(t, err, want)
	must[Clock](t)(r.Tick(10))
}

// R3.6: a remote clock may be a minute ahead, and no more.
func TestR3_6ClockDrift(t *testing.T) {
	for _, flag := range []Flag{FlagOff, FlagShadow, FlagOn} {
		r, _ := open(t, "a", withFlag(flag))
		peer, _ := open(t, "b")
		put(t, peer, "k", "01", 70000)

		_, err := r.Reconcile(peer.View(), 9999)
		wantError(t, err, rejected(ErrClockDrift, "clock", 0, "at most 69999", "70000",
			"compare the clocks of the two machines"))
		pull(t, r, peer, 10000)
	}
}

// R11.1: the names and codes of classes, and which are retryable.
func TestR11_1Classes(t *testing.T) {
	names := []string{"", "malformed", "too_large", "too_far", "inconsistent", "digest_mismatch", "dot_conflict",
		"clock_drift", "clock_overflow", "interrupted", "absent", "wrong_kind", "overflow", "exhausted",
		"not_acknowledged", "foreign_snapshot", "needs_schema", "other_table", "corrupt_log"}
	retryable := []Class{5, 7, 8, 9, 14}
	for code, name := range names {
		class := Class(code)
		if class.String() != name || class.Retryable() != slices.Contains(retryable, class) {
			t.Errorf("code %d: got %s, %t, want %s", code, class, class.Retryable(), name)
		}
	}
}

// The persistent map equals a map of Go, and an old version of it stays as it was.
func TestOrderedMap(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	var tree *orderedMap[int]
	want := make(map[string]int)
	for i := range 5000 {
		key := fmt.Sprint(random.IntN(300))
		before, had := want[key]
		old := tree
		if random.IntN(3) == 0 {
			tree = tree.without(key)
			delete(want, key)
		} else {
			tree = tree.with(key, i)
			want[key] = i
		}
		if value, found := old.get(key); value != before || found != had {
			t.Fatalf("the old version at %s: got %d, %t, want %d, %t", key, value, found, before, had)
		}
		var keys []string
		for key, value := range tree.from("15") {
			if value != want[key] {
				t.Fatalf("%s: got %d, want %d", key, value, want[key])
			}
			keys = append(keys, key)
		}
		n := 0
		for key := range want {
			if key >= "15" {
				n++
			}
		}
		if len(keys) != n || !slices.IsSorted(keys) {
			t.Fatalf("got %d keys, want %d in order: %v", len(keys), n, keys)
		}
		if !isBalanced(tree) {
			t.Fatalf("after %d changes: got an unbalanced tree", i)
		}
	}
}

func isBalanced(t *orderedMap[int]) bool {
	if t == nil {
		return true
	}
	l, r := t.left.levels(), t.right.levels()
	return t.height == 1+max(l, r) && max(l, r)-min(l, r) <= 1 && isBalanced(t.left) && isBalanced(t.right)
}
