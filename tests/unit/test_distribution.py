"""Drawn values have the intended distributions: lengths, sizes, repetitions, mutations, bounds."""

from __future__ import annotations

import math
from collections import Counter
from random import Random
from typing import Annotated, Any

import pytest
from generation_contracts import EVERY, LRU, READS

from driftcheck import I64, Contract, Handle, ge, le, max_len, operation, schema_of
from driftcheck.core.codec import mutate_bytes
from driftcheck.core.trace import Document, Name, Ref, Trace
from driftcheck.generate._conjecture import draw_fresh
from driftcheck.generate.dice import Dice
from driftcheck.generate.strategy import traces


class Values(Contract):
    """Takes one of each."""

    @operation
    def take(
        self,
        wide: I64,
        narrow: Annotated[int, ge(10), le(12)],
        real: float,
        short: Annotated[bytes, max_len(16)],
        text: Annotated[str, max_len(64)],
        endless: str,
        items: Annotated[tuple[bool, ...], max_len(8)],
    ) -> None: ...


VALUES = schema_of(Values)


def drawn(schema: Any, count: int, **how: Any) -> list[Trace]:
    """Draw traces with dice."""
    dice, strategy = Dice(), traces(schema, **how)
    cases = []
    for seed in range(count):
        dice.throw(str(seed))
        cases.append(strategy.draw_case(dice))
    return cases


@pytest.fixture(scope="module")
def lru() -> list[Trace]:
    return drawn(LRU, 200)


@pytest.fixture(scope="module")
def values() -> list[tuple[Any, ...]]:
    return [trace.steps[0].arguments for trace in drawn(VALUES, 3000)]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [trace.steps[0].arguments[0] for trace in drawn(READS, 1500)]


def effective(payload: Any, documents: list[Document]) -> set[str]:
    """Name the mutations that change any of these documents."""
    well = [d.data for d in documents if d.is_well_formed][:60]
    found = set()
    for mutation in payload.codec.mutations:
        for data in well:
            if mutate_bytes(payload.codec, payload.inner, data, (mutation.name,), Lowest()).applied:
                found.add(mutation.name)
                break
    return found


class Lowest:
    """Draws the lowest choice."""

    def integer(self, lo: int, hi: int) -> int:
        return lo

    def boolean(self, p: float = 0.5) -> bool:
        return False


def share(items: list[Any], fits: Any) -> float:
    return sum(map(bool, map(fits, items))) / len(items)


def test_trace_length(lru: list[Trace]) -> None:
    """At least 98 of 100 traces have all fifty steps."""
    assert share(lru, lambda trace: len(trace.steps) == 50) >= 0.98


def test_stateless_traces(documents: list[Document]) -> None:
    """A trace of a stateless contract has one step."""
    assert all(len(trace.steps) == 1 for trace in drawn(READS, 50))


def test_operations(lru: list[Trace]) -> None:
    """Each operation is drawn, in nearly each trace, about as often as its weight says."""
    steps = Counter(step.operation for trace in lru for step in trace.steps)

    assert set(steps) == {o.name for o in LRU.operations}
    assert steps["put"] / steps["get"] == pytest.approx(1, rel=0.1)
    weighted = Counter(s.operation for t in drawn(EVERY, 40) for s in t.steps)
    assert weighted["read"] / weighted["numbers"] == pytest.approx(3, rel=0.25)


def test_names_repeat(lru: list[Trace]) -> None:
    """A trace has four distinct names, and uses each of them often."""
    for trace in lru:
        (roster,) = trace.rosters.values()
        assert len(set(roster)) == 4
        uses = Counter(a.index for s in trace.steps for a in s.arguments if isinstance(a, Name))
        assert max(uses.values()) >= 5


def test_handles_are_live(lru: list[Trace]) -> None:
    """A handle is one that an earlier step made and none has closed, and old and new ones are used."""
    ages = []
    for trace in lru:
        live: list[int] = []
        for number, step in enumerate(trace.steps):
            for argument in step.arguments:
                if isinstance(argument, Ref):
                    ages.append(live.index(argument.step))
                    if step.operation == "finish":
                        live.remove(argument.step)
            if step.operation == "walk":
                live.append(number)
    assert {0, 1, 2} <= set(ages)


def test_short_values(values: list[tuple[Any, ...]]) -> None:
    """Of at most sixteen bytes all lengths occur, nine or more in a third of all cases."""
    lengths = Counter(len(v[3]) for v in values)

    assert set(lengths) == set(range(17))
    assert share(values, lambda v: len(v[3]) >= 9) >= 1 / 3
    assert share(values, lambda v: len(v[3]) == 0) >= 0.02


def test_text_lengths(values: list[tuple[Any, ...]]) -> None:
    """Text reaches its longest length, and endless text several thousand characters."""
    assert share(values, lambda v: len(v[4]) == 64) >= 0.03
    assert share(values, lambda v: len(v[4]) <= 8) >= 0.15
    assert share(values, lambda v: len(v[5]) >= 1000) >= 0.01
    assert max(len(v[5]) for v in values) >= 4000


def test_text_characters(values: list[tuple[Any, ...]]) -> None:
    """Text has characters that encoders escape, that are not in the basic plane, and that combine."""
    text = "".join(v[4] + v[5] for v in values)

    assert set('"\\\n\0\u2028\u0301\U0001f600\ufeff<e0 ') <= set(text)
    assert not any("\ud800" <= c <= "\udfff" for c in text)
    assert share(values, lambda v: v[4].isascii()) >= 0.25


def test_integers(values: list[tuple[Any, ...]]) -> None:
    """Integers are small, at their bounds, at powers of two and ten, and of every magnitude."""
    wide = [v[0] for v in values]

    assert {0, 1, -1, 2**63 - 1, -(2**63), 2**53 + 1, 2**31, 1000} <= set(wide)
    assert share(wide, lambda n: abs(n) <= 16) >= 0.2
    assert len({abs(n).bit_length() for n in wide}) == 65
    assert {v[1] for v in values} == {10, 11, 12}


def test_floats(values: list[tuple[Any, ...]]) -> None:
    """Floats are whole, short decimals, special, or any bits, NaN with a payload among them."""
    reals = [v[2] for v in values]

    assert {math.inf, -math.inf, 0.1, 1e21, 5e-324, 2.0**53} <= set(reals)
    assert any(f == 0 and math.copysign(1, f) < 0 for f in reals)
    assert share(reals, lambda f: math.isfinite(f) and f == round(f, 2)) >= 0.3
    assert share(reals, math.isnan) >= 0.01


def test_item_counts(values: list[tuple[Any, ...]]) -> None:
    """A sequence has any number of items up to its bound."""
    assert {len(v[6]) for v in values} == set(range(9))


def test_malformed_payloads(documents: list[Document]) -> None:
    """About half of all payloads are well-formed; each mutation but giants occurs, alone and with others."""
    (payload,) = (a.type for o in READS.operations for a in o.arguments)
    well = share(documents, lambda d: d.is_well_formed)
    raw = share(documents, lambda d: d.value is None)

    assert 0.4 <= well <= 0.65
    assert 0 < raw <= 0.02
    giants = {m.name for m in payload.codec.mutations if m.is_giant}
    assert {n for d in documents for n in d.mutations} | giants == effective(payload, documents) | giants
    assert share(documents, lambda d: len(d.mutations) == 1) >= 0.15
    assert share(documents, lambda d: len(d.mutations) >= 2) >= 0.05


def test_payload_sizes(documents: list[Document]) -> None:
    """Payloads are mostly small, and sometimes several KiB."""
    sizes = sorted(len(d.data) for d in documents)

    assert sizes[len(sizes) // 2] <= 1000
    assert share(sizes, lambda n: n >= 2048) >= 0.02
    assert sizes[-1] >= 4096


def test_only_well_formed() -> None:
    """Without a share of malformed payloads there are none."""
    for trace in drawn(READS, 200, malformed=0.0):
        assert trace.steps[0].arguments[0].is_well_formed


def test_under_hypothesis() -> None:
    """In a user's own `@given` traces are as long, and values as likely to be long."""
    strategy = traces(LRU)
    cases = [d[0] for seed in range(40) if (d := draw_fresh(strategy, Random(seed))) is not None]

    assert len(cases) == 40
    assert share(cases, lambda trace: len(trace.steps) == 50) >= 0.95
    puts = [s.arguments[1] for t in cases for s in t.steps if s.operation == "put"]
    assert share(puts, lambda value: len(value) >= 9) >= 0.25


class Token:
    pass


class Chained(Contract):
    """Makes a handle that another operation needs two of."""

    def state(self) -> bool: ...
    @operation
    def make(self) -> Handle[Token]: ...
    @operation
    def join(self, a: Handle[Token], b: Handle[Token]) -> None: ...


def test_enough_handles() -> None:
    """An operation that takes two handles is drawn once there are two."""
    for trace in drawn(schema_of(Chained), 20):
        first = next((n for n, s in enumerate(trace.steps) if s.operation == "join"), 50)
        assert [s.operation for s in trace.steps[:2]] == ["make", "make"]
        assert first >= 2
