package reconcile

import "iter"

// orderedMap is a persistent map from strings to values, ordered by the bytes of the keys.
// It is an AVL tree, of which nobody may change a node. A new version copies only the path to a change.
// Nil is the empty map.
type orderedMap[V any] struct {
	key         string
	value       V
	left, right *orderedMap[V]
	height      int
}

func (t *orderedMap[V]) get(key string) (value V, found bool) {
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

func (t *orderedMap[V]) with(key string, value V) *orderedMap[V] {
	switch {
	case t == nil:
		return &orderedMap[V]{key: key, value: value, height: 1}
	case key < t.key:
		return balanced(t.key, t.value, t.left.with(key, value), t.right)
	case key > t.key:
		return balanced(t.key, t.value, t.left, t.right.with(key, value))
	default:
		return &orderedMap[V]{key, value, t.left, t.right, t.height}
	}
}

func (t *orderedMap[V]) without(key string) *orderedMap[V] {
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

// from yields the pairs whose keys are at least a key, in order.
func (t *orderedMap[V]) from(key string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { t.visitFrom(key, yield) }
}

func (t *orderedMap[V]) visitFrom(key string, yield func(string, V) bool) bool {
	if t == nil {
		return true
	}
	if t.key < key {
		return t.right.visitFrom(key, yield)
	}
	return t.left.visitFrom(key, yield) && yield(t.key, t.value) && t.right.visitFrom(key, yield)
}

func (t *orderedMap[V]) levels() int {
	if t == nil {
		return 0
	}
	return t.height
}

func newMapNode[V any](key string, value V, left, right *orderedMap[V]) *orderedMap[V] {
	return &orderedMap[V]{key, value, left, right, 1 + max(left.levels(), right.levels())}
}

// balanced joins two trees whose heights differ by at most two.
func balanced[V any](key string, value V, left, right *orderedMap[V]) *orderedMap[V] {
	switch l, r := left.levels(), right.levels(); {
	case l > r+1:
		if left.left.levels() >= left.right.levels() {
			return newMapNode(left.key, left.value, left.left, newMapNode(key, value, left.right, right))
		}
		mid := left.right
		return newMapNode(mid.key, mid.value,
			newMapNode(left.key, left.value, left.left, mid.left), newMapNode(key, value, mid.right, right))
	case r > l+1:
		if right.right.levels() >= right.left.levels() {
			return newMapNode(right.key, right.value, newMapNode(key, value, left, right.left), right.right)
		}
		mid := right.left
		return newMapNode(mid.key, mid.value,
			newMapNode(key, value, left, mid.left), newMapNode(right.key, right.value, mid.right, right.right))
	default:
		return newMapNode(key, value, left, right)
	}
}
