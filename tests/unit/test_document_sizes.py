"""The sizes of drawn JSON documents, and the budget of the giants among them."""

from __future__ import annotations

from itertools import islice

import pytest

from driftcheck import I64, Contract, Payload, operation, schema_of
from driftcheck.codecs import IntegerText
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document
from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import replay
from driftcheck.generate.coder import identity
from driftcheck.generate.distributions import GIANT
from driftcheck.generate.draw import draw
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.restrict_plan import Only
from driftcheck.generate.strategy import lift, traces
from driftcheck_contracts.json import JsonContract


class Numbers(Contract):
    """Reads a number."""

    @operation
    def read(self, text: Payload[I64, IntegerText]) -> bool: ...


JSON = schema_of(JsonContract)
GIANTS = ("long-text", "nested-to-10000", "nested-past-10000")
LARGE = 16_384  # bytes; nearly only giants are larger


def drawn(schema: Schema, count: int, only: Only | None = None) -> list[Document]:
    """Draw the documents of some traces."""
    found: list[Document] = []
    for trace in islice(draw(traces(schema, only=only), 0), count):
        found += (value for value in trace.steps[0].arguments if isinstance(value, Document))
    return found


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return drawn(JSON, 4000)


def quantile(sizes: list[int], share: float) -> int:
    return sorted(sizes)[int(len(sizes) * share)]


def test_sizes_without_giants(documents: list[Document]) -> None:
    """Half of the documents have at least 190 bytes, one in ten 360, and one in a hundred 5,000."""
    sizes = [len(one.data) for one in documents if not set(one.mutations) & set(GIANTS)]

    assert quantile(sizes, 0.5) >= 190
    assert quantile(sizes, 0.9) >= 360
    assert quantile(sizes, 0.99) >= 5000
    assert sum(size > LARGE for size in sizes) <= len(sizes) / 500


def test_giants_are_rare(documents: list[Document]) -> None:
    """About one try in 256 makes a giant, so these are about half of all bytes and not nine tenths."""
    sizes = [len(one.data) for one in documents]
    mutations = [name for one in documents for name in one.mutations]
    giants = sum(name in GIANTS for name in mutations)
    of_giants = sum(size for size in sizes if size > LARGE) / sum(sizes)

    assert GIANT / 2 <= giants / len(mutations) <= GIANT * 4
    assert 0.1 <= of_giants <= 0.6


def test_giants_are_data_of_the_plan() -> None:
    """The plan says which mutations make giants and how rarely one is drawn."""
    plan = compile_plan(JSON)
    (part,) = (q for o in plan.operations if o.name == "decode" for q in o.parts)
    assert isinstance(part, p.PayloadDraw)

    assert set(part.giants) == set(GIANTS)
    assert part.giant == GIANT
    assert not set(part.giants) & set(part.names)
    assert {*part.giants, *part.names} == {m.name for m in part.type.codec.all_mutations}


@pytest.mark.parametrize("name", GIANTS)
def test_a_giant_that_is_asked_for_is_drawn(name: str) -> None:
    """A matrix draws each mutation, also those that a search draws rarely."""
    found = drawn(JSON, 2, Only("rewrite", "document", mutation=name))

    assert [one.mutations for one in found] == [(name,)] * 2
    assert min(len(one.data) for one in found) > LARGE


def test_a_giant_is_lifted() -> None:
    """The choices of a giant give the same giant."""
    giant = next(
        trace
        for trace in draw(traces(JSON), 0)
        for value in trace.steps[0].arguments
        if isinstance(value, Document) and set(value.mutations) & set(GIANTS)
    )

    again = replay(traces(JSON), lift(JSON, giant))

    assert again is not None
    assert identity(again) == identity(giant)


def test_sizes_at_each_boundary() -> None:
    """A document has texts of each length at and next to a bound of its type."""
    (type_,) = (t.bare(a.type) for a in JSON.operation("decode").arguments)
    assert isinstance(type_, t.Payload)
    lengths = {len(one.value.name) for one in drawn(JSON, 4000) if hasattr(one.value, "name")}

    assert {0, 1, 2, 63, 64} <= lengths


def test_other_codecs_have_no_giants() -> None:
    """A codec that declares no giant has all its mutations drawn alike."""
    (part,) = (q for o in compile_plan(schema_of(Numbers)).operations for q in o.parts)
    assert isinstance(part, p.PayloadDraw)

    assert (part.giants, part.giant) == ((), 0.0)
    assert part.names == tuple(m.name for m in part.type.codec.all_mutations)
