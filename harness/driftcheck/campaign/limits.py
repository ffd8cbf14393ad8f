"""
When a campaign ends, and how long its turns are, so that a short campaign has several of them too.

Knows times, names and the states of contracts. Knows no worker.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs

from driftcheck.campaign.state import State

LONGEST_TURN_S, SHORTEST_TURN_S = 60.0, 1.0
TURNS_OF_A_CAMPAIGN = 20  # for each worker at least


@attrs.define
class Staleness:
    """How long a campaign has searched without anything new.

    Builds, starting a turn, running the corpus and shrinking do not count, since they draw no inputs.
    """

    seconds: float = 0.0
    names: set[str] = attrs.field(factory=set)  # of the contracts that were searched in these

    def search(self, names: Collection[str], seconds: float) -> None:
        """Count some seconds in which these contracts were searched, if there are any."""
        if names:
            self.seconds += seconds
            self.names.update(names)

    def end(self) -> None:
        """Begin again, because something new was seen."""
        self.seconds = 0.0
        self.names.clear()


@attrs.frozen
class Limits:
    """When a campaign ends."""

    max_time_s: float | None = None
    until_stale_s: float | None = None  # of search without anything new in any contract
    max_findings: int | None = None  # new ones

    def left_s(self, seconds: float) -> float | None:
        """Return the seconds that are left after some seconds; None without a limit."""
        return None if self.max_time_s is None else max(0.0, self.max_time_s - seconds)

    def why_to_end(self, states: Sequence[State], seconds: float, staleness: Staleness) -> str:
        """Return which limit ends a campaign, in one word; empty if it goes on.

        Args:
            states: of its contracts.
            seconds: how long its workers have had turns.
            staleness: how long they have searched without anything new.
        """
        searched = [state for state in states if not state.is_broken]
        if not searched:
            return "fault"
        if self.left_s(seconds) == 0:
            return "time"
        if self.max_findings is not None and sum(len(state.new) for state in states) >= self.max_findings:
            return "findings"
        is_stale = self.until_stale_s is not None and staleness.seconds >= self.until_stale_s
        return "stale" if is_stale and staleness.names >= {state.name for state in searched} else ""

    def turn_s(self, seconds: float, *, most: float = LONGEST_TURN_S) -> float:
        """Return how many seconds the next turn searches, after some seconds of the campaign."""
        for limit in (self.max_time_s, self.until_stale_s):
            if limit is not None:
                most = min(most, max(SHORTEST_TURN_S, limit / TURNS_OF_A_CAMPAIGN))
        left = self.left_s(seconds)
        return most if left is None else min(most, left)
