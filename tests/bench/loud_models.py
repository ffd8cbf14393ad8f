"""A contract with three operations that differ at each call, and a fault that takes two steps to show."""

from __future__ import annotations

import os
from typing import Annotated

from driftcheck import U64, Contract, ge, le, operation

LOUD = "DRIFTCHECK_LOUD"  # in the environment of the host: the three operations differ
Small = Annotated[int, ge(0), le(30)]


class Quiet(Contract):
    """Counts, and answers three questions."""

    def state(self) -> U64: ...
    @operation
    def first(self, number: Small) -> U64: ...
    @operation
    def second(self, number: Small) -> bool: ...
    @operation
    def third(self, number: Small) -> str: ...
    @operation
    def add(self, number: Small) -> U64: ...


class QuietGo(Quiet):
    """Is right."""

    def open(self) -> None:
        self.total = self.last = 0

    def state(self) -> int:
        return self.total

    def first(self, number: int) -> int:
        return number

    def second(self, number: int) -> bool:
        return number > 3

    def third(self, number: int) -> str:
        return str(number)

    def add(self, number: int) -> int:
        self.total, self.last = self.total + number, number
        return self.total


class QuietRust(QuietGo):
    """Loses one where 17 follows 11, and answers otherwise where it is told to be loud."""

    is_loud = bool(os.environ.get(LOUD))

    def first(self, number: int) -> int:
        return number + 100 * self.is_loud

    def second(self, number: int) -> bool:
        return (number > 3) != self.is_loud

    def third(self, number: int) -> str:
        return f"{number}{'!' * self.is_loud}"

    def add(self, number: int) -> int:
        lost = self.last == 11 and number == 17
        return super().add(number) - lost
