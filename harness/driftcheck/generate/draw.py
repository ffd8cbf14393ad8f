"""
Drawing: the cases of a strategy, in the order that a seed gives them.

Decides which case is next, and when no new case is left. Knows nothing of subjects or of what a case shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Generic

from driftcheck.generate.coder import Steering, identity
from driftcheck.generate.cutting import Case, size
from driftcheck.generate.dice import Dice, Undrawable
from driftcheck.generate.strategy import CaseStrategy

FEW = 4_096  # cases of at most one step that are remembered, to notice when there are no others
REPEATS = 300  # repeated cases in a row after which there is nothing new to draw
UNDRAWABLE = 2_000  # draws in a row without a case, after which the strategy has none


def draw(strategy: CaseStrategy[Case], seed: int, steering: Steering | None = None) -> Iterator[Case]:
    """Yield the cases of a seed, and end when nothing new is left.

    The same seed gives the same cases in the same order. A case of at most one step is not repeated.

    Args:
        steering: is asked for each step of each case, and may change its mind between two cases.
    """
    dice = Dice()
    short = _ShortCases[Case]()
    undrawable = 0
    for number in count():
        dice.throw(f"{seed}:{number}")
        try:
            case = strategy.draw_steered(dice, steering)
        except Undrawable:
            undrawable += 1
            if undrawable >= UNDRAWABLE:
                return
            continue
        undrawable = 0
        if short.add(case):
            yield case
        if short.is_exhausted:
            return


class _ShortCases(Generic[Case]):
    """The cases of at most one step that were drawn, as long as they are few."""

    def __init__(self) -> None:
        self._seen: set[Any] | None = set()  # None: there are too many to be exhausted
        self._repeats = 0
        self.is_exhausted = False

    def add(self, case: Case) -> bool:
        """Remember a case; return whether it is new."""
        if self._seen is None or size(case) > 1:
            return True
        key = identity(case)
        if key in self._seen:
            self._repeats += 1
            self.is_exhausted = self._repeats >= max(REPEATS, 10 * len(self._seen))
            return False
        self._repeats = 0
        self._seen.add(key)
        if len(self._seen) > FEW:
            self._seen = None
        return True
