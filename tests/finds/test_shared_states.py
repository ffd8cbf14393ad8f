"""One corrupt state shows in many steps: these are one root cause, and two corrupt states are two."""

from __future__ import annotations

import pytest
import shelf_models as models
from test_triage import search

from driftcheck import Contract
from driftcheck.search.explored import Explored


def look(rust: type[Contract]) -> Explored:
    return search(models.Shelf, 400, go=models.ShelfGo, rust=rust)


def groups(explored: Explored) -> list[set[str]]:
    """Return the operations of each root cause."""
    return [{f.signature.operation for f in cause.findings} for cause in explored.root_causes]


def test_queries_of_one_corrupt_state_are_one_root_cause() -> None:
    """An empty label that is kept as none shows in three queries."""
    assert groups(look(models.ShelfLosesLabels)) == [{"labels", "labelled", "last"}]


@pytest.mark.nightly
def test_two_corrupt_states_are_two_root_causes() -> None:
    """Numbers that are cut show in other queries than labels that are lost."""
    found = groups(look(models.ShelfLosesTwo))

    assert sorted(found, key=len) == [{"total", "greatest"}, {"labels", "labelled", "last"}]


@pytest.mark.nightly
def test_queries_that_are_wrong_at_any_state_are_two_root_causes() -> None:
    """They diverge at the same states, but at all that are not empty, which shows nothing."""
    found = groups(look(models.ShelfCountsWrong))

    assert {frozenset(one) for one in found} == {frozenset({"greatest"}), frozenset({"labelled"})}
