"""A contract, and a model of it that is rarely nondeterministic."""

from __future__ import annotations

import random

from driftcheck import U64, Contract, operation, query


class Turns(Contract):
    """Counts turns."""

    def state(self) -> U64: ...
    @operation
    def turn(self) -> U64: ...
    @query
    def last(self) -> U64: ...


class Moody(Turns):
    """Tells of one turn more, once in eight times: as Go walks a map of two entries."""

    def open(self) -> None:
        self.turns = 0

    def state(self) -> int:
        return self.turns

    def turn(self) -> int:
        self.turns += 1
        return self.turns

    def last(self) -> int:
        return self.turns + (random.randrange(8) == 0)
