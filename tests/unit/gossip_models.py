"""Models of the counters that tell each other, each with a fault; they run in hosts."""

from __future__ import annotations

from typing import Any

from gossip.model import GossipModel

from driftcheck import Fault


class Aliasing(GossipModel):
    """Keeps what it learnt from a peer in the peer's own map."""

    def pull(self, peer: Any, fault: Fault | None) -> int:
        told = super().pull(peer, fault)
        if len(self.counts) == len(peer.counts):
            self.counts |= peer.counts
            peer.counts = self.counts
        return told


class Adding(GossipModel):
    """Adds what a peer says to what it knows, where the greater of the two would do."""

    def pull(self, peer: Any, fault: Fault | None) -> int:
        for place, count in peer.counts.items():
            if place != self.place:
                self.counts[place] = count + (self.counts.get(place, 0) and 1)
        return self._sum()


class Telling(GossipModel):
    """Tells the peer what it knows when it only asks."""

    def ahead(self, peer: Any, by: int) -> bool:
        is_ahead = super().ahead(peer, by)
        peer._learn(self)
        return is_ahead


class Echoing(GossipModel):
    """Adds what comes twice."""

    def pull(self, peer: Any, fault: Fault | None) -> int:
        told = super().pull(peer, fault)
        if fault is self.twice:
            self.counts[self.place] += 1
        return told


class Tiring(GossipModel):
    """Says nothing of the sum any more once an answer was lost."""

    def ahead(self, peer: Any, by: int) -> bool:
        return super().ahead(peer, by) and not self.lost_ones


class Contrary(GossipModel):
    """Hears what is lost, and nothing else."""

    def pull(self, peer: Any, fault: Fault | None) -> int:
        return super().pull(peer, None if fault is self.lost else self.lost)


class Overhearing(GossipModel):
    """Learns from an answer that is lost: once a count, then another name."""

    def pull(self, peer: Any, fault: Fault | None) -> int:
        if fault is self.lost and len(self.counts) == 1:
            self.counts[self.place] += 1
        elif fault is self.lost:
            self.place += 3
        return super().pull(peer, fault)
