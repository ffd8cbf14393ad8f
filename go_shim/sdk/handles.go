package driftcheck

// Handles holds the live handles of one kind, by the step that made each.
// Its zero value is ready to use.
type Handles[H any] struct{ kept map[uint64]H }

// Take removes and returns the handle that the step made.
// It reports whether that handle is live: the step made it, no step closed it, and no argument holds it now.
func (h *Handles[H]) Take(step uint64) (handle H, isLive bool) {
	handle, isLive = h.kept[step]
	delete(h.kept, step)
	return handle, isLive
}

// Keep stores a new handle, or gives back one that was taken.
func (h *Handles[H]) Keep(step uint64, handle H) {
	if h.kept == nil {
		h.kept = make(map[uint64]H)
	}
	h.kept[step] = handle
}
