// Command gossip is the Go subject of the contract gossip: counters that exchange their counts.
package main

import (
	"driftcheck/contracts/gossip/gossip"
	driftcheck "driftcheck/sdk"
)

type counter struct {
	place, limit uint64
	counts       map[uint64]uint64
	losses       uint64
}

type mark uint64

func open(place, limit, start uint64) (gossip.Subject[mark], error) {
	if start > 9 {
		return nil, gossip.ErrFull
	}
	return &counter{place: place, limit: limit, counts: map[uint64]uint64{place: start}}, nil
}

func (c *counter) State() gossip.Counts { return gossip.Counts{Place: c.place, Counts: c.counts} }

func (c *counter) sum() (sum uint64) {
	for _, n := range c.counts {
		sum += n
	}
	return sum
}

func (c *counter) learn(other *counter) {
	for place, n := range other.counts {
		c.counts[place] = max(n, c.counts[place])
	}
}

func (c *counter) Add(n uint64) (uint64, error) {
	if c.counts[c.place]+n > c.limit {
		return 0, gossip.ErrFull
	}
	c.counts[c.place] += n
	return c.sum(), nil
}

func (c *counter) Pull(peer gossip.Subject[mark], fault gossip.Fault) (uint64, error) {
	switch fault {
	case gossip.FaultLost:
		c.losses++
		return 0, gossip.ErrUnheard
	case gossip.FaultTwice:
		c.learn(peer.(*counter))
	}
	c.learn(peer.(*counter))
	return c.sum(), nil
}

func (c *counter) Losses() (uint64, error) { return c.losses, nil }

func (c *counter) Meet(peer gossip.Subject[mark]) (uint64, error) {
	c.learn(peer.(*counter))
	peer.(*counter).learn(c)
	return c.sum(), nil
}

func (c *counter) Mark() (mark, error) { return mark(c.sum()), nil }

func (c *counter) Since(m mark) (uint64, error) { return c.sum() - uint64(m), nil }

func (c *counter) Ahead(peer gossip.Subject[mark], by uint64) (bool, error) {
	theirs, ours := peer.(*counter).sum(), c.sum()
	return theirs > ours && theirs-ours > by, nil
}

func init() { driftcheck.Register(gossip.Contract(open)) }

func main() {}
