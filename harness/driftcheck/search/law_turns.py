"""
The turns of the laws: which law has its next case, from the first traces of a run on.

Each law has one case for every ten traces. The cases come one by one, so that a short run reaches each
law. A law that few cases have decided, or that a case has just broken, has more turns. Knows nothing of how
cases are drawn or judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

LAW_SHARE = 10  # traces for one case of each law
ENOUGH = 10  # cases in which a law was decided; until then it has twice as many turns
AGAIN = 16  # turns that a law has more often after a case has broken it
MORE_OFTEN = 4
# Of a run whose time is limited. Laws may take many steps, and traces must go on.
MOST_TIME = 0.1
MOST_TIME_AT_FIRST = 0.4  # until each law was decided often enough


@attrs.define
class LawTurns:
    """Counts the turns of each law."""

    laws: Sequence[str]
    _given: Counter[str] = attrs.field(factory=Counter, init=False)
    _credit: dict[str, float] = attrs.field(factory=dict, init=False)  # turns, each divided by its weight
    _decided: Counter[str] = attrs.field(factory=Counter, init=False)
    _again: Counter[str] = attrs.field(factory=Counter, init=False)

    def due(self, traces: int, *, time_taken: float = 0.0) -> Iterator[str]:
        """Yield the laws whose turn it is after a number of traces, each for one case.

        Args:
            time_taken: the part of the time of the run that laws have taken; 0 where time is not limited.
        """
        most = -(-traces * len(self.laws) // LAW_SHARE)
        is_early = any(self._decided[law] < ENOUGH for law in self.laws)
        most_time = MOST_TIME_AT_FIRST if is_early else MOST_TIME
        while self._given.total() < most and time_taken <= most_time:
            law = min(self.laws, key=lambda one: self._credit.get(one, 0.0))
            self._given[law] += 1
            self._credit[law] = self._credit.get(law, 0.0) + 1 / self._weight(law)
            yield law

    def end(self, law: str, *, is_decided: bool, is_broken: bool) -> None:
        """Take what a case of a law has shown."""
        self._decided[law] += is_decided
        self._again[law] = AGAIN if is_broken else max(0, self._again[law] - 1)

    def _weight(self, law: str) -> float:
        return (2 if self._decided[law] < ENOUGH else 1) * (MORE_OFTEN if self._again[law] else 1)
