"""
Counters that tell each other how far they have come: several instances in one trace, and peers.

Where `DRIFTCHECK_GOSSIP`, in the environment, is "skips", the model skips the addition of odd numbers.
"""

from __future__ import annotations

from itertools import permutations
from typing import Annotated

import attrs

from driftcheck import (
    U64,
    Contract,
    Fault,
    Handle,
    Peer,
    Rejection,
    Steps,
    distinct,
    ge,
    invariant,
    law,
    le,
    lt,
    operation,
    query,
    shared,
)

VARIABLE = "DRIFTCHECK_GOSSIP"

Small = Annotated[int, ge(0), le(9)]


@attrs.frozen
class Counts:
    """What one counter knows of all."""

    place: U64
    counts: dict[U64, U64]


class Mark: ...


class Gossip(Contract, instances=3):
    """A counter that only grows, of which each instance counts a part (Shapiro et al., 2011, a G-Counter)."""

    full = Rejection("the limit of all is reached")
    unheard = Rejection("the peer was not heard", retryable=True)
    lost = Fault("the answer is lost")
    twice = Fault("the answer comes twice")

    def open(
        self,
        place: Annotated[int, distinct, ge(0), lt(3)],
        limit: Annotated[int, shared, ge(1), le(9)],
        start: Small,
    ) -> None:
        """Count as the instance of that place; a start beyond its type is refused."""

    def state(self) -> Counts: ...
    @operation(rejects=[full])
    def add(self, n: Small) -> U64:
        """Count on, and return the sum that is known; reject what would go past the limit."""

    @operation(rejects=[unheard], faults=[lost, twice], idempotent=True)
    def pull(self, peer: Peer) -> U64:
        """Learn what the peer knows."""

    @operation(changes_peer=True)
    def meet(self, peer: Peer) -> U64:
        """Learn from each other."""

    @query(history=True)
    def losses(self) -> U64:
        """Tell how many answers were lost."""

    @operation
    def mark(self) -> Handle[Mark]: ...
    @query
    def since(self, mark: Handle[Mark]) -> U64:
        """Tell by how much the sum has grown since."""

    @query
    def ahead(self, peer: Peer, by: U64) -> bool:
        """Tell whether the peer knows of a sum that is greater by more than that."""

    @invariant
    def knows_itself(self, state: Counts) -> bool:
        return state.place in state.counts

    @law
    def converges(self) -> bool:
        for one, other in permutations(self.instances, 2):
            one.pull(other)
        for one, other in permutations(self.instances, 2):
            one.pull(other)
        return len({tuple(sorted(one.state().counts.items())) for one in self.instances}) == 1

    @law
    def only_grows(self, between: Steps) -> bool:
        mark = self.mark()
        before = self.state()
        self.run(between)
        after = self.state()
        return self.since(mark) == sum(after.counts.values()) - sum(before.counts.values())
