package reconcile

import "errors"

// step takes an operation through its stages, R8.1, after its arguments were checked.
// The function stage makes the new state, or rejects the step. It does not change the old one.
func step[T any](r *Replica, stage func(old *state) (next *state, result T, err error)) (T, error) {
	var none T
	r.mu.Lock()
	defer r.mu.Unlock()
	if fault := r.hooks.At(StageReceived); fault != NoFault {
		return none, r.interrupt(StageReceived, fault, nil)
	}
	old := r.state.Load()
	next, result, err := stage(old)
	if err != nil {
		return none, err
	}
	if err := r.commit(old, next, r.hooks); err != nil {
		return none, err
	}
	return result, nil
}

// commit writes to the log what leads from old to next, and makes next visible.
// If it fails, R8.2, the state and the log are as they were.
func (r *Replica) commit(old, next *state, hooks Hooks) error {
	if fault := hooks.At(StageChecked); fault != NoFault {
		return r.interrupt(StageChecked, fault, nil)
	}
	frame, sum := r.log.frame(appendRecord(nil, old, next))
	if fault := hooks.At(StageStaged); fault != NoFault {
		var cause error
		if fault == FaultTorn {
			cause = r.log.append(frame[:len(frame)/2])
		}
		return r.interrupt(StageStaged, fault, cause)
	}
	if err := r.log.append(frame); err != nil {
		return r.interrupt(StageStaged, faultStorage, err)
	}
	if fault := hooks.At(StageAppended); fault != NoFault {
		return r.interrupt(StageAppended, fault, nil)
	}
	if err := r.log.sync(frame, sum); err != nil {
		return r.interrupt(StageAppended, faultStorage, err)
	}
	r.state.Store(next)
	hooks.At(StageSynced)
	return nil
}

// interrupt takes back what a step did, R8.2, and opens a killed replica again, R8.7.
// If the log cannot be repaired now, the step is still rejected: the next append repairs it first.
// The cause of the rejection then says so.
func (r *Replica) interrupt(last Stage, fault Fault, cause error) error {
	cause = errors.Join(cause, r.log.repair())
	if fault == FaultKilled {
		if err := r.load(); err != nil {
			return err
		}
	}
	if fault == faultStorage && r.state.Load() == nil {
		last = StageNone // the replica is being opened
	}
	return interrupted(last, fault, cause)
}
