package reconcile

import "iter"

// ordered is a persistent map from strings to values, in the order of bytes: an AVL tree whose
// nodes are never changed. What differs between two versions is the path to a change. Nil is the empty map.
type ordered[V any] struct {
	key         string
	value       V
	left, right *ordered[V]
	height      int
}

func (t *ordered[V]) get(key string) (value V, found bool) {
	for t != nil {
		switch {
		case key < t.key:
			t = t.left
		case key > t.key:
			t = t.right
		default:
			return t.value, true
		}
	}
	return value, false
}

func (t *ordered[V]) with(key string, value V) *ordered[V] {
	switch {
	case t == nil:
		return &ordered[V]{key: key, value: value, height: 1}
	case key < t.key:
		return balanced(t.key, t.value, t.left.with(key, value), t.right)
	case key > t.key:
		return balanced(t.key, t.value, t.left, t.right.with(key, value))
	default:
		return &ordered[V]{key, value, t.left, t.right, t.height}
	}
}

func (t *ordered[V]) without(key string) *ordered[V] {
	switch {
	case t == nil:
		return nil
	case key < t.key:
		return balanced(t.key, t.value, t.left.without(key), t.right)
	case key > t.key:
		return balanced(t.key, t.value, t.left, t.right.without(key))
	case t.right == nil:
		return t.left
	default:
		next := t.right
		for next.left != nil {
			next = next.left
		}
		return balanced(next.key, next.value, t.left, t.right.without(next.key))
	}
}

// from gives the pairs whose keys are at least a key, in order.
func (t *ordered[V]) from(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { t.visit(key, yield) }
}

func (t *ordered[V]) visit(key string, yield func(string, V) bool) bool {
	if t == nil {
		return true
	}
	if t.key < key {
		return t.right.visit(key, yield)
	}
	return t.left.visit(key, yield) && yield(t.key, t.value) && t.right.visit(key, yield)
}

func (t *ordered[V]) tall() int {
	if t == nil {
		return 0
	}
	return t.height
}

func joined[V any](key string, value V, left, right *ordered[V]) *ordered[V] {
	return &ordered[V]{key, value, left, right, 1 + max(left.tall(), right.tall())}
}

// balanced joins two trees whose heights differ by two at most.
func balanced[V any](key string, value V, left, right *ordered[V]) *ordered[V] {
	switch l, r := left.tall(), right.tall(); {
	case l > r+1:
		if left.left.tall() >= left.right.tall() {
			return joined(left.key, left.value, left.left, joined(key, value, left.right, right))
		}
		mid := left.right
		return joined(mid.key, mid.value,
			joined(left.key, left.value, left.left, mid.left), joined(key, value, mid.right, right))
	case r > l+1:
		if right.right.tall() >= right.left.tall() {
			return joined(right.key, right.value, joined(key, value, left, right.left), right.right)
		}
		mid := right.left
		return joined(mid.key, mid.value,
			joined(key, value, left, mid.left), joined(right.key, right.value, mid.right, right.right))
	default:
		return joined(key, value, left, right)
	}
}
