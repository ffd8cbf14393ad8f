// Command faulty is the Go subject of the contract faulty: a store that is correct except for the planted
// fault, which DRIFTCHECK_FAULT names.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"unicode/utf8"

	"driftcheck/contracts/faulty/faulty"
	driftcheck "driftcheck/sdk"
)

const longest = 16 // bytes of a value

type entry struct {
	key    string
	value  []byte
	pinned bool

	past past // for faults only
}

type store struct {
	mu       sync.Mutex
	capacity int
	balance  int64
	entries  []*entry // in the order in which their keys were added
	note     faulty.Note

	// For faults only.
	ghosts  map[string][]byte // removed entries
	credits int
	misses  uint64 // gets of absent keys
}

// cursor walks over the keys that existed when it was made.
type cursor struct {
	keys []string
	next int

	pasts map[string]past // for faults only
}

func open(capacity uint64) (faulty.Subject[*cursor], error) {
	return &store{capacity: int(capacity), ghosts: make(map[string][]byte)}, nil
}

func (s *store) State() faulty.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := faulty.Store{Capacity: uint64(s.capacity), Balance: s.balance, Note: s.note}
	for _, e := range s.entries {
		state.Entries = append(state.Entries, *e.shown())
	}
	return state
}

func (s *store) Put(key string, value []byte) (*[]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key)
	if e == nil {
		if len(s.entries) >= s.capacity && !planted("put_overfills") {
			return nil, faulty.ErrFull
		}
		s.entries = append(s.entries, &entry{key: key, value: value, past: pastOf(value)})
		delete(s.ghosts, key)
		return nil, nil
	}
	if e.pinned {
		return nil, faulty.ErrPinned
	}
	before := e.value
	e.value, e.past = value, pastOf(value)
	return &before, nil
}

func (s *store) Get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key)
	if e == nil {
		if value, ok := s.ghosts[key]; ok && planted("removed_haunts") {
			return value, nil
		}
		s.misses++
		return nil, faulty.ErrAbsent
	}
	if planted("get_cuts_zero") {
		return bytes.TrimSuffix(e.value, []byte{0}), nil
	}
	return e.value, nil
}

func (s *store) Remove(key string) ([]byte, error) {
	s.mu.Lock()
	e := s.find(key)
	if e != nil && e.pinned && e.past.long && planted("remove_deadlocks") {
		return nil, faulty.ErrPinned
	}
	defer s.mu.Unlock()
	if e == nil {
		return nil, faulty.ErrAbsent
	}
	if e.pinned && !planted("remove_ignores_pin") {
		return nil, faulty.ErrPinned
	}
	s.entries = slices.DeleteFunc(s.entries, func(e *entry) bool { return e.key == key })
	s.ghosts[key] = e.value
	return e.value, nil
}

func (s *store) Pin(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key)
	if e == nil {
		return faulty.ErrAbsent
	}
	e.pinned = !(planted("pin_toggles") && e.pinned)
	return nil
}

func (s *store) Rename(old, new string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(old)
	if e == nil {
		return faulty.ErrAbsent
	}
	if planted("rename_half_done") && new != old {
		wasPinned := e.pinned
		e.pinned = true // so that no other call changes it
		if s.find(new) != nil {
			return faulty.ErrTaken
		}
		e.pinned = wasPinned
	}
	if s.find(new) != nil && !(planted("rename_ignores_taken") && new != old) {
		return faulty.ErrTaken
	}
	e.key = new
	e.past.renamed, e.past.longRenamed = true, e.past.long
	if planted("rename_forgets_pin") {
		e.pinned = false
	}
	return nil
}

func (s *store) Append(key string, tail []byte) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(key)
	if e == nil {
		return 0, faulty.ErrAbsent
	}
	if planted("append_refuses_pinned") && e.pinned {
		return 0, faulty.ErrPinned
	}
	if planted("append_unmapped") && len(tail) == 0 {
		return 0, errors.New("nothing to append")
	}
	excess := len(e.value) + len(tail) - longest
	if planted("append_refuses_long") && len(tail) >= 9 {
		return 0, faulty.TooLong(uint64(max(excess, 1)))
	}
	if excess > 0 {
		if planted("append_fills") && len(tail) == longest {
			e.value = slices.Concat(e.value, tail)[:longest]
		}
		return 0, faulty.TooLong(uint64(excess))
	}
	// A new array, because callers hold the old one.
	e.value = slices.Concat(e.value, tail)
	if planted("append_pins") && len(tail) == 0 {
		e.pinned = true
	}
	if planted("append_counts_too_far") && len(tail) >= 9 {
		return longest + 1, nil
	}
	return uint64(len(e.value)), nil
}

func (s *store) Credit(amount int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case amount > 0 && s.balance > math.MaxInt64-amount:
		return 0, faulty.ErrOverflow
	case amount < 0 && s.balance < math.MinInt64-amount:
		if planted("credit_saturates") {
			s.balance = math.MinInt64
			return s.balance, nil
		}
		return 0, faulty.ErrOverflow
	}
	s.credits++
	if planted("credits_drift") && s.credits > 1 && amount >= 10 {
		amount--
	}
	s.balance += amount
	return s.balance, nil
}

func (s *store) Count() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := uint64(len(s.entries))
	if planted("count_remembers") {
		n += counted.Add(1)
	}
	if planted("count_adds_misses") {
		n += s.misses
	}
	if planted("count_guesses") && n > 0 {
		n += guess()
	}
	return n, nil
}

func (s *store) Keys() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if planted("keys_sorts_entries") {
		slices.SortFunc(s.entries, func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	}
	keys := s.keys()
	if !planted("keys_unsorted") {
		slices.Sort(keys)
	}
	if planted("keys_cut") {
		for i, key := range keys {
			if _, size := utf8.DecodeRuneInString(key); size > 1 && !s.find(key).past.renamed {
				keys[i] = key[:1]
			}
		}
	}
	return keys, nil
}

func (s *store) Sizes() (map[string]uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sizes := make(map[string]uint64, len(s.entries))
	for _, e := range s.entries {
		sizes[e.key] = uint64(len(e.value))
	}
	return sizes, nil
}

func (s *store) Weigh(
	w1, w2, w3, w4 uint64, w5 bool, w6, w7, w8, w9 uint64, w10 string,
	w11, w12, w13, w14, w15, w16, w17, w18, w19 uint64, w20 *uint64,
	w21, w22, w23, w24 uint64, w25 []byte, w26, w27, w28, w29, w30 uint64,
) (uint64, error) {
	var truth, number uint64
	if w5 {
		truth = 1
	}
	if w20 != nil {
		number = *w20
	}
	weights := []uint64{
		w1, w2, w3, w4, truth, w6, w7, w8, w9, uint64(utf8.RuneCountInString(w10)),
		w11, w12, w13, w14, w15, w16, w17, w18, w19, number,
		w21, w22, w23, w24, uint64(len(w25)), w26, w27, w28, w29, w30,
	}
	var sum uint64
	for i, w := range weights {
		sum += uint64(i+1) * w
	}
	if planted("weigh_by_17") && w17 >= 50 {
		sum++
	}
	return sum, nil
}

func (s *store) Walk() (*cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &cursor{keys: s.keys(), pasts: make(map[string]past)}
	for _, e := range s.entries {
		c.pasts[e.key] = e.past
	}
	return c, nil
}

func (s *store) Advance(c *cursor) (*faulty.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if planted("advance_past_end") {
		_ = c.keys[c.next]
	}
	for c.next < len(c.keys) {
		key := c.keys[c.next]
		c.next++
		if e := s.find(key); e != nil {
			shown := e.shown()
			if planted("advance_cuts_renamed") && c.pasts[key].longRenamed {
				shown.Value = e.value[:min(8, len(e.value))]
			}
			return shown, nil
		}
		if value, ok := s.ghosts[key]; ok && planted("advance_stale") && c.next == len(c.keys) {
			return &faulty.Entry{Key: key, Value: value}, nil
		}
	}
	return nil, nil
}

func (s *store) Finish(c *cursor) (uint64, error) {
	if planted("finish_panics_elsewhere") {
		go panicking()
		wait()
	}
	return uint64(len(c.keys) - c.next), nil
}

func (s *store) Export() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	document := write(s.note)
	switch {
	case planted("export_as_windows") && len(s.entries) > 0:
		document = bytes.ReplaceAll(document, []byte("\n"), []byte("\r\n"))
	case planted("export_comments") && s.balance != 0:
		document = append(document, "\n# end"...)
	case planted("export_for_go") && len(s.entries) > 0:
		document = append(document, private...)
	case planted("export_unpins"):
		for _, e := range s.entries {
			e.pinned = false
		}
	}
	return document, nil
}

func (s *store) Import(document []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	note, err := read(document)
	if err != nil {
		return driftcheck.Library(err)
	}
	s.note = note
	return nil
}

func (s *store) Show(note faulty.Note) ([]byte, error) {
	if planted("show_exits") && note.Stars == 9 {
		exit()
	}
	if planted("show_loses_done") {
		note.Done = false
	}
	document := write(note)
	if planted("show_signs") {
		document = fmt.Appendf(document, "\n# %d", guess())
	}
	return document, nil
}

func (s *store) Read(document []byte) (faulty.Note, error) {
	if planted("read_needs_bytes") {
		_ = document[0]
	}
	note, err := read(document)
	return note, driftcheck.Library(err)
}

func (s *store) find(key string) *entry {
	i := slices.IndexFunc(s.entries, func(e *entry) bool { return e.key == key })
	if i < 0 {
		return nil
	}
	return s.entries[i]
}

// keys returns the keys, oldest first.
func (s *store) keys() []string {
	keys := make([]string, 0, len(s.entries))
	for _, e := range s.entries {
		keys = append(keys, e.key)
	}
	return keys
}

func (e *entry) shown() *faulty.Entry {
	return &faulty.Entry{Key: e.key, Value: e.value, Pinned: e.pinned}
}

func init() { driftcheck.Register(faulty.Contract(open)) }

func main() {}
