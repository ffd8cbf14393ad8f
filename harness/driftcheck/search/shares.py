"""
The shares of a run: how much of its work goes into the search, and how much into what it found.

With a budget in traces, work is counted in judged cases, so that a seed gives the same run on any machine.
Otherwise it is counted in seconds. Knows nothing of what the work is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

SHARE_OF_NEW = 0.5  # of the work: at most this to examine, shrink and confirm what is new
SHARE_OF_AGAIN = 0.1  # at most this to look again at what is probably known
CASES_OF_AN_EXAMINATION = 8  # judged cases that an examination, or a confirmation, usually takes


@attrs.define
class Shares:
    """The work that was done so far, in one unit."""

    in_seconds: bool
    searched: float = 0.0
    on_new: float = 0.0
    on_again: float = 0.0
    _resumed: float = attrs.field(factory=time.monotonic, init=False)
    _cases: float = attrs.field(default=0.0, init=False)

    def add_cases(self, count: int) -> None:
        """Count cases that were judged."""
        self._cases += count

    def end_search(self) -> None:
        """Count the work since the last call, or since the last examination, as search."""
        self.searched += self._taken()

    @contextmanager
    def examination(self, *, again: bool) -> Iterator[None]:
        """Count the work in this block as an examination."""
        self.end_search()
        try:
            yield
        finally:
            if again:
                self.on_again += self._taken()
            else:
                self.on_new += self._taken()

    def allow_new(self) -> bool:
        """Say whether triage may examine something new now."""
        return self.on_new <= SHARE_OF_NEW / (1 - SHARE_OF_NEW) * self.searched

    def allow_again(self) -> bool:
        """Say whether triage may examine something that is probably known now."""
        return self.on_again <= SHARE_OF_AGAIN * self.searched

    def _taken(self) -> float:
        now = time.monotonic()
        taken = now - self._resumed if self.in_seconds else self._cases
        self._resumed, self._cases = now, 0.0
        return taken
