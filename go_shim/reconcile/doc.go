// Package reconcile is an engine of driftcheck's reference contract, docs/reference/reconcile.md: a
// replicated store whose state two languages agree on, byte for byte.
//
// A [Replica] is opened on a [Storage]. Its methods are the steps of section 4 that may change it; what
// is only asked is asked of a [View], the replica at one moment, which is the peer of a reconcile too.
// A step either is durable and visible as a whole, or is rejected with an [Error] and has changed nothing.
//
// States are persistent: a step makes a new one beside the old, which shares with it all that it left
// alone. So a view, a snapshot and the state to fall back on cost nothing, and no hash is ever stale.
//
// The layers, of which none knows those behind it, are: bytes (cbor_*, hash, error), terms (clock, vector,
// entry), the shared part (policy, slot, tree, part), the state and its migrations, messages (document, request,
// reply, record), what is asked of a state and done to it (view, write, merge, check, upkeep), reconciling (hooks,
// answer, pull, walk), and the replica with its log (storage, log, step, replica, operations, reconcile). So
// merges and digests know of no storage, and only the last layer knows which steps there are.
//
// A declaration names the rules that it keeps by number; docs/reference/reconcile-rules.md lists them all.
package reconcile
