"""
What a run has learned about arguments: with which of them steps are accepted.

Counts the steps of each operation by a feature of each argument. A feature is coarse: None or a value, an
enum, a small number, a mutated document, and of a name the operation that last changed something under it.
Knows nothing of how choices are drawn.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from typing import Any

from driftcheck.core.trace import Document, Step
from driftcheck.generate.guidance import Seen

SMALL = 16  # numbers up to this are features of their own
RARELY = 0.01  # an operation that changes the state less often does not count as the last one of a name

Feature = tuple[str, int, Any]  # operation, number of the argument, what it is
_DIFFERENT = object()


def kind_of(value: Any) -> Any:
    """Return the feature of an argument that is not a name; None if it has none."""
    match value:
        case None:
            return "none"
        case bool() | enum.Enum():
            return value
        case int():
            return value if -SMALL <= value <= SMALL else None
        case Document():
            return value.mutations[:1] or (value.seed is not None, value.value is None)
        case _:
            return "some"


class Learned:
    """Counts of accepted and of all steps, by feature."""

    def __init__(self) -> None:
        self._all: Counter[Feature] = Counter()
        self._accepted: Counter[Feature] = Counter()
        self._steps: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()
        self._answers: dict[str, Any] = {}  # the first one of each operation that has always given the same

    def count(
        self, steps: Sequence[Step], seen: Sequence[Seen], features: Sequence[Sequence[Feature]]
    ) -> None:
        """Count the steps of a trace, each with its features."""
        for step, one, of_step in zip(steps, seen, features, strict=False):
            if not one.is_judged or step.fault is not None:
                continue
            self._steps[step.operation] += 1
            self._changes[step.operation] += one.has_changed
            self._all.update(of_step)
            if one.is_accepted:
                self._accepted.update(of_step)
                if self._answers.setdefault(step.operation, one.answer) != one.answer:
                    self._answers[step.operation] = _DIFFERENT

    def share(self, feature: Feature) -> float:
        """Estimate how likely a step with the feature is accepted."""
        return (self._accepted[feature] + 1) / (self._all[feature] + 1)

    def changes(self, operation: str) -> bool:
        """Say whether an operation changes the state, as far as it is known."""
        return self._changes[operation] >= RARELY * self._steps[operation]

    def constant(self) -> list[str]:
        """Return the operations with a result that has always been the same."""
        return [name for name, one in self._answers.items() if one is not _DIFFERENT and one is not None]
