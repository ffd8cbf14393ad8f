"""State reconciliation, the reference contract: three replicas of a store, in Go and in Rust."""

from __future__ import annotations

from itertools import permutations
from typing import Annotated

from driftcheck import (
    I64,
    U64,
    Contract,
    DeterministicCbor,
    Fault,
    Generations,
    Handle,
    Payload,
    Peer,
    Steps,
    distinct,
    flag,
    ge,
    generation,
    law,
    le,
    max_len,
    min_len,
    neighbours,
    operation,
    query,
)
from driftcheck_contracts.reconcile import refusals
from driftcheck_contracts.reconcile.documents import Document, DocumentBytes, Key
from driftcheck_contracts.reconcile.ghost import Ghost, Move
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

Now = Annotated[int, ge(0), le(70_000)]  # milliseconds; clocks may be apart by 60,000


class Reconcile(Contract, instances=3):
    """A replicated store whose state two languages agree on, byte for byte: docs/reference/reconcile.md.

    The members are a, b and c; keys that begin with m hold several values, those with c counters.
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

    schema = Generations(1, 2, 3, reads=neighbours, otherwise=too_far)  # R10.2

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
        schema: Annotated[int, generation],
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
    def fill(self, count: Annotated[int, ge(1), le(40)], now: Now) -> bytes:
        """Put 0 under the first so many of forty keys of their own, and return the state digest.

        So that digest trees get branches. Unsupported within 64 events of the clock's overflow, where it
        would end half done.
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
        to: Annotated[int, generation],
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

    @law
    def converges(self) -> bool:
        """I4: after two rounds all digests are equal."""
        for one, other in [*permutations(self.instances, 2)] * 2:
            one.reconcile(other, 70_000)
        return len({one.digest().state for one in self.instances}) == 1

    @law
    def rollback_is_exact(self, between: Steps) -> bool:
        """I9: the shared part is what it was, and so it is after a second rollback."""
        before, mark = self.digest(), self.snapshot()
        self.run(between)
        self.rollback(mark)
        after = self.digest()
        self.rollback(mark)
        return before == after == self.digest()

    @law(fresh=True)
    def loses_nothing(self, moves: Annotated[tuple[Move, ...], max_len(24)]) -> bool:
        """I6, I7: each replica keeps what it has seen and nothing has replaced, and nothing else."""
        ghost = Ghost()
        for move in moves:
            ghost.do(move, self.instances)
        for place, one in enumerate(self.instances):
            kept = {(k.key, (e.origin, e.counter)) for k in one.state().keys for e in k.entries}
            if not ghost.explains(place, kept):
                return False
        return True
