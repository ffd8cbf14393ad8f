"""Cases are drawn in the order of their seed, until nothing new is left."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from generation_contracts import LRU, TINY, same_case

from driftcheck.core.trace import Trace
from driftcheck.generate.dice import Undrawable
from driftcheck.generate.draw import UNDRAWABLE, draw
from driftcheck.generate.strategy import traces


def test_same_seed() -> None:
    """The same seed gives the same cases in the same order; another seed gives other cases."""
    one, again, other = (list(islice(draw(traces(LRU), seed), 40)) for seed in (1, 1, 2))

    assert len(one) == 40
    assert all(same_case(a, b) for a, b in zip(one, again, strict=True))
    assert not any(same_case(a, b) for a, b in zip(one, other, strict=True))


def test_ci_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of CI services change Hypothesis' own profile, but no drawn case."""
    before = list(islice(draw(traces(LRU), 3), 30))
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert list(islice(draw(traces(LRU), 3), 30)) == before


def test_exhausted() -> None:
    """A contract with few cases gives each of them once, and then the drawing ends."""
    cases = list(draw(traces(TINY), 0))

    assert len(cases) == 16
    assert len({repr(case) for case in cases}) == 16


def test_nothing_to_draw() -> None:
    """The drawing ends where a strategy never gives a case."""
    strategy: Any = traces(LRU)
    tries = 0

    def undrawable(dice: object, steering: object) -> Trace:
        nonlocal tries
        tries += 1
        raise Undrawable

    strategy.draw_steered = undrawable

    assert list(draw(strategy, 0)) == []
    assert tries == UNDRAWABLE
