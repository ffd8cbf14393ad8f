"""
The budget of a run: how many traces it may judge, and how long it may take.

The number of traces shapes what a run finds; the time only ends it. Knows nothing of cases or verdicts.
"""

from __future__ import annotations

import time

import attrs

REST_S = 10.0  # beyond the time of the budget, to begin to shrink what waits
GRACE_S = 30.0  # beyond the time of the budget, to finish the finding that is being shrunk


@attrs.frozen
class Budget:
    """When a run ends; without a limit it ends only when it is interrupted."""

    max_traces: int | None = None
    max_time_s: float | None = None


class Clock:
    """The time that a run has taken, and what is left of its budget."""

    def __init__(self, budget: Budget) -> None:
        self._max_time_s = budget.max_time_s
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._started

    def end(self) -> None:
        """Let the time of the budget be over now, if it is not over already."""
        self._max_time_s = self.seconds if self._max_time_s is None else min(self._max_time_s, self.seconds)

    def is_over(self, grace_s: float = 0.0) -> bool:
        """Say whether the time of the budget, and a number of seconds beyond it, have passed."""
        return self._max_time_s is not None and self.seconds >= self._max_time_s + grace_s
