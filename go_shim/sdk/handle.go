package driftcheck

// Handles keeps the handles of one kind that a trace made, by the step that made each.
// Its zero value is ready to use.
type Handles[H any] struct{ kept map[uint64]H }

// Keep stores what the step made.
func (h *Handles[H]) Keep(step uint64, handle H) {
	if h.kept == nil {
		h.kept = make(map[uint64]H)
	}
	h.kept[step] = handle
}

// At returns what the step made, and whether it is live.
func (h *Handles[H]) At(step uint64) (handle H, live bool) {
	handle, live = h.kept[step]
	return handle, live
}

// End forgets what the step made: a closing step does so before it calls the subject, which then
// has the handle for good, whatever becomes of the call.
func (h *Handles[H]) End(step uint64) { delete(h.kept, step) }
