"""
How far the run of one contract is, in figures.

Knows no terminal.
"""

from __future__ import annotations

import time

import attrs

from driftcheck.search.budget import Budget


@attrs.define
class Progress:
    """How far the run of one contract is."""

    name: str
    budget: Budget = attrs.field(factory=Budget)
    phase: str = "waiting"  # "" while it searches
    begun: float | None = None  # when its turn began, by the monotonic clock
    started: float | None = None  # when the search began
    ended: float | None = None
    inputs: int = 0
    findings: int = 0
    building: list[str] = attrs.field(factory=list)  # subjects whose builds began
    is_broken: bool = False

    @property
    def seconds(self) -> float:
        """Return how long the search has taken."""
        if self.started is None:
            return 0.0
        return (time.monotonic() if self.ended is None else self.ended) - self.started

    @property
    def rate(self) -> float:
        """Return inputs per second."""
        return self.inputs / self.seconds if self.seconds else 0.0

    @property
    def share(self) -> float:
        """Return the part of the budget that is spent, from 0 to 1."""
        if self.ended is not None:
            return 1.0
        shares = [0.0]
        if self.budget.max_traces:
            shares.append(self.inputs / self.budget.max_traces)
        if self.budget.max_time_s:
            shares.append(self.seconds / self.budget.max_time_s)
        return min(1.0, max(shares))

    @property
    def left_s(self) -> float | None:
        """Return how many seconds the search may still take, or None if that is not known."""
        if self.ended is not None or not self.share:
            return self.budget.max_time_s
        return max(0.0, self.seconds / self.share - self.seconds)


def counted(count: int) -> str:
    """Return a number of findings as text."""
    return f"{count} finding{'' if count == 1 else 's'}"
