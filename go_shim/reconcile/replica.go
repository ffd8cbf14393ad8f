package reconcile

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// A Config says which replica to open. Members and policies are the same for all replicas of a store.
type Config struct {
	Writer   string         // a member
	Members  []string       // 1 to 16 names of 1 to 16 bytes, in any order
	Policies []PrefixPolicy // at most 16, in any order; keys without one are [LastWriterWins]
	Hooks    Hooks          // nil for none

	// Where the log is empty the replica begins at this schema, 1 to 3, and with this flag.
	Schema uint8
	Flag   Flag
}

// A Replica holds one state of a store, and its log. Steps run one at a time, whoever calls;
// queries are asked of a [View] and wait for nobody.
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
// The error is an [Error], but for a configuration that is none.
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
		return nil, err
	}
	if r.state.Load() != nil {
		return r, nil
	}
	if config.Schema < minSchema || config.Schema > maxSchema || config.Flag > FlagOn {
		return nil, errors.New("a new replica needs a schema from 1 to 3, and a flag")
	}
	first := &state{part: newPart(), writer: r.writer, schema: config.Schema, flag: config.Flag}
	if err := r.commit(nil, first, NoHooks{}); err != nil {
		return nil, err
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

// View gives the replica as it is now.
func (r *Replica) View() View { return View{r.state.Load(), r.rules} }

// Audit gives the latest records, at most 64, oldest first, R9.10.
func (r *Replica) Audit() []AuditRecord { return slices.Clone(*r.audit.Load()) }
