"""Traces of the native search are traces of the plan, as likely as those of the dice, and can be lifted."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Annotated, Any

import attrs
import everything
import faulty
import pytest
from generation_contracts import EVERY, LRU, READS, TINY, Colour, same_case
from gossip import Gossip

from driftcheck import (
    I64,
    Closing,
    Contract,
    Handle,
    Skip,
    ge,
    in_,
    le,
    max_len,
    min_len,
    names,
    operation,
    schema_of,
)
from driftcheck.build import build_native
from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Instance, Name, Ref, Trace
from driftcheck.generate._conjecture import replay
from driftcheck.generate.dice import Dice
from driftcheck.generate.native_traces import NativeTraces
from driftcheck.generate.plan_export import export_plan
from driftcheck.generate.pools import POOL, needs_pool, why_left_to_python
from driftcheck.generate.skip import without_skipped
from driftcheck.generate.strategy import TraceStrategy, traces
from driftcheck.lockstep.native import NativeSearch, SweepPlan
from driftcheck.subjects.wire import Wire
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru
from driftcheck_contracts.reconcile import Reconcile
from driftcheck_contracts.semver import Semver
from driftcheck_contracts.time import Time

COUNT = 60  # traces of each contract
MANY = 2_000  # traces where shares are compared
FURTHEST = 5.0  # standard deviations between two shares; 40 comparisons pass by chance in all but 1 of 40,000


@attrs.frozen
class Point:
    x: float
    y: Annotated[float, ge(-1.0), le(1e300)]


class Widest(Contract):
    """Takes values of every type that the native search draws by itself."""

    def open(self, size: Annotated[int, ge(1), le(9)]) -> None: ...
    def state(self) -> I64: ...
    @operation
    def texts(self, a: str, b: Annotated[str, max_len(3)], c: Annotated[str, min_len(40)]) -> None: ...
    @operation
    def bytes_(self, a: bytes, b: Annotated[bytes, min_len(5), max_len(9)]) -> None: ...
    @operation
    def points(
        self, a: Point | None, b: tuple[Point, ...], c: Annotated[tuple[I64, ...], max_len(4)]
    ) -> None: ...
    @operation
    def maps(self, a: dict[str, I64], b: Annotated[dict[Colour, bool], min_len(3)]) -> None: ...
    @operation(weight=7)
    def listed(self, a: Annotated[int, in_([3, -4, 5])], b: Colour, c: Annotated[str, names(3)]) -> None: ...
    @operation
    def wide(
        self, a: Annotated[int, ge(-5), le(2**40)], b: bool, c: Annotated[int, ge(0), le(255)]
    ) -> None: ...


COVERED = [
    LRU,
    TINY,
    EVERY,
    *map(schema_of, (Widest, Gossip, everything.Everything, faulty.Faulty, Lru, Reconcile)),
]


class Natively:
    """The native traces of one contract."""

    def __init__(self, schema: Schema, seed: int = 7) -> None:
        self.schema = schema
        self.strategy: TraceStrategy = traces(schema)
        self.exported = export_plan(self.strategy.interpreter, seed)
        search = NativeSearch(build_native(schema))
        self.plan: SweepPlan = search.plan(self.exported.data, 50)
        self.library: Any = search._library
        self.traces = NativeTraces(self.strategy.interpreter, self.exported)

    def trace(self, seed: int) -> Trace:
        """Return the trace of a seed."""
        return self.traces.read(self.plan.describe(seed))

    def request(self, trace_seeds: Iterable[int]) -> bytes:
        """Return the request that a host would run."""
        return bytes(self.library.expand(self.plan.order(tuple(trace_seeds), 0, counts=False)))


@pytest.fixture(scope="module", params=COVERED, ids=lambda schema: f"{schema.name}-{len(schema.operations)}")
def natively(request: pytest.FixtureRequest) -> Natively:
    """Return the native traces of each contract that is covered."""
    return Natively(request.param)


def test_every_trace_is_lifted(natively: Natively) -> None:
    """Hypothesis draws each native trace again, from the choices to which it is lifted."""
    for seed in range(COUNT):
        trace = natively.trace(seed)

        assert same_case(replay(natively.strategy, natively.strategy.lift(trace)), trace)


def test_hosts_run_what_is_read(natively: Natively) -> None:
    """The bytes that a host runs are those that Python writes for the trace that it reads."""
    wire = Wire(natively.schema)

    ours = wire.request([wire.trace(natively.trace(seed)) for seed in range(COUNT)])

    assert natively.request(range(COUNT)) == ours


def test_a_seed_gives_one_trace(natively: Natively) -> None:
    """The same plan and seed give the same bytes in a second export, alone and among others."""
    again = Natively(natively.schema)

    assert again.plan.digest == natively.plan.digest
    assert again.request(range(20)) == natively.request(range(20))
    assert natively.request(range(8)).endswith(natively.request([7])[4:])  # without the head of a request


def test_a_seed_gives_the_same_trace_on_every_machine() -> None:
    """The traces of two plans without pools are those that were written down."""
    found = {
        schema.name: hashlib.sha256(Natively(schema).request(range(200))).hexdigest()[:16]
        for schema in (schema_of(Lru), schema_of(Widest))
    }

    assert found == {"lru": "724f003cb10d01da", "widest": "3ee9645a49761b4f"}


def test_traces_are_as_likely_as_those_of_the_dice(natively: Natively) -> None:
    """Operations, lengths, sizes and values have the same shares, up to five standard deviations."""
    count = MANY if natively.schema.name in ("lru", "widest") else 100
    dice = Dice()
    drawn = []
    for seed in range(count):
        dice.throw(str(seed))
        drawn.append(natively.strategy.draw_case(dice))

    ours = Counter(label for seed in range(count) for label in labels(natively.trace(seed)))
    theirs = Counter(label for trace in drawn for label in labels(trace))

    operations = natively.strategy.interpreter.plan.operations
    pooled = {f"{o.name} {at}" for o in operations for at, part in enumerate(o.parts) if needs_pool(part)}
    assert list(differences(ours, theirs, pooled)) == []


def labels(trace: Trace) -> Iterable[tuple[Any, ...]]:
    """Yield what is compared of a trace, roughly; the first item is what the second is a share of."""
    yield "length", len(trace.steps)
    for at, argument in enumerate(trace.opening):
        yield f"opening {at}", rough(argument)
    for step in trace.steps:
        yield "operation", step.operation
        yield "instance", step.instance
        yield f"fault of {step.operation}", step.fault
        for at, argument in enumerate(step.arguments):
            yield f"{step.operation} {at}", rough(argument)


def rough(value: Any) -> Any:
    """Return the kind and the size of a value."""
    match value:
        case Name(index=index):
            return index
        case Ref() | None:
            return type(value).__name__
        case Instance(number=number):
            return number
        case bool():
            return value
        case int():
            return value.bit_length() // 4, value < 0
        case float():
            return (
                "nan" if math.isnan(value) else math.frexp(value)[1] // 64 if math.isfinite(value) else value
            )
        case str():
            return len(value).bit_length(), value.isascii()
        case bytes():
            return len(value).bit_length(), not any(value)
        case tuple() | dict():
            return len(value).bit_length()
    return type(value).__name__


def differences(ours: Counter[Any], theirs: Counter[Any], pooled: Collection[str]) -> Iterable[str]:
    """Name the shares that are further apart than chance allows.

    Args:
        pooled: arguments whose native values come from a pool, which is a small sample itself.
    """
    totals = [Counter[Any](), Counter[Any]()]
    for total, counts in zip(totals, (ours, theirs), strict=True):
        for (group, _), number in counts.items():
            total[group] += number
    for label in ours.keys() | theirs.keys():
        of = [total[label[0]] for total in totals]
        shares = [counts[label] / max(1, n) for counts, n in zip((ours, theirs), of, strict=True)]
        p = (ours[label] + theirs[label]) / max(1, sum(of))
        samples = [*of, POOL] if label[0] in pooled else of
        deviation = math.sqrt(p * (1 - p) * sum(1 / max(1, size) for size in samples))
        if abs(shares[0] - shares[1]) > FURTHEST * deviation and abs(shares[0] - shares[1]) > 0.003:
            yield f"{label}: {shares[0]:.4f} and {shares[1]:.4f} of {of}"


@pytest.mark.parametrize("contract", [JsonContract, Semver, Time])
def test_stateless_contracts_with_pools_stay_with_python(contract: type) -> None:
    """A pool of documents would repeat one-step traces that Python has drawn."""
    schema = schema_of(contract)

    assert why_left_to_python(traces(schema).interpreter.plan, schema) == (
        "its traces have one step, with arguments that only Python can draw"
    )


def test_a_contract_without_state_and_without_pools_is_drawn_natively() -> None:
    """One-step traces of plain values are drawn natively."""
    assert why_left_to_python(traces(TINY).interpreter.plan, TINY) is None
    assert why_left_to_python(traces(READS).interpreter.plan, READS) is not None


class Balance(Contract):
    """Has a model that skips what would go below zero."""

    def state(self) -> I64: ...
    @operation
    def up(self) -> Handle[Point]: ...
    @operation
    def down(self, by: Annotated[int, ge(1), le(3)]) -> None: ...
    @operation
    def undo(self, up: Closing[Handle[Point]]) -> None: ...


class BalanceModel(Balance):
    def __init__(self) -> None:
        self.balance = 0

    def state(self) -> int:
        return self.balance

    def up(self) -> Any:
        if self.balance == 3:
            raise Skip
        self.balance += 1
        return object()

    def down(self, by: int) -> None:
        if by > self.balance:
            raise Skip
        self.balance -= by

    def undo(self, up: Any) -> None:
        if self.balance == 0:
            raise Skip
        self.balance -= 1


def test_what_the_model_skips_is_cut_from_a_native_trace() -> None:
    """A native trace loses the steps that the model skips, with those that need their handles."""
    natively = Natively(schema_of(Balance))
    strategy = traces(natively.schema, model=BalanceModel)
    cut = [
        without_skipped(natively.schema, BalanceModel, [()], natively.trace(seed)) for seed in range(COUNT)
    ]

    assert any(any(step.operation == "undo" for step in trace.steps) for trace in cut)
    assert sum(len(trace.steps) for trace in cut) < COUNT * 50
    for trace in cut:
        balance = 0
        for step in trace.steps:
            balance += (
                1 if step.operation == "up" else -(step.arguments[0] if step.operation == "down" else 1)
            )
            assert 0 <= balance <= 3
        assert same_case(replay(strategy, strategy.lift(trace)), trace)


@pytest.mark.parametrize("length", [0, 1, 7, 100, -1])
def test_a_plan_that_is_cut_is_refused(length: int) -> None:
    """The library names the place where a plan cannot be read."""
    natively = Natively(LRU)

    with pytest.raises(ValueError, match=r"there is no .* at byte \d+"):
        natively.library.plan(natively.exported.data[:length])


def test_a_plan_that_names_what_is_not_there_is_refused() -> None:
    """Drawing never looks for something that a plan lacks, since such a plan is not read."""
    natively = Natively(LRU)
    broken = natively.exported.data.replace(b"\x83dname\x00\x04", b"\x83dname\x09\x04")

    assert broken != natively.exported.data
    with pytest.raises(ValueError, match="part whose slots, names, handles and pools exist"):
        natively.library.plan(broken)


def test_a_plan_must_be_known() -> None:
    """An order for a plan that was not sent is refused."""
    natively = Natively(LRU)
    other = attrs.evolve(natively.plan, digest=b"12345678")

    with pytest.raises(KeyError, match="no plan with the digest 3132333435363738 is kept"):
        natively.library.expand(other.order([1], 0, counts=False))
