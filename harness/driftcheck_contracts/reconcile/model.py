"""
The model of the replicated store, in plain Python; it tells which engine is wrong.

Written only from docs/reference/reconcile.md. It is slow and simple: each step builds a new state, and a
step that is not synced keeps the old one. It writes no log, since nothing reads it. It lacks the classes that
no step of this contract can cause: `exhausted`, `foreign_snapshot`, `other_table` and `corrupt_log`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from driftcheck import Fault, Handle, Payload, Skip, StepRejected
from driftcheck_contracts.reconcile import Reconcile, digests, intake
from driftcheck_contracts.reconcile import records as c
from driftcheck_contracts.reconcile.arguments import (
    check_key,
    check_label,
    check_length,
    check_now,
    check_range,
    check_size,
)
from driftcheck_contracts.reconcile.documents import Document, DocumentBytes
from driftcheck_contracts.reconcile.messages import write_document
from driftcheck_contracts.reconcile.parts import (
    MAX_COUNTER,
    MEMBERS,
    Entry,
    Policy,
    Shared,
    Vector,
    collected,
    join,
    meet,
    origin_of,
    policy_of,
)
from driftcheck_contracts.reconcile.pull import Line, Pulled, pull_by_walk, pull_whole
from driftcheck_contracts.reconcile.reading import UINT, kind_of
from driftcheck_contracts.reconcile.replica import Held, check_limits, clock_after, merged
from driftcheck_contracts.reconcile.stages import reach
from driftcheck_contracts.reconcile.writing import integer

T = TypeVar("T")

MAX_AUDITED = 64
HOUR = 3_600_000  # milliseconds
NOTHING = c.Cost(0, 0)
Outcome = tuple[Held, c.Merge] | StepRejected


class ReconcileModel(Reconcile):
    """A replica whose state is one value, replaced when a step is synced."""

    def open(self, place: int, schema: int, algorithm: c.Algorithm) -> None:
        self._held = Held(MEMBERS[place], schema, algorithm)
        self._audited: list[c.Audited] = []

    def state(self) -> c.Replica:
        held = self._held
        return c.Replica(
            keys=tuple(c.Kept(key, tuple(map(_shown, ones))) for key, ones in held.shared.entries.items()),
            vector=dict(held.shared.vector),
            watermark=dict(held.shared.watermark),
            writer=held.writer,
            epoch=held.epoch,
            clock=held.clock,
            schema=held.schema,
            acknowledgements={writer: dict(vector) for writer, vector in held.acknowledgements.items()},
            chain=held.chain,
        )

    def put(
        self, key: bytes, value: Payload[Any, Any], label: str | None, now: int, fault: Fault | None = None
    ) -> c.Written:
        check_key(key)
        data = value.data
        check_label(label)
        check_now(now)
        check_size(data)
        intake.check_value(data)

        def write() -> tuple[Held, c.Written]:
            kind = kind_of(data[0])
            if policy_of(key) is Policy.COUNTER and kind != UINT:
                raise self.wrong_kind(c.Where("value", 0, UINT, kind, "this prefix holds counters"))
            if label is not None and self._held.schema == 1:
                hint = "migrate before using labels"
                raise self.needs_schema(c.Where("label", 0, "schema 2 or later", "schema 1", hint))
            return self._written(key, data, label, _stepped(now, fault))

        return self._step(fault, write)

    def put_number(self, key: bytes, number: int, label: str | None, now: int) -> c.Written:
        return self.put(key, Payload(integer(number)), label, now)

    def fill(self, count: int, now: int) -> bytes:
        if int.from_bytes(self._held.clock[6:], "big") > 2**16 - 1 - 400:
            raise Skip
        for i in range(count):
            self.put(b"f%02d" % i, Payload(integer(0)), None, now)
        return digests.state_digest(self._held.shared)

    def delete(self, key: bytes, now: int, fault: Fault | None = None) -> c.Written:
        check_key(key)
        check_now(now)

        def write() -> tuple[Held, c.Written]:
            self._check_visible(key)
            return self._written(key, None, None, _stepped(now, fault))

        return self._step(fault, write)

    def increase(self, key: bytes, by: int, now: int, fault: Fault | None = None) -> int:
        check_key(key)
        check_range("by", by, 1, MAX_COUNTER)
        check_now(now)

        def write() -> tuple[Held, int]:
            policy = policy_of(key)
            if policy is not Policy.COUNTER:
                hint = "this prefix does not hold counters"
                raise self.wrong_kind(c.Where(key.hex(), 0, "a counter", policy.name.lower(), hint))
            new = sum(map(_number, self._visible(key))) + by
            if new > MAX_COUNTER:
                hint = "counters do not wrap"
                raise self.overflow(c.Where(key.hex(), 0, f"at most {MAX_COUNTER}", str(new), hint))
            return self._written(key, integer(new), None, _stepped(now, fault))[0], new

        return self._step(fault, write)

    def tick(self, now: int, fault: Fault | None = None) -> bytes:
        check_now(now)

        def advance() -> tuple[Held, bytes]:
            clock = clock_after(self._held.clock, _stepped(now, fault))
            return attrs.evolve(self._held, clock=clock), clock

        return self._step(fault, advance)

    def get(self, key: bytes) -> c.Visible:
        check_key(key)
        self._check_visible(key)
        puts = [entry for entry in self._held.shared.entries[key] if entry.kind == 0]
        newest = max(puts, key=lambda e: (e.clock, e.origin, e.counter))
        return c.Visible(self._visible(key), None if self._held.schema == 1 else newest.label)

    def scan(self, prefix: bytes, limit: int) -> tuple[c.Pair, ...]:
        check_length("prefix", len(prefix), 0, 64)
        check_range("limit", limit, 1, 64)
        keys = [key for key in self._held.shared.entries if key.startswith(prefix) and self._visible(key)]
        return tuple(c.Pair(key, self._visible(key)) for key in keys[:limit])

    def digest(self) -> c.Digests:
        shared = self._held.shared
        return c.Digests(digests.state_digest(shared), digests.children(digests.key_hashes(shared)))

    def diff(self, peer: Any) -> c.Diff:
        mine, theirs = self.digest(), peer.digest()
        children = (i for i in range(16) if mine.children[i] != theirs.children[i])
        return c.Diff(mine.state == theirs.state, tuple(children))

    def snapshot(self) -> Handle[c.Snapshot]:
        return Handle(self._held.shared)

    def rollback(self, to: Handle[c.Snapshot], fault: Fault | None = None) -> bytes:
        def restore() -> tuple[Held, bytes]:
            shared: Shared = to.value
            held = attrs.evolve(self._held, shared=shared, epoch=self._held.epoch + 1)
            return held, digests.state_digest(shared)

        return self._step(fault, restore)

    def reconcile(self, peer: Any, now: int, fault: Fault | None = None) -> c.Merge:
        check_now(now)
        now, before, theirs = _stepped(now, fault), self._held, peer._held
        is_new = before.flag is c.Algorithm.ON
        pull = pull_by_walk if is_new else pull_whole
        line, unused = Line(fault), Line(None)
        outcome = self._tried(lambda: pull(line, before, theirs, now), now, fault)
        agreed = None
        if before.flag is c.Algorithm.SHADOW:
            walked = _walked(unused, before, theirs, now)
            if not line.damaged and not _is_interrupted(outcome):
                agreed = _compared(outcome) == _compared(walked)
        costs = (unused.cost, line.cost) if is_new else (line.cost, unused.cost)
        return self._ended("reconcile", outcome, "v2" if is_new else "v1", costs, agreed=agreed)

    def export(self) -> Payload[Document, DocumentBytes]:
        return Payload(write_document(self._held.part(), self._held.schema))

    def import_(
        self, document: Payload[Document, DocumentBytes], now: int, fault: Fault | None = None
    ) -> c.Merge:
        check_now(now)
        data, schema = document.data, self._held.schema
        now = _stepped(now, fault)
        outcome = self._tried(lambda: intake.read_document(data, schema), now, fault)
        return self._ended("import", outcome, "v1", (c.Cost(1, len(data)), NOTHING), agreed=None)

    def gc(self, watermark: c.Watermark | None, fault: Fault | None = None) -> int:
        def collect() -> tuple[Held, int]:
            held = self._held
            seen: Vector = held.shared.vector
            for member in MEMBERS:
                if member != held.writer:
                    seen = meet(seen, held.acknowledgements.get(member, {}))
            given = seen if watermark is None else _vector_of(watermark)
            for origin in sorted(given):
                if given[origin] > seen.get(origin, 0):
                    expected, hint = f"at most {seen.get(origin, 0)}", "reconcile with all members first"
                    raise self.not_acknowledged(c.Where(origin.hex(), 0, expected, str(given[origin]), hint))
            shared = collected(held.shared, join(held.shared.watermark, given))
            gone = _count(held.shared) - _count(shared)
            return attrs.evolve(held, shared=shared), gone

        return self._step(fault, collect)

    def migrate(self, to: int, rationale: str, approver: str, fault: Fault | None = None) -> bytes:
        check_range("schema", to, 1, 3)
        check_length("rationale", len(rationale.encode()), 1, 128)
        check_length("approver", len(approver.encode()), 1, 32)

        def move() -> tuple[Held, bytes]:
            """Append to the chain (R10.4)."""
            schema = self._held.schema
            lo, hi = intake.neighbours(schema)
            if abs(schema - to) != 1:
                detail = c.Where("schema", 0, f"schema {lo} to {hi}", f"schema {to}", "migrate step by step")
                raise self.too_far(detail)
            chain = self._held.chain
            link = c.Migrated(schema, to, rationale, approver, schema, bytes(32))
            link = attrs.evolve(link, head=digests.head_after(chain, link))
            return attrs.evolve(self._held, schema=to, chain=(*chain, link)), link.head

        return self._step(fault, move)

    def set_flag(self, algorithm: c.Algorithm, fault: Fault | None = None) -> None:
        return self._step(fault, lambda: (attrs.evolve(self._held, flag=algorithm), None))

    def audit(self) -> tuple[c.Audited, ...]:
        return tuple(self._audited)

    def _visible(self, key: bytes) -> tuple[bytes, ...]:
        """Return the visible values of a key (R4.5)."""
        entries = self._held.shared.entries.get(key, ())
        values = sorted(entry.value for entry in entries if entry.value is not None)
        if policy_of(key) is Policy.COUNTER:
            values = values and [max(values, key=_number)]
        return tuple(values)

    def _check_visible(self, key: bytes) -> None:
        if not self._visible(key):
            raise self.absent(c.Where(key.hex(), 0, "a visible value", "none", ""))

    def _written(
        self, key: bytes, value: bytes | None, label: str | None, now: int
    ) -> tuple[Held, c.Written]:
        """Return the replica after a write (R4.4)."""
        held, shared = self._held, self._held.shared
        clock = clock_after(held.clock, now)
        entry = Entry(held.origin, shared.vector.get(held.origin, 0) + 1, clock, value, held.schema, label)
        entries = dict(sorted({**shared.entries, key: (entry,)}.items()))
        vector = {**shared.vector, entry.origin: entry.counter}
        held = attrs.evolve(held, clock=clock, shared=Shared(entries, vector, shared.watermark))
        return held, c.Written(entry.origin, entry.counter, clock)

    def _step(self, fault: Fault | None, build: Callable[[], tuple[Held, T]]) -> T:
        """Go through the stages (R8.1); `build` checks, and makes the new state, kept at the end (R8.3)."""
        reach("received", fault)
        held, result = build()
        check_limits(held.shared)
        for stage in ("checked", "staged", "appended"):
            try:
                reach(stage, fault)
            except StepRejected:
                if fault is self.killed:
                    self._audited = []  # opened again, on what was synced
                raise
        self._held = held
        return result

    def _tried(self, receive: Callable[[], Pulled], now: int, fault: Fault | None) -> Outcome:
        """Merge what is received, or say why not."""

        def merge() -> tuple[Held, Outcome]:
            outcome = _merged(self._held, pulled, now)
            return outcome[0], outcome

        try:
            pulled = receive()
            return self._step(fault, merge)
        except StepRejected as rejected:
            return rejected

    def _ended(
        self,
        operation: str,
        outcome: Outcome,
        algorithm: str,
        costs: tuple[c.Cost, c.Cost],
        *,
        agreed: bool | None,
    ) -> c.Merge:
        """Record how a merge ended (R9.10), and end so."""
        rejection = outcome.rejection.name if isinstance(outcome, StepRejected) else ""
        if not _is_interrupted(outcome, by="killed"):
            record = c.Audited(operation, rejection, algorithm, *costs, agreed)
            self._audited = [*self._audited, record][-MAX_AUDITED:]
        if isinstance(outcome, StepRejected):
            raise outcome
        return outcome[1]


def _merged(held: Held, pulled: Pulled, now: int) -> tuple[Held, c.Merge]:
    if isinstance(pulled, StepRejected):
        raise pulled
    after, result = merged(held, pulled, now)
    check_limits(after.shared)
    return after, result


def _walked(line: Line, mine: Held, peer: Held, now: int) -> Outcome:
    """Return what a walk would have come to, for shadow (R9.4)."""
    try:
        return _merged(mine, pull_by_walk(line, mine, peer, now), now)
    except StepRejected as rejected:
        return rejected


def _shown(entry: Entry) -> c.Entry:
    return c.Entry(
        entry.origin,
        entry.counter,
        entry.clock,
        entry.value,
        entry.schema,
        entry.label,
        dict(entry.extras),
    )


def _is_interrupted(outcome: Outcome, *, by: str | None = None) -> bool:
    if not isinstance(outcome, StepRejected) or outcome.rejection is not Reconcile.interrupted:
        return False
    return by is None or outcome.detail.got == by


def _compared(outcome: Outcome) -> object:
    """Return what shadow compares (R9.4)."""
    if isinstance(outcome, StepRejected):
        return outcome.rejection.name
    return outcome[0].shared, outcome[1]


def _vector_of(watermark: c.Watermark) -> Vector:
    counters = zip(MEMBERS, attrs.astuple(watermark), strict=True)
    return {origin_of(member, 0): counter for member, counter in counters if counter}


def _count(shared: Shared) -> int:
    return sum(map(len, shared.entries.values()))


def _number(value: bytes) -> int:
    """Return the number of an unsigned integer."""
    return value[0] if len(value) == 1 else int.from_bytes(value[1:], "big")


def _stepped(now: int, fault: Fault | None) -> int:
    """Return the time that a step sees (R8.7)."""
    return max(0, now - HOUR) if fault is Reconcile.stepped else now
