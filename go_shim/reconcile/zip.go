package reconcile

import "iter"

// zip pairs the slots of two sides by key. Both sides ascend by key. A side that lacks a key gives nil.
func zip(left iter.Seq[*slot], right []*slot) iter.Seq2[*slot, *slot] {
	return func(yield func(*slot, *slot) bool) {
		for l := range left {
			for len(right) > 0 && right[0].key < l.key {
				if !yield(nil, right[0]) {
					return
				}
				right = right[1:]
			}
			var r *slot
			if len(right) > 0 && right[0].key == l.key {
				r, right = right[0], right[1:]
			}
			if !yield(l, r) {
				return
			}
		}
		for _, r := range right {
			if !yield(nil, r) {
				return
			}
		}
	}
}
