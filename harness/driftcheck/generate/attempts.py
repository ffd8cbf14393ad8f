"""
Attempts: the simplest case so far that shows a signature, and the attempts to make it simpler.

Counts the calls of the judge, and ends the shrinking when there were enough. Knows nothing of what to try.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any, Generic

from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice, Choices, Runner, replay
from driftcheck.generate.coder import CannotLift
from driftcheck.generate.cutting import Case
from driftcheck.generate.strategy import CaseStrategy

Judge = Callable[[Case], Hashable | None]


class Ended(Exception):
    """The shrinking may not go on."""


class Attempts(Generic[Case]):
    """One shrink: the simplest choices so far that show the signature, and the calls of the judge.

    Args:
        others: receives other signatures, each with its first case.
    """

    def __init__(
        self,
        strategy: CaseStrategy[Case],
        judge: Judge[Case],
        signature: Hashable,
        seed: int,
        max_calls: int,
        stop: Callable[[], bool],
        others: dict[Hashable, Case],
    ) -> None:
        self.choices: Choices = ()
        self.others = others
        self.takes_others = True  # False: what else a case shows is not reported
        self.calls = 0
        self._strategy = strategy
        self._judge = judge
        self._signature = signature
        self._max_calls = max_calls
        self._stop = stop
        self._runner = Runner(strategy, self._judged, seed)

    def _judged(self, case: Case) -> Hashable | None:
        self.end_if_over()
        self.calls += 1
        signature = self._judge(case)
        if signature is not None and signature != self._signature and self.takes_others:
            self.others.setdefault(signature, case)
        return signature

    def end_if_over(self) -> None:
        """Raise Ended if the judge was called often enough, or the shrinking has to stop."""
        if self.calls >= self._max_calls or (self.calls and self._stop()):
            raise Ended

    @property
    def plan(self) -> p.Plan:
        """Return what the cases are drawn from."""
        return self._strategy.interpreter.plan

    def case(self) -> Case:
        """Return the simplest case so far."""
        case = replay(self._strategy, self.choices)
        assert case is not None
        return case

    def drawn(self, choices: Choices) -> Case | None:
        """Return the case that these choices draw; None where they draw none."""
        return replay(self._strategy, choices)

    def attempt(self, case: Case, *, only_simpler: bool = False) -> bool:
        """Make a case the simplest one if it shows the signature."""
        try:
            choices = self._strategy.lift(case)
        except CannotLift:
            return False
        return self.attempt_choices(choices, only_simpler=only_simpler)

    def attempt_choices(self, choices: Choices, *, only_simpler: bool = True) -> bool:
        """Make the case of these choices the simplest one if it shows the signature."""
        if only_simpler and not weight(choices) < weight(self.choices):
            return False
        signature, taken = self._runner.try_choices(choices)
        if signature != self._signature or (only_simpler and not weight(taken) < weight(self.choices)):
            return False
        self.choices = taken
        return True

    def shrink_choices(self) -> None:
        """Let Hypothesis shrink the choices."""

        def improved(choices: Choices) -> None:
            self.choices = choices

        deletes = not self._strategy.interpreter.is_flat
        self.choices = self._runner.shrink(self.choices, self._signature, improved, deletes=deletes)


def weight(choices: Choices) -> tuple[int, list[tuple[int, float, Any]]]:
    """Return a key that orders choices nearly as Hypothesis does, but is cheap for long text."""
    return len(choices), [_weight_of(choice) for choice in choices]


def _weight_of(choice: Choice) -> tuple[int, float, Any]:
    match choice:
        case bool():
            return 0, choice, 0
        case int():
            return 1, abs(choice), choice < 0
        case float():
            return 2, math.inf if math.isnan(choice) else abs(choice), math.copysign(1, choice) < 0
        case str():
            return 3, len(choice), [(ord(c) - ord("0")) % 0x110000 for c in choice]
        case bytes():
            return 4, len(choice), choice
