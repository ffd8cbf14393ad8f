package reconcile

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// A Config says which replica to open. Members and policies are the same for all replicas of a store.
type Config struct {
	Writer   string         // one of the members
	Members  []string       // 1 to 16 names of 1 to 16 bytes, in any order
	Policies []PrefixPolicy // at most 16, in any order; other keys have [LastWriterWins]
	Hooks    Hooks          // nil for none

	// A replica on an empty log starts with this schema, 1 to 3, and this flag.
	Schema uint8
	Flag   Flag
}

// A Replica holds one state of a store, and its log. Steps run one at a time, from any goroutine.
// Queries go to a [View], and never wait.
type Replica struct {
	rules  *rules
	hooks  Hooks
	writer string

	mu  sync.Mutex // held by steps
	log log

	state atomic.Pointer[state]
	audit atomic.Pointer[audit]
}

// Open opens a replica on its log, R8.6. On an empty log it writes the first record, R8.4.
// A wrong configuration gives an error that wraps [ErrConfig]; any other error wraps an [Error].
func Open(storage Storage, config Config) (*Replica, error) {
	rules, err := newRules(config.Members, config.Policies)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(rules.members, config.Writer) {
		return nil, &Error{Class: ErrMalformed, Path: "writer", Expected: "a member", Got: hexOf(config.Writer),
			Hint: "the members are fixed"}
	}
	r := &Replica{rules: rules, hooks: config.Hooks, writer: config.Writer, log: log{storage: storage}}
	if r.hooks == nil {
		r.hooks = NoHooks{}
	}
	if err := r.load(); err != nil {
		return nil, fmt.Errorf("open replica %q: %w", r.writer, err)
	}
	if r.state.Load() != nil {
		return r, nil
	}
	if config.Schema < minSchema || config.Schema > maxSchema {
		return nil, fmt.Errorf("%w: a new replica has schema 1 to 3, got %d", ErrConfig, config.Schema)
	}
	if config.Flag > FlagOn {
		return nil, fmt.Errorf("%w: a new replica has flag 0 to 2, got %d", ErrConfig, uint8(config.Flag))
	}
	first := &state{part: newPart(), writer: r.writer, schema: config.Schema, flag: config.Flag}
	if err := r.commit(nil, first, NoHooks{}); err != nil {
		return nil, fmt.Errorf("open replica %q: %w", r.writer, err)
	}
	return r, nil
}

// load takes the state from the log.
func (r *Replica) load() error {
	fresh := log{storage: r.log.storage}
	s, err := fresh.load(r.writer)
	if err != nil {
		return err
	}
	r.log = fresh
	r.state.Store(s)
	r.audit.Store(new(audit))
	return nil
}

// View returns the replica as it is now.
func (r *Replica) View() View { return View{r.state.Load(), r.rules} }

// Audit returns the latest records, at most 64, oldest first, R9.10.
func (r *Replica) Audit() []AuditRecord { return slices.Clone(*r.audit.Load()) }
