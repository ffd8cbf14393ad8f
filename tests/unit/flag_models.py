"""A contract with flags, and models of it, one of which lets them change results."""

from __future__ import annotations

from typing import Annotated

from driftcheck import U64, Contract, flag, ge, le, operation, query

Small = Annotated[int, ge(0), le(9)]


class Sums(Contract):
    """Adds numbers, in one way or another."""

    def open(self, fast: Annotated[bool, flag]) -> None: ...
    def state(self) -> U64: ...
    @operation
    def add(self, n: Small) -> U64: ...
    @operation(neutral=True)
    def switch(self, fast: bool) -> bool:
        """Choose the way; return the one before."""

    @query(history=True)
    def way(self) -> bool: ...


class Right(Sums):
    """Adds alike in both ways."""

    def open(self, fast: bool) -> None:
        self.fast, self.sum = fast, 0

    def state(self) -> int:
        return self.sum

    def add(self, n: int) -> int:
        self.sum += n
        return self.sum

    def switch(self, fast: bool) -> bool:
        before, self.fast = self.fast, fast
        return before

    def way(self) -> bool:
        return self.fast


class Hasty(Right):
    """Cannot add 9 in the fast way."""

    def add(self, n: int) -> int:
        return super().add(8 if self.fast and n == 9 else n)
