"""State reconciliation, the reference contract: three replicas of a store, in Go and in Rust."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise, permutations, product
from typing import Annotated

from driftcheck import (
    I64,
    U64,
    Contract,
    DeterministicCbor,
    Fault,
    Handle,
    Payload,
    Peer,
    SchemaVersions,
    StepRejected,
    Steps,
    distinct,
    flag,
    ge,
    in_,
    invariant,
    law,
    le,
    max_len,
    min_len,
    neighbours,
    operation,
    query,
    schema_version,
)
from driftcheck_contracts.reconcile import recomputed, refusals
from driftcheck_contracts.reconcile.documents import MOMENTS, Document, DocumentBytes, Key, sent_by
from driftcheck_contracts.reconcile.ghost import Act, Failure, History, Move, bring_near, live
from driftcheck_contracts.reconcile.parts import MEMBERS
from driftcheck_contracts.reconcile.records import (
    Algorithm,
    Audited,
    Diff,
    Digests,
    Item,
    Merge,
    Pair,
    Replica,
    Snapshot,
    Visible,
    Watermark,
    Written,
)

Now = Annotated[int, in_(MOMENTS)]
# Keys: a tree of one leaf, of one level or of two; of 300 a reply takes several parts.
Filled = Annotated[int, in_([1, 2, 4, 8, 12, 14, 15, 16, 17, 20, 30, 40, 300])]
Edges = Annotated[
    int, in_([12, 14, 15, 16, 17, 40])
]  # keys: with those of other steps about sixteen, or more


class Reconcile(Contract, instances=3):
    """A replicated store whose state two languages agree on, byte for byte: docs/reference/reconcile.md.

    The members are a, bb and c, not of one length, since encodings are in the order of lengths first. Keys
    that begin with m hold several values, those with c counters.
    """

    malformed = refusals.malformed
    too_large = refusals.too_large
    too_far = refusals.too_far
    inconsistent = refusals.inconsistent
    digest_mismatch = refusals.digest_mismatch
    dot_conflict = refusals.dot_conflict
    clock_drift = refusals.clock_drift
    clock_overflow = refusals.clock_overflow
    interrupted = refusals.interrupted
    absent = refusals.absent
    wrong_kind = refusals.wrong_kind
    overflow = refusals.overflow
    not_acknowledged = refusals.not_acknowledged
    needs_schema = refusals.needs_schema

    schema = SchemaVersions(1, 2, 3, reads=neighbours, otherwise=too_far)  # R10.2

    lost = Fault("the first message to the peer does not arrive")
    repeated = Fault("each message from the peer arrives twice")
    reordered = Fault("the parts of a reply arrive last to first")
    damaged = Fault("the digest that the peer announces is another")
    stepped = Fault("the time is an hour less")
    torn = Fault("the first half of the record is written, and writing fails")
    killed = Fault("after the record is written, before it is durable, the process ends")
    halted_received = Fault("a failure once all is read")
    halted_checked = Fault("a failure once all is checked")
    halted_staged = Fault("a failure once the new state is built")
    halted_appended = Fault("a failure once the record is written")

    def open(
        self,
        place: Annotated[int, distinct, ge(0), le(2)],
        schema: Annotated[int, schema_version],
        algorithm: Annotated[Algorithm, flag],
    ) -> None:
        """Open a replica of the member of that place on an empty log."""

    def state(self) -> Replica: ...
    @operation(
        rejects=[malformed, too_large, wrong_kind, needs_schema, clock_overflow, interrupted],
        faults=[stepped, torn, killed, halted_received, halted_checked, halted_staged, halted_appended],
        weight=20,
    )
    def put(
        self,
        key: Key,
        value: Payload[Item, DeterministicCbor],
        label: Annotated[str, max_len(8)] | None,
        now: Now,
    ) -> Written:
        """R4.1, with the bytes of one CBOR item."""

    @operation(rejects=[wrong_kind, needs_schema, clock_overflow], weight=20)
    def put_number(
        self, key: Key, number: I64, label: Annotated[str, max_len(8)] | None, now: Now
    ) -> Written:
        """R4.1, with a number."""

    @operation(weight=5)
    def fill(self, count: Filled, now: Now) -> bytes:
        """Put 0 under the first `count` of 300 extra keys, and return the state digest.

        It gives digest trees branches. It is unsupported within 400 events of the clock's overflow, since it
        could not finish there.
        """

    @operation(rejects=[absent, clock_overflow, interrupted], faults=[stepped, halted_staged, killed])
    def delete(self, key: Key, now: Now) -> Written:
        """R4.2."""

    @operation(rejects=[wrong_kind, overflow, clock_overflow, interrupted], faults=[torn, killed])
    def increase(self, key: Key, by: Annotated[int, ge(1), le(2**63 - 1)], now: Now) -> U64:
        """R4.3."""

    @operation(rejects=[clock_overflow, interrupted], faults=[stepped, halted_appended], weight=3)
    def tick(self, now: Now) -> bytes:
        """R4.7."""

    @query(rejects=[absent])
    def get(self, key: Key) -> Visible:
        """R4.5."""

    @query(weight=3)
    def scan(
        self, prefix: Annotated[bytes, max_len(2)], limit: Annotated[int, ge(1), le(64)]
    ) -> tuple[Pair, ...]:
        """R4.6."""

    @query(weight=5)
    def digest(self) -> Digests:
        """R6.5, R6.6."""

    @query(weight=5)
    def diff(self, peer: Peer) -> Diff:
        """R4.8, with the digests of a peer."""

    @query
    def snapshot(self) -> Handle[Snapshot]:
        """R7.7."""

    @operation(rejects=[interrupted], faults=[halted_staged, torn, killed], weight=5)
    def rollback(self, to: Handle[Snapshot]) -> bytes:
        """R7.8: return the digest after."""

    @operation(
        rejects=[
            too_far,
            inconsistent,
            digest_mismatch,
            dot_conflict,
            clock_drift,
            clock_overflow,
            interrupted,
        ],
        faults=[
            lost,
            repeated,
            reordered,
            damaged,
            stepped,
            torn,
            killed,
            halted_received,
            halted_checked,
            halted_staged,
            halted_appended,
        ],
        idempotent=True,
        weight=40,
    )
    def reconcile(self, peer: Peer, now: Now) -> Merge:
        """R9.1: a pull, which changes this replica and never the peer."""

    @query(weight=5)
    def export(self) -> Payload[Document, DocumentBytes]:
        """R7.6."""

    @operation(
        rejects=[
            malformed,
            too_far,
            inconsistent,
            digest_mismatch,
            dot_conflict,
            clock_drift,
            clock_overflow,
            interrupted,
        ],
        faults=[stepped, torn, killed, halted_received, halted_checked, halted_staged, halted_appended],
        idempotent=True,
        weight=15,
    )
    def import_(self, document: Payload[Document, DocumentBytes], now: Now) -> Merge:
        """R5.6, with a document from anywhere."""

    @operation(rejects=[not_acknowledged, interrupted], faults=[halted_staged, killed])
    def gc(self, watermark: Watermark | None) -> U64:
        """R11.4: return how many tombstones went."""

    @operation(rejects=[too_far, interrupted], faults=[halted_appended, torn], weight=5)
    def migrate(
        self,
        to: Annotated[int, schema_version],
        rationale: Annotated[str, min_len(1), max_len(8)],
        approver: Annotated[str, min_len(1), max_len(8)],
    ) -> bytes:
        """R10.3: return the head of the chain."""

    @operation(rejects=[interrupted], faults=[killed], neutral=True, weight=5)
    def set_flag(self, algorithm: Algorithm) -> None:
        """R4.9."""

    @query(history=True, weight=5)
    def audit(self) -> tuple[Audited, ...]:
        """R9.10."""

    @invariant
    def shared_part_is_whole(self, state: Replica) -> bool:
        """I7, I8: the state is one that R1.7 allows, in order and without what was collected."""
        return recomputed.is_shared_part(state)

    @invariant
    def chain_holds(self, state: Replica) -> bool:
        """I20: each head is that of its migration after the head before; the last leads to the schema."""
        return recomputed.is_chain(state)

    @law
    def converges(self) -> bool:
        """I4: after two rounds all digests are equal, though one replica collects between them."""
        bring_near(self.instances)
        for collects in (True, False):
            for one, other in permutations(self.instances, 2):
                one.reconcile(other, 70_000)
            if collects:
                self.gc(None)
        return len({one.digest().state for one in self.instances}) == 1

    @law(fresh=True)
    def merges_in_any_order(self, key: Key, history: History) -> bool:
        """I2, I3: three states merged as (a, b), c and as (b, c), a and as (c, a), b are the same."""
        live(history, key, self.instances)
        documents = [one.export() for one in self.instances]
        try:
            for place, ahead in product(range(3), (1, 2)):
                self.instances[place].import_(documents[(place + ahead) % 3], 70_000)
        except StepRejected:
            return False
        return len({one.digest().state for one in self.instances}) == 1

    @law
    def nothing_goes_back(self, between: Steps) -> bool:
        """I5: clocks, acknowledgements and chains never go back, and vectors only by a rollback."""
        other, mark = self.instances[1], self.snapshot()
        seen = [[one.state() for one in self.instances]]
        for act in (lambda: self.run(between), lambda: self.rollback(mark)):
            act()
            with suppress(StepRejected):  # too far apart, or in conflict
                other.reconcile(self, 70_000)
            seen.append([one.state() for one in self.instances])
        return all(all(map(recomputed.has_gone_on, *pair)) for pair in pairwise(seen))

    @law(fresh=True)
    def loses_nothing(self, key: Key, history: History) -> bool:
        """I5, I6, I7: each keeps what it has seen and nothing has replaced, and a pull has what both keep."""
        ghost = live(history, key, self.instances)
        for ahead, place in product((1, 2), range(3)):
            one, other = self.instances[place], self.instances[(place + ahead) % 3]
            mine, theirs = one.state(), other.state()
            ghost.do(Move(Act.PULL, place, ahead, now=3), self.instances)
            after = one.state()
            kept = {(e.origin, e.counter) for k in after.keys for e in k.entries}
            if not recomputed.is_merge(mine, theirs, after) or not ghost.explains(place, kept):
                return False
        return True

    @law
    def collects_what_all_have(self) -> bool:
        """I7, I10: tombstones go as far as all members have acknowledged, and the digest tells of it."""
        bring_near(self.instances)
        for one, other in permutations(self.instances, 2):
            if self in (one, other):
                one.reconcile(other, 70_000)
        before = self.state()
        self.gc(None)
        digest, after = self.digest(), self.state()
        return recomputed.is_collected(before, after) and digest == recomputed.digests_of(after)

    @law
    def failure_leaves_nothing(self, failure: Failure, now: Now) -> bool:
        """I8: all bytes are what they were, and so is the log, from which what came after is read again."""
        one, other = self.instances[:2]
        before = one.state(), one.digest(), one.export().data
        failure.strike(one, other, now)
        if before != (one.state(), one.digest(), one.export().data):
            return False
        one.put_number(b"k0", 2, None, now)
        synced = one.state(), one.digest(), one.export().data
        Failure.KILLED.strike(one, other, now)
        return synced == (one.state(), one.digest(), one.export().data)

    @law
    def rollback_is_exact(self, between: Steps) -> bool:
        """I9: the shared part is what it was, in a new epoch, and so it is after a second rollback."""
        before, digest, mark = self.state(), self.digest(), self.snapshot()
        self.run(between)
        for _ in range(2):
            last = self.state()
            self.rollback(mark)
            after = self.state()
            is_same = recomputed.shared_of(after) == recomputed.shared_of(before)
            has_gone_on = recomputed.has_gone_on(last, after) and after.epoch == last.epoch + 1
            if not is_same or self.digest() != digest or not has_gone_on:
                return False
        return True

    @law
    def digest_is_of_the_state(self, count: Edges, between: Steps) -> bool:
        """I10: digests are those of the entries, vector and watermark, whatever was done to come there."""
        self.fill(count, 0)
        self.run(between)
        return all(one.digest() == recomputed.digests_of(one.state()) for one in self.instances)

    @law
    def writes_what_it_holds(self) -> bool:
        """I11, I12: an export is read strictly, is the state, and is written again as it was."""
        return recomputed.is_document_of(self.export().data, self.state())

    @law(fresh=True)
    def takes_what_the_text_takes(self, document: Payload[Document, DocumentBytes]) -> bool:
        """I11, I13: a document is taken whole, or refused by the class and the detail of the text."""
        before, refused = self.state(), None
        try:
            self.import_(document, 70_000)
        except StepRejected as rejected:
            refused = rejected
        after = self.state()
        is_kept = recomputed.is_document_of(self.export().data, after)
        return is_kept and recomputed.is_import(before, document.data, 70_000, after, refused)

    @law(fresh=True)
    def passes_on_what_it_does_not_know(self, document: Document) -> bool:
        """I14: labels and unknown fields pass through replicas of other schemas; no neighbour, no import."""
        *readers, writer = self.instances
        sent = sent_by(MEMBERS.index(writer.state().writer), document)
        data, schema = sent, document.schema
        for one in readers:
            before = one.state()
            is_neighbour = abs(before.schema - schema) <= 1
            try:
                one.import_(Payload(data), 70_000)
            except StepRejected as refused:
                is_right = refused.rejection is Reconcile.too_far and not is_neighbour
                return is_right and one.state() == before
            if not is_neighbour or not recomputed.holds_all_of(one.state(), sent):
                return False
            data, schema = one.export().data, before.schema
        return True

    @law(fresh=True)
    def walk_costs_what_differs(self, count: Filled, between: Steps) -> bool:
        """I16: messages and bytes of a walk keep within R9.11, and a whole document takes two messages."""
        one, other = self.instances[:2]
        bring_near(self.instances)
        other.fill(count, 0)
        one.reconcile(other, 70_000)
        self.run(between)
        one.set_flag(Algorithm.SHADOW)
        mine, theirs = one.state(), other.state()
        with suppress(StepRejected):
            one.reconcile(other, 70_000)
        record = one.audit()[-1]
        return recomputed.is_bounded(record.v2, record.v1, mine, theirs)

    @law
    def migrating_back_is_exact(self, is_up: bool) -> bool:
        """I20: the export after is the export before, and the chain tells of both ways."""
        before, export = self.state(), self.export()
        to = 2 if before.schema != 2 else 3 if is_up else 1
        for _ in range(2):
            self.migrate(to, "to try", "all")
            if not recomputed.is_document_of(self.export().data, self.state()):
                return False
            self.migrate(before.schema, "and back", "all")
        after = self.state()
        return (
            self.export() == export
            and recomputed.is_chain(after)
            and after.chain[: len(before.chain)] == before.chain
            and len(after.chain) == len(before.chain) + 4
        )
