"""The counters in Python."""

from __future__ import annotations

import os
from typing import Any

from driftcheck import Fault, Handle, Skip
from gossip import VARIABLE, Counts, Gossip


class GossipModel(Gossip):
    """Counts."""

    def open(self, place: int, limit: int, start: int) -> None:
        if start > 9:
            raise self.full()
        self.place, self.limit, self.counts, self.lost_ones = place, limit, {place: start}, 0

    def state(self) -> Counts:
        return Counts(self.place, self.counts)

    def add(self, n: int) -> int:
        if n % 2 and os.environ.get(VARIABLE) == "skips":
            raise Skip
        if self.counts[self.place] + n > self.limit:
            raise self.full()
        self.counts[self.place] += n
        return self._sum()

    def pull(self, peer: Any, fault: Fault | None) -> int:
        if fault is self.lost:
            self.lost_ones += 1
            raise self.unheard()
        for _ in range(2 if fault is self.twice else 1):
            self._learn(peer)
        return self._sum()

    def losses(self) -> int:
        return self.lost_ones

    def _learn(self, peer: Any) -> None:
        for place, count in peer.counts.items():
            self.counts[place] = max(count, self.counts.get(place, 0))

    def meet(self, peer: Any) -> int:
        self._learn(peer)
        peer._learn(self)
        return self._sum()

    def mark(self) -> Handle[Any]:
        return Handle(self._sum())

    def since(self, mark: Handle[Any]) -> int:
        return self._sum() - int(mark.value)

    def ahead(self, peer: Any, by: int) -> bool:
        return bool(peer._sum() > self._sum() + by)

    def _sum(self) -> int:
        return sum(self.counts.values())
