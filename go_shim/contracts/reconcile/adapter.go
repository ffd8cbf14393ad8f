// Command reconcile is the adapter of the Go subject of the contract reconcile. The subject is driftcheck/reconcile.
package main

import (
	"errors"
	"fmt"
	"math"

	"driftcheck/contracts/reconcile/reconcile"
	engine "driftcheck/reconcile"
	driftcheck "driftcheck/sdk"
)

var members = []string{"a", "bb", "c"}

var policies = []engine.PrefixPolicy{{Prefix: "m", Policy: engine.MultiValue}, {Prefix: "c", Policy: engine.MaxCounter}}

var flags = map[reconcile.Algorithm]engine.Flag{
	reconcile.AlgorithmOff:    engine.FlagOff,
	reconcile.AlgorithmShadow: engine.FlagShadow,
	reconcile.AlgorithmOn:     engine.FlagOn,
}

var rejections = map[engine.Class]func(reconcile.Where) error{
	engine.ErrMalformed:       reconcile.Malformed,
	engine.ErrTooLarge:        reconcile.TooLarge,
	engine.ErrTooFar:          reconcile.TooFar,
	engine.ErrInconsistent:    reconcile.Inconsistent,
	engine.ErrDigestMismatch:  reconcile.DigestMismatch,
	engine.ErrDotConflict:     reconcile.DotConflict,
	engine.ErrClockDrift:      reconcile.ClockDrift,
	engine.ErrClockOverflow:   reconcile.ClockOverflow,
	engine.ErrInterrupted:     reconcile.Interrupted,
	engine.ErrAbsent:          reconcile.Absent,
	engine.ErrWrongKind:       reconcile.WrongKind,
	engine.ErrOverflow:        reconcile.Overflow,
	engine.ErrNotAcknowledged: reconcile.NotAcknowledged,
	engine.ErrNeedsSchema:     reconcile.NeedsSchema,
}

// rejected turns a rejection of the engine into one of the contract.
func rejected(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	reject, known := rejections[e.Class]
	if !known {
		return fmt.Errorf("unexpected class %q: %w", e.Class, err)
	}
	return reject(reconcile.Where{Path: e.Path, Offset: e.Offset, Expected: e.Expected, Got: e.Got, Hint: e.Hint})
}

// hooks inject the fault of the current step.
type hooks struct{ fault reconcile.Fault }

// At injects the faults that interrupt a step at a stage.
func (h *hooks) At(stage engine.Stage) engine.Fault {
	switch {
	case h.fault == reconcile.FaultHaltedReceived && stage == engine.StageReceived,
		h.fault == reconcile.FaultHaltedChecked && stage == engine.StageChecked,
		h.fault == reconcile.FaultHaltedStaged && stage == engine.StageStaged,
		h.fault == reconcile.FaultHaltedAppended && stage == engine.StageAppended:
		return engine.FaultHalted
	case h.fault == reconcile.FaultTorn && stage == engine.StageStaged:
		return engine.FaultTorn
	case h.fault == reconcile.FaultKilled && stage == engine.StageAppended:
		return engine.FaultKilled
	}
	return engine.NoFault
}

var injected = map[reconcile.Fault]engine.Fault{
	reconcile.FaultLost:      engine.FaultLost,
	reconcile.FaultRepeated:  engine.FaultRepeated,
	reconcile.FaultReordered: engine.FaultReordered,
	reconcile.FaultDamaged:   engine.FaultDamaged,
	reconcile.FaultStepped:   engine.FaultStepped,
}

// Injects reports the faults of messages and of time.
func (h *hooks) Injects(fault engine.Fault) bool { return injected[h.fault] == fault }

// A replica is an instance of the subject.
type replica struct {
	*engine.Replica
	hooks *hooks
}

func open(place, schema uint64, algorithm reconcile.Algorithm) (reconcile.Subject[engine.Snapshot], error) {
	h := &hooks{}
	r, err := engine.Open(&engine.Memory{}, engine.Config{
		Writer:   members[place],
		Members:  members,
		Policies: policies,
		Hooks:    h,
		Schema:   uint8(schema),
		Flag:     flags[algorithm],
	})
	if err != nil {
		return nil, rejected(err)
	}
	return &replica{r, h}, nil
}

// withFault runs a step while the hooks inject a fault.
func withFault[T any](r *replica, fault reconcile.Fault, step func() (T, error)) (T, error) {
	r.hooks.fault = fault
	defer func() { r.hooks.fault = reconcile.NoFault }()
	result, err := step()
	return result, rejected(err)
}

func (r *replica) State() reconcile.Replica {
	view := r.View()
	local := view.Local()
	state := reconcile.Replica{
		Vector:           vector(view.Vector()),
		Watermark:        vector(view.Watermark()),
		Writer:           []byte(local.Writer),
		Epoch:            uint64(local.Epoch),
		Clock:            clock(local.Clock),
		Schema:           uint64(local.Schema),
		Acknowledgements: make(map[reconcile.ByteString]map[reconcile.ByteString]uint64),
	}
	for key, entries := range view.Entries() {
		kept := reconcile.Kept{Key: []byte(key)}
		for _, e := range entries {
			kept.Entries = append(kept.Entries, entry(e))
		}
		state.Keys = append(state.Keys, kept)
	}
	for writer, v := range local.Acknowledgements {
		state.Acknowledgements[reconcile.ByteString(writer)] = vector(v)
	}
	for _, m := range local.Migrations {
		state.Chain = append(state.Chain, reconcile.Migrated{
			From:      uint64(m.From),
			To:        uint64(m.To),
			Rationale: m.Rationale,
			Approver:  m.Approver,
			Rollback:  uint64(m.Rollback),
			Head:      m.Head[:],
		})
	}
	return state
}

func entry(e engine.Entry) reconcile.Entry {
	shown := reconcile.Entry{
		Origin:  []byte(e.Dot.Origin),
		Counter: e.Dot.Counter,
		Clock:   clock(e.Clock),
		Schema:  uint64(e.Schema),
		Label:   label(e.Label),
		Extras:  make(map[uint64][]byte),
	}
	if e.Kind == engine.Put {
		value := []byte(e.Value)
		shown.Value = &value
	}
	for _, extra := range e.Extras {
		shown.Extras[uint64(extra.Field)] = []byte(extra.Item)
	}
	return shown
}

func vector(v engine.Vector) map[reconcile.ByteString]uint64 {
	shown := make(map[reconcile.ByteString]uint64, len(v))
	for origin, counter := range v {
		shown[reconcile.ByteString(origin)] = counter
	}
	return shown
}

func clock(c engine.Clock) []byte {
	b := c.Bytes()
	return b[:]
}

func label(l engine.Label) *string {
	if !l.Present {
		return nil
	}
	return &l.Text
}

func labelOf(text *string) engine.Label {
	if text == nil {
		return engine.Label{}
	}
	return engine.NewLabel(*text)
}

func values(all []string) [][]byte {
	shown := make([][]byte, len(all))
	for i, value := range all {
		shown[i] = []byte(value)
	}
	return shown
}

func written(w engine.WriteResult) reconcile.Written {
	return reconcile.Written{Origin: []byte(w.Dot.Origin), Counter: w.Dot.Counter, Clock: clock(w.Clock)}
}

func merged(m engine.MergeResult) reconcile.Merge {
	return reconcile.Merge{Changed: m.Changed, Taken: m.Taken, Dropped: m.Dropped, Digest: m.Digest[:]}
}

func (r *replica) Put(key, value []byte, text *string, now uint64, fault reconcile.Fault) (reconcile.Written, error) {
	return withFault(r, fault, func() (reconcile.Written, error) {
		w, err := r.Replica.Put(string(key), value, labelOf(text), now)
		return written(w), err
	})
}

func (r *replica) PutNumber(key []byte, number int64, text *string, now uint64) (reconcile.Written, error) {
	return r.Put(key, encoded(number), text, now, reconcile.NoFault)
}

// encoded writes a number in the shortest form of CBOR.
func encoded(number int64) []byte {
	major, n := byte(0), uint64(number)
	if number < 0 {
		major, n = 1<<5, uint64(-1-number)
	}
	switch {
	case n < 24:
		return []byte{major | byte(n)}
	case n <= math.MaxUint8:
		return []byte{major | 24, byte(n)}
	case n <= math.MaxUint16:
		return []byte{major | 25, byte(n >> 8), byte(n)}
	case n <= math.MaxUint32:
		return []byte{major | 26, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	}
	return []byte{major | 27, byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32),
		byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

func (r *replica) Fill(count, now uint64) ([]byte, error) {
	if r.View().Local().Clock.Logical() > math.MaxUint16-400 {
		return nil, driftcheck.ErrUnsupported // the clock would overflow halfway
	}
	for i := range count {
		key := fmt.Sprintf("f%02d", i)
		if _, err := r.Replica.Put(key, encoded(0), engine.Label{}, now); err != nil {
			return nil, driftcheck.Broken("fill: %w", err)
		}
	}
	digest := r.View().Digest().State
	return digest[:], nil
}

func (r *replica) Delete(key []byte, now uint64, fault reconcile.Fault) (reconcile.Written, error) {
	return withFault(r, fault, func() (reconcile.Written, error) {
		w, err := r.Replica.Delete(string(key), now)
		return written(w), err
	})
}

func (r *replica) Increase(key []byte, by, now uint64, fault reconcile.Fault) (uint64, error) {
	return withFault(r, fault, func() (uint64, error) { return r.Replica.Increase(string(key), by, now) })
}

func (r *replica) Tick(now uint64, fault reconcile.Fault) ([]byte, error) {
	return withFault(r, fault, func() ([]byte, error) {
		c, err := r.Replica.Tick(now)
		return clock(c), err
	})
}

func (r *replica) Get(key []byte) (reconcile.Visible, error) {
	read, err := r.View().Get(string(key))
	return reconcile.Visible{Values: values(read.Values), Label: label(read.Label)}, rejected(err)
}

func (r *replica) Scan(prefix []byte, limit uint64) ([]reconcile.Pair, error) {
	pairs, err := r.View().Scan(string(prefix), int(limit))
	shown := make([]reconcile.Pair, len(pairs))
	for i, pair := range pairs {
		shown[i] = reconcile.Pair{Key: []byte(pair.Key), Values: values(pair.Values)}
	}
	return shown, rejected(err)
}

func (r *replica) Digest() (reconcile.Digests, error) {
	digests := r.View().Digest()
	shown := reconcile.Digests{State: digests.State[:]}
	for _, child := range digests.Children {
		shown.Children = append(shown.Children, child[:])
	}
	return shown, nil
}

func (r *replica) Diff(peer reconcile.Subject[engine.Snapshot]) (reconcile.Diff, error) {
	equal, children := r.View().Diff(peer.(*replica).View().Digest())
	diff := reconcile.Diff{Equal: equal}
	for _, child := range children {
		diff.Children = append(diff.Children, uint64(child))
	}
	return diff, nil
}

func (r *replica) Snapshot() (engine.Snapshot, error) { return r.View().Snapshot(), nil }

func (r *replica) Rollback(to engine.Snapshot, fault reconcile.Fault) ([]byte, error) {
	return withFault(r, fault, func() ([]byte, error) {
		digest, err := r.Replica.Rollback(to)
		return digest[:], err
	})
}

func (r *replica) Reconcile(
	peer reconcile.Subject[engine.Snapshot], now uint64, fault reconcile.Fault,
) (reconcile.Merge, error) {
	return withFault(r, fault, func() (reconcile.Merge, error) {
		m, err := r.Replica.Reconcile(peer.(*replica).View(), now)
		return merged(m), err
	})
}

func (r *replica) Export() ([]byte, error) { return r.View().Export(), nil }

func (r *replica) Import(document []byte, now uint64, fault reconcile.Fault) (reconcile.Merge, error) {
	return withFault(r, fault, func() (reconcile.Merge, error) {
		m, err := r.Replica.Import(document, now)
		return merged(m), err
	})
}

func (r *replica) Gc(watermark *reconcile.Watermark, fault reconcile.Fault) (uint64, error) {
	return withFault(r, fault, func() (uint64, error) {
		if watermark == nil {
			return r.GC(nil)
		}
		v := engine.Vector{}
		for i, counter := range []uint64{watermark.A, watermark.B, watermark.C} {
			if counter > 0 {
				v[engine.NewOrigin(members[i], 0)] = counter
			}
		}
		return r.GC(v)
	})
}

func (r *replica) Migrate(to uint64, rationale, approver string, fault reconcile.Fault) ([]byte, error) {
	return withFault(r, fault, func() ([]byte, error) {
		head, err := r.Replica.Migrate(uint8(to), rationale, approver)
		return head[:], err
	})
}

func (r *replica) SetFlag(algorithm reconcile.Algorithm, fault reconcile.Fault) error {
	_, err := withFault(r, fault, func() (struct{}, error) { return struct{}{}, r.Replica.SetFlag(flags[algorithm]) })
	return err
}

func (r *replica) Audit() ([]reconcile.Audited, error) {
	records := r.Replica.Audit()
	shown := make([]reconcile.Audited, len(records))
	for i, record := range records {
		shown[i] = reconcile.Audited{
			Operation: record.Operation,
			Rejection: record.Class.String(),
			Algorithm: string(record.Algorithm),
			V1:        reconcile.Cost(record.V1),
			V2:        reconcile.Cost(record.V2),
		}
		if record.Agreement != engine.NotCompared {
			agreed := record.Agreement == engine.Agreed
			shown[i].Agreed = &agreed
		}
	}
	return shown, nil
}

func init() { driftcheck.Register(reconcile.Contract(open)) }

func main() {}
