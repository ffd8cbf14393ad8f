package reconcile

import (
	"iter"
	"maps"
)

// A View is a replica as it was at one moment. It answers queries, and is the peer of a reconcile.
// A view never changes, and several goroutines may use it.
type View struct {
	state *state
	rules *rules
}

// A Snapshot is the shared part of a replica at one moment, R7.7.
type Snapshot struct {
	writer string
	part   *part
}

// Digest returns the state digest of the snapshot.
func (s Snapshot) Digest() Hash { return s.part.digest }

// A ReadResult holds the visible values of a key, ordered by their bytes, and a label, R4.5.
type ReadResult struct {
	Values []string
	Label  Label
}

// Get returns the visible values of a key, R4.5, and its label if the schema has labels, R10.1.
func (v View) Get(key string) (ReadResult, error) {
	if err := checkKeyArgument(key); err != nil {
		return ReadResult{}, err
	}
	entries := v.state.entries(key)
	read := ReadResult{Values: v.rules.policies.of(key).visible(entries)}
	if len(read.Values) == 0 {
		return ReadResult{}, absent(key)
	}
	if v.state.schema > 1 {
		read.Label = labelOf(entries)
	}
	return read, nil
}

// A Pair is a key with its visible values.
type Pair struct {
	Key    string
	Values []string
}

// Scan returns the first keys that start with a prefix and have a visible value, R4.6. It returns at most limit keys.
func (v View) Scan(prefix string, limit int) ([]Pair, error) {
	if err := checkScan(prefix, limit); err != nil {
		return nil, err
	}
	var pairs []Pair
	for key, s := range v.state.keys.from(prefix) {
		if len(pairs) == limit || len(key) < len(prefix) || key[:len(prefix)] != prefix {
			break
		}
		if values := v.rules.policies.of(key).visible(s.entries); len(values) > 0 {
			pairs = append(pairs, Pair{key, values})
		}
	}
	return pairs, nil
}

// Digests holds the state digest and the hashes of the root's children, R6.5 and R6.6.
type Digests struct {
	State    Hash
	Children [16]Hash
}

// Digest returns the digests of the shared part.
func (v View) Digest() Digests { return Digests{v.state.digest, v.state.tree.childHashes()} }

// Diff reports whether other are the digests of this replica, and which children differ, R4.8.
func (v View) Diff(other Digests) (equal bool, children []int) {
	own := v.Digest()
	for i := range own.Children {
		if own.Children[i] != other.Children[i] {
			children = append(children, i)
		}
	}
	return own.State == other.State, children
}

// Snapshot returns a snapshot of the shared part, for a later rollback, R7.7.
func (v View) Snapshot() Snapshot { return Snapshot{v.state.writer, v.state.part} }

// Export returns the document of the shared part, R7.6.
func (v View) Export() []byte { return appendDocument(nil, v.state) }

// Local returns the local part. The caller must not change its vectors.
func (v View) Local() LocalPart {
	s := v.state
	return LocalPart{s.writer, s.epoch, s.clock, s.flag, s.schema, maps.Clone(s.acks), s.chain[:len(s.chain):len(s.chain)]}
}

// Entries yields the keys of the shared part in order, each with its entries, ascending by dot.
// The caller must not change the entries.
func (v View) Entries() iter.Seq2[string, []Entry] {
	return func(yield func(string, []Entry) bool) {
		for s := range v.state.slots() {
			if !yield(s.key, s.entries) {
				return
			}
		}
	}
}

// Vector returns the vector of the shared part. The caller must not change it.
func (v View) Vector() Vector { return v.state.vector }

// Watermark returns the watermark of the shared part. The caller must not change it.
func (v View) Watermark() Vector { return v.state.watermark }
