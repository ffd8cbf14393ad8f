"""Names in play shrink to the simplest ones that still show the bug, also where names must relate."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import pairwise
from typing import Annotated

import attrs
import pytest
from generation_contracts import LRU
from planted_predicates import first_shrunk

from driftcheck import Contract, Payload, ge, le, names, operation, schema_of
from driftcheck.codecs import Codec
from driftcheck.core.trace import Trace
from driftcheck.generate.strategy import traces


def keys_put(trace: Trace) -> list[str]:
    """Return the keys that are put, in order."""
    return [step.arguments[0].value for step in trace.steps if step.operation == "put"]


def shrunk(shows: Callable[[str, str], bool], seed: int) -> list[str]:
    """Return the shrunk keys of a bug that needs two keys of consecutive puts to relate in this way."""

    def judge(trace: Trace) -> Hashable | None:
        keys = keys_put(trace)
        return "shown" if any(shows(a, b) for a, b in pairwise(keys)) else None

    return keys_put(first_shrunk(traces(LRU), judge, seed=seed, max_cases=20).case)


@pytest.mark.parametrize("seed", range(6))
def test_the_simplest_names_the_other_way_round(seed: int) -> None:
    """Where the first name must sort after the second, the two simplest names appear in this order."""
    assert shrunk(lambda a, b: a > b, seed) == ["1", "0"]


@pytest.mark.parametrize("seed", range(6))
def test_a_name_that_stands_unused_is_free_for_use(seed: int) -> None:
    """A used name may become as simple as a name that no step uses."""
    assert shrunk(lambda a, b: a > "0" and len(a) < len(b), seed) == ["1", "00"]


@attrs.frozen
class Pair:
    """Two of a trace's names."""

    left: Annotated[int, ge(0), le(10**6), names(2)]
    right: Annotated[int, ge(0), le(10**6), names(2)]


class PairText(Codec[Pair]):
    """Two numbers with a comma between."""

    mutations = ()

    def encode(self, value: Pair) -> bytes:
        return f"{value.left},{value.right}".encode()


class Pairs(Contract):
    """Compares documents that are made of names."""

    @operation
    def compare(self, a: Payload[Pair, PairText], b: Payload[Pair, PairText]) -> bool: ...


@pytest.mark.parametrize("seed", range(6))
def test_documents_shrink_with_their_names(seed: int) -> None:
    """Documents that must share a name are still made of names, and of the simplest ones."""

    def judge(trace: Trace) -> Hashable | None:
        one, other = (document.data.split(b",") for document in trace.steps[0].arguments)
        return "shown" if len(one) == len(other) == 2 and one[0] == other[0] and one[1] < other[1] else None

    found = first_shrunk(traces(schema_of(Pairs)), judge, seed=seed, max_cases=100)

    one, other = found.case.steps[0].arguments
    assert None not in (one.value, other.value)
    assert sorted({*one.data.split(b","), *other.data.split(b",")}) == [b"0", b"1"]
