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
// The layers, of which none knows those behind it: bytes (cbor_*.go), terms (clock, vector, entry,
// migration), the shared part (policy, slot, tree, part), what steps do to a state (write, upkeep, merge,
// check), messages (message, document, request, reply, record), reconciling (answer, pull, walk), and
// the replica with its log (storage, log, hooks, step, replica, operations).
//
// Where each rule is kept:
//
//	R1.1         rules.go          newRules
//	R1.2, R1.3   vector.go         Origin, Dot
//	R1.4         vector.go         Vector.Covers, join, meet, excess
//	R1.5         argument.go       checkKeyArgument
//	R1.6         entry.go          Entry
//	R1.7         part.go           part
//	R1.8         state.go          state, Local
//	R2.1, R2.2   cbor_value.go     extraRule, valueRule
//	R2.3         cbor_read.go      reader.open; reply.go leafOffset
//	R2.4         cbor_read.go      reader.head, checkSize, open, rest
//	R2.5         cbor_items.go     pairs.checkKey, fields.known, fields.require
//	R2.6         entry_codec.go    reader.entries; request.go paths; reply.go nodes
//	R2.7         cbor_read.go      reader.end; entry_codec.go entryValue, checkExtras; cbor_value.go readArgument
//	R2.8         cbor_fault.go     reader.fail and what calls it
//	R2.9         cbor_kind.go      kindNames
//	R3.1         clock.go          Clock
//	R3.3 to R3.6 clock.go          Clock.tick, receive, next, checkDrift
//	section 4    argument.go       bounds of arguments
//	R4.1         write.go          state.put
//	R4.2         write.go          state.remove
//	R4.3         write.go          state.increase
//	R4.4         write.go          state.write
//	R4.5         policy.go         Policy.visible, labelOf; view.go View.Get
//	R4.6         view.go           View.Scan
//	R4.7         write.go          state.tick
//	R4.8         view.go           View.Diff
//	R4.9         operations.go     Replica.SetFlag
//	R5.1         policy.go         policies.of
//	R5.2         merge.go          mergeEntries
//	R5.3         check.go          incoming.checkConflicts
//	R5.4         policy.go         Policy.normal
//	R5.5         merge.go          part.mergeParts, collect
//	R5.6, R5.7   upkeep.go         state.merge
//	R5.8         merge.go          Merge
//	R5.9         part.go           part.checkLimits
//	R6.1         entry.go          Entry.hash
//	R6.2, R6.3   slot.go           hashKey, pathOf
//	R6.4, R6.5   tree.go           node, newNode, children
//	R6.6         part.go           hashState
//	R7.1, R7.2   message.go        appendHeader, readHeader
//	R7.3         vector.go         Vector.append, reader.vector
//	R7.4         document.go       appendDocument, readDocument; entry_codec.go
//	R7.5         check.go          incoming.checkHead, checkEntries, checkName, checkDigest, checkConflicts
//	R7.6         view.go           View.Export
//	R7.7         view.go           Snapshot
//	R7.8         upkeep.go         state.rollback
//	R8.1, R8.2   step.go           step, commit, interrupt
//	R8.3, R8.4   log.go            log.frame, append, sync
//	R8.5         record.go         appendRecord, readRecord
//	R8.6         log.go            log.load
//	R8.7         hooks.go          Fault, Hooks; answer.go link
//	R9.1, R9.4   pull.go           Replica.Reconcile, agreement
//	R9.2         pull.go           pullDocument
//	R9.3, R9.7   walk.go           pullDifference, walk.further
//	R9.5         request.go        request; policy.go table
//	R9.6         reply.go          reply; answer.go View.Answer
//	R9.8         walk.go           walk.ask, reply.answers
//	R9.9         walk.go           walk.run, checkHashes, checkShape
//	R9.10        audit.go          AuditRecord; pull.go conclude
//	R10.2        message.go        accepted
//	R10.3        upkeep.go         state.migrate
//	R10.4        migration.go      Migration.headAfter
//	R10.5        migration.go      chainEnd
//	R11.1        class.go          Class
//	R11.2        error.go          Error
//	R11.3        cbor_path.go      path
//	R11.4        upkeep.go         state.gc
package reconcile
