"""A contract with several queries about one state, and models with faults of the state or of the queries."""

from __future__ import annotations

from typing import Annotated

from driftcheck import U64, Contract, le, max_len, operation, query

Label = Annotated[str, max_len(4)] | None
Number = Annotated[U64, le(1000)]


class Shelf(Contract):
    """Keeps numbers, each with a label or without."""

    def open(self) -> None: ...
    def state(self) -> U64: ...
    @operation
    def put(self, number: Number, label: Label) -> None: ...
    @query
    def labels(self) -> Annotated[tuple[Label, ...], max_len(50)]: ...
    @query
    def labelled(self) -> U64: ...
    @query
    def last(self) -> Label: ...
    @query
    def total(self) -> U64: ...
    @query
    def greatest(self) -> U64: ...


class ShelfGo(Shelf):
    """Keeps what it gets."""

    def open(self) -> None:
        self.kept: list[tuple[int, str | None]] = []

    def state(self) -> int:
        return len(self.kept)

    def put(self, number: int, label: str | None) -> None:
        self.kept.append((number, label))

    def labels(self) -> tuple[str | None, ...]:
        return tuple(label for _, label in self.kept)

    def labelled(self) -> int:
        return sum(label is not None for _, label in self.kept)

    def last(self) -> str | None:
        return self.kept[-1][1] if self.kept else None

    def total(self) -> int:
        return sum(number for number, _ in self.kept)

    def greatest(self) -> int:
        return max((number for number, _ in self.kept), default=0)


class ShelfLosesLabels(ShelfGo):
    """Keeps an empty label as none."""

    def put(self, number: int, label: str | None) -> None:
        super().put(number, label or None)


class ShelfLosesTwo(ShelfGo):
    """Keeps an empty label as none, and 100 as the greatest number."""

    def put(self, number: int, label: str | None) -> None:
        super().put(min(number, 100), label or None)


class ShelfCountsWrong(ShelfGo):
    """Is wrong in two queries as soon as it keeps anything."""

    def labelled(self) -> int:
        return super().labelled() + bool(self.kept)

    def greatest(self) -> int:
        return super().greatest() + 2 * bool(self.kept)
