"""
How contracts share the time of a campaign: those that still yield something new get more.

Half of the time is shared equally. The other half goes to each contract in proportion to what it has yielded
for each second. What a turn yielded counts half as much after each later turn. Knows names and numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import attrs

LEAST = 0.5  # of the time, which all contracts share equally
OF_A_FINDING = 10.0  # new entries of a corpus that count as much as a new finding
FADING = 0.5  # of what a turn counts when the next one has ended


@attrs.define
class _Share:
    passed: float = 0.0  # seconds taken, over the weight that the contract had when it took them
    yielded: float = 0.0
    seconds: float = 0.0

    @property
    def rate(self) -> float | None:
        return self.yielded / self.seconds if self.seconds else None


class TimeShares:
    """The shares of several contracts."""

    def __init__(self, names: Iterable[str]) -> None:
        self._shares = {name: _Share() for name in names}

    def next(self, names: Collection[str]) -> str:
        """Return which contract has the next turn: the one that has had the least time for its weight."""
        return min((name for name in self._shares if name in names), key=lambda one: self._shares[one].passed)

    def begin(self, name: str, seconds: float) -> None:
        """Note that a contract takes a turn, so that not all workers turn to the same contract."""
        self._shares[name].passed += seconds / self.weight(name)

    def end(self, name: str, planned_s: float, seconds: float, *, entries: int, findings: int) -> None:
        """Note what a turn has yielded.

        Args:
            planned_s: the seconds that `begin` was told.
            seconds: those that it took.
        """
        share = self._shares[name]
        share.passed += (seconds - planned_s) / self.weight(name)
        share.yielded = FADING * share.yielded + entries + OF_A_FINDING * findings
        share.seconds = FADING * share.seconds + seconds

    def weight(self, name: str) -> float:
        """Return the part of the time that a contract should have, from 0 to 1."""
        equal = 1 / len(self._shares)
        known = {one: share.rate for one, share in self._shares.items() if share.rate is not None}
        hoped = max(known.values(), default=0.0)  # for a contract that has had no turn
        rates = {one: known.get(one, hoped) for one in self._shares}
        total = sum(rates.values())
        by_yield = rates[name] / total if total else equal
        return LEAST * equal + (1 - LEAST) * by_yield
