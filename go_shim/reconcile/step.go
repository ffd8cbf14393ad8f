package reconcile

// step brings an operation through its stages, R8.1: arguments is what was wrong with these, and stage
// makes the new state beside the old one, or rejects.
func step[T any](r *Replica, arguments error, stage func(old *state) (next *state, result T, err error)) (T, error) {
	var none T
	if arguments != nil {
		return none, arguments
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if fault := r.hooks.At(StageReceived); fault != NoFault {
		return none, r.interrupt(StageReceived, fault)
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

// commit writes what leads from old to next to the log, and makes next visible. Where it fails, R8.2,
// both are as they were.
func (r *Replica) commit(old, next *state, hooks Hooks) error {
	if fault := hooks.At(StageChecked); fault != NoFault {
		return r.interrupt(StageChecked, fault)
	}
	frame, last := r.log.frame(appendRecord(nil, old, next))
	if fault := hooks.At(StageStaged); fault != NoFault {
		if fault == FaultTorn {
			_ = r.log.append(frame[:len(frame)/2])
		}
		return r.interrupt(StageStaged, fault)
	}
	if err := r.log.append(frame); err != nil {
		return r.fail(StageStaged, err)
	}
	if fault := hooks.At(StageAppended); fault != NoFault {
		return r.interrupt(StageAppended, fault)
	}
	if err := r.log.sync(frame, last); err != nil {
		return r.fail(StageAppended, err)
	}
	r.state.Store(next)
	hooks.At(StageSynced)
	return nil
}

// interrupt takes back what a step did, R8.2, and opens a replica again that was killed, R8.7.
func (r *Replica) interrupt(last Stage, fault Fault) error {
	_ = r.log.repair()
	if fault == FaultKilled {
		if err := r.load(); err != nil {
			return err
		}
	}
	return interrupted(last, fault, nil)
}

// fail takes back what a step did when the storage failed, R8.2.
func (r *Replica) fail(last Stage, cause error) error {
	_ = r.log.repair()
	if r.state.Load() == nil {
		last = StageNone // the replica is being opened
	}
	return interrupted(last, faultStorage, cause)
}
