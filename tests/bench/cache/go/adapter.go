// Command cache exports hashicorp/golang-lru in two ways. One is a subject of the contract lru, with planted
// faults. The other is plain C functions, for the state machine that the benches compare driftcheck with.
package main

import (
	"os"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"driftcheck/contracts/lru/lru"
	driftcheck "driftcheck/sdk"
)

const long = 9 // bytes; the fault "cut" cuts values of this length or more

var fault = os.Getenv("DRIFTCHECK_FAULT")

type cache struct {
	lru    *simplelru.LRU[string, []byte]
	pushed *lru.Entry // the entry that the library evicted last

	// For the fault "cut".
	gets int            // how many gets there were
	got  map[string]int // the number of the last get of each key
}

// cursor walks over the keys that existed when it was made.
type cursor struct {
	keys  []string // not visited yet
	began int      // the number of gets before it was made
}

func newCache(capacity uint64) (*cache, error) {
	c := &cache{got: make(map[string]int)}
	var err error
	c.lru, err = simplelru.NewLRU(int(capacity), func(key string, value []byte) {
		c.pushed = &lru.Entry{Key: key, Value: value}
	})
	return c, err
}

func open(capacity uint64) (lru.Subject[*cursor], error) { return newCache(capacity) }

func (c *cache) State() []lru.Entry {
	state := make([]lru.Entry, 0, c.lru.Len())
	for _, key := range c.lru.Keys() {
		value, _ := c.lru.Peek(key)
		state = append(state, lru.Entry{Key: key, Value: value})
	}
	return state
}

func (c *cache) Put(key string, value []byte) (*lru.Entry, error) {
	if !c.lru.Add(key, value) {
		return nil, nil
	}
	return c.pushed, nil
}

func (c *cache) Get(key string) ([]byte, error) {
	value, ok := c.lru.Get(key)
	if !ok {
		return nil, lru.ErrAbsent
	}
	c.gets++
	c.got[key] = c.gets
	return value, nil
}

func (c *cache) Peek(key string) ([]byte, error) {
	value, ok := c.lru.Peek(key)
	if !ok {
		return nil, lru.ErrAbsent
	}
	return value, nil
}

func (c *cache) Remove(key string) (bool, error) { return c.lru.Remove(key), nil }

func (c *cache) Resize(capacity uint64) (uint64, error) {
	return uint64(c.lru.Resize(int(capacity))), nil
}

func (c *cache) Walk() (*cursor, error) { return &cursor{c.lru.Keys(), c.gets}, nil }

func (c *cache) Advance(at *cursor) (*lru.Entry, error) {
	for len(at.keys) > 0 {
		key := at.keys[0]
		at.keys = at.keys[1:]
		if value, ok := c.lru.Peek(key); ok {
			if fault == "cut" && len(value) >= long && c.got[key] > at.began {
				value = value[:long-1]
			}
			return &lru.Entry{Key: key, Value: value}, nil
		}
	}
	return nil, nil
}

func (c *cache) Finish(at *cursor) (uint64, error) {
	if fault == "panic" && len(at.keys) > 0 {
		go func() { panic("a walk was not at its end") }()
		<-make(chan struct{}) // the step never returns
	}
	return uint64(len(at.keys)), nil
}

func init() { driftcheck.Register(lru.Contract(open)) }

func main() {}
