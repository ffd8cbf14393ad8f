// Package reconcile is an engine of the reference contract of driftcheck, docs/reference/reconcile.md.
// It is a replicated store, whose state the engines of two languages agree on byte for byte.
//
// [Open] opens a [Replica] on a [Storage]. The methods of a replica are the steps of section 4 that may change it.
// A [View] is the replica at one moment: it answers queries, and is the peer of a reconcile.
// A step is either durable and visible as a whole, or it is rejected with an [Error] and has changed nothing.
//
// States are persistent: a step makes a new state, which shares with the old one all that it left alone.
// So a view and a snapshot cost nothing, and a rejected step leaves the old state in place.
//
// The package has these layers. None of them knows a later one.
//   - cbor: reads and writes CBOR items (cbor_*.go); knows nothing of the store
//   - errors: rejections and hashes
//   - terms: clock, vector, entry
//   - shared part: policy, slot, tree, part
//   - state: the state and its chain of migrations
//   - messages: document, request, reply, record
//   - changes: view, write, merge, checks, rollback, gc
//   - reconciling: hooks, peer, link, pull, walk
//   - replica: storage, log, steps
//
// So merges and digests know no storage, and only the last layer knows which steps there are.
//
// Comments cite the rules that a declaration implements by their numbers.
// The page docs/reference/reconcile-rules.md lists them all.
package reconcile
