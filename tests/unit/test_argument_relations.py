"""What a divergence needs of the numbers in its call, told from variations of a shrunk case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pytest

from driftcheck import U64, Contract, ge, le, operation, schema_of
from driftcheck.core.trace import Step, Trace
from driftcheck.search.argument_relations import MOST_CALLS, needs_of


class Numbers(Contract):
    def open(self, size: Annotated[U64, le(99)]) -> None: ...
    @operation
    def take(self, count: Annotated[int, ge(-50), le(50)], by: Annotated[U64, le(99)]) -> U64: ...


SCHEMA = schema_of(Numbers)

CASES: list[tuple[str, tuple[int, ...], Callable[[int, int, int, int], bool], tuple[str, ...]]] = [
    # what it is, (size, count before, count, by), when it shows, what is said
    ("nothing", (3, 0, 7, 9), lambda size, before, count, by: True, ()),
    ("a lower bound", (3, 0, 7, 9), lambda size, before, count, by: count >= 7, ("count is 7 or more",)),
    (
        "an upper bound",
        (3, 0, -41, 9),
        lambda size, before, count, by: count <= -41,
        ("count is -41 or less",),
    ),
    ("one value", (3, 1, 7, 9), lambda size, before, count, by: count == 7, ("count is 7",)),
    (
        "a multiple",
        (3, 1, 7, 9),
        lambda size, before, count, by: count % 7 == 0 and count > 0,
        ("count is a multiple of 7",),
    ),
    (
        "the least",
        (3, 1, -50, 9),
        lambda size, before, count, by: count == -50,
        ("count is -50, the least that is allowed",),
    ),
    (
        "the most",
        (3, 1, 50, 9),
        lambda size, before, count, by: count == 50,
        ("count is 50, the most that is allowed",),
    ),
    (
        "above the opening",
        (3, 0, 12, 20),
        lambda size, before, count, by: count >= size + 9,
        ("count is at least size of open + 9",),
    ),
    (
        "equal to the opening",
        (3, 0, 3, 20),
        lambda size, before, count, by: count == size,
        ("count equals size of open",),
    ),
    (
        "equal to another",
        (3, 0, 9, 9),
        lambda size, before, count, by: count == by,
        ("count equals by", "by equals count"),
    ),
    (
        "equal to an earlier one",
        (3, 8, 8, 9),
        lambda size, before, count, by: count == before,
        ("count equals count of step 1",),
    ),
]


@pytest.mark.parametrize(("shown", "numbers", "shows", "said"), [pytest.param(*c, id=c[0]) for c in CASES])
def test_a_relation_is_told_in_plain_words(
    shown: str, numbers: tuple[int, ...], shows: Callable[..., bool], said: tuple[str, ...]
) -> None:
    """The judge is asked a few times."""
    size, before, count, by = numbers
    trace = Trace((Step("take", (before, 30)), Step("take", (count, by))), (size,))
    asked: list[Trace] = []

    def judge(case: Trace) -> bool:
        asked.append(case)
        (first, second), (opened,) = case.steps, case.opening
        return shows(opened, first.arguments[0], *second.arguments)

    assert needs_of(SCHEMA, trace, 1, judge) == said
    assert len(asked) <= MOST_CALLS
