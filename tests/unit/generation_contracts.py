"""Contracts that the tests of drawing use."""

from __future__ import annotations

import enum
from typing import Annotated

import attrs
from hypothesis import strategies as st

from driftcheck import (
    I64,
    U64,
    Closing,
    Contract,
    Handle,
    Json,
    Payload,
    Rejection,
    Steps,
    ge,
    generated,
    in_,
    law,
    le,
    matches_re,
    max_len,
    min_len,
    names,
    operation,
    query,
    schema_of,
)
from driftcheck.core.trace import LawCase, Trace
from driftcheck.generate.coder import identity

Key = Annotated[str, min_len(1), max_len(8), names(4)]


@attrs.frozen
class Entry:
    key: str
    value: bytes


class Cursor:
    pass


class Lru(Contract):
    """A bounded map that evicts the least recently used entry."""

    absent = Rejection("no such key")

    def open(self, capacity: Annotated[int, ge(1), le(4)]) -> None: ...
    def state(self) -> tuple[Entry, ...]: ...
    @operation
    def put(self, key: Key, value: Annotated[bytes, max_len(16)]) -> Entry | None: ...
    @operation(rejects=[absent])
    def get(self, key: Key) -> bytes: ...
    @query(rejects=[absent])
    def peek(self, key: Key) -> bytes: ...
    @operation
    def remove(self, key: Key) -> bool: ...
    @operation
    def resize(self, capacity: Annotated[int, ge(1), le(4)]) -> Annotated[int, ge(0), le(4)]: ...
    @operation
    def walk(self) -> Handle[Cursor]: ...
    @operation
    def advance(self, cursor: Handle[Cursor]) -> Entry | None: ...
    @operation
    def finish(self, cursor: Closing[Handle[Cursor]]) -> Annotated[int, ge(0), le(4)]: ...
    @law
    def undone(self, key: Key, between: Steps, after: Steps) -> bool: ...
    @law(fresh=True)
    def fresh(self, value: Annotated[int, ge(0), le(9), names(3)], between: Steps) -> bool: ...


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"
    BLUE = "b"


@attrs.frozen
class Leaf:
    name: Key
    at: Annotated[float, ge(0.0)]


@attrs.frozen
class Tree:
    leaves: Annotated[tuple[Leaf, ...], max_len(3)]
    colour: Colour


@attrs.frozen
class Doc:
    id: I64
    name: Annotated[str, max_len(64)]
    score: Annotated[float, ge(-1e9), le(1e9)]
    note: str | None
    tags: Annotated[tuple[str, ...], max_len(8)]


class Every(Contract):
    """Takes a value of every type there is."""

    def open(self, name: Key, start: U64) -> None: ...
    def state(self) -> bool: ...
    @operation
    def numbers(self, a: I64, b: U64, c: Annotated[int, ge(-3), le(500)], d: bool) -> None: ...
    @operation
    def floats(
        self, a: float, b: Annotated[float, ge(0.0), le(1.5)], c: Annotated[float, le(-3.0)]
    ) -> None: ...
    @operation
    def texts(
        self,
        a: str,
        b: Annotated[str, min_len(3), max_len(5)],
        c: Annotated[str, matches_re(r"[a-z]{2}-\d+"), max_len(9)],
        d: bytes,
    ) -> None: ...
    @operation
    def nested(self, a: Tree | Leaf, b: Tree | None, c: dict[str, Colour]) -> None: ...
    @operation
    def chosen(
        self,
        a: Annotated[str, in_(["x", "yy"])],
        b: Annotated[str, generated(st.text("ab", min_size=1).map(str.upper))],
        c: Annotated[dict[Colour, bool], min_len(1)],
        d: Annotated[Colour, names(2)],
    ) -> None: ...
    @operation(weight=30)
    def read(self, document: Payload[Doc, Json]) -> None: ...


class Reads(Contract):
    """Reads a document; without state."""

    malformed = Rejection("not a Doc", catch_all=True)

    @operation
    def decode(self, document: Payload[Doc, Json]) -> Doc: ...


class Tiny(Contract):
    """Has sixteen cases in all."""

    @operation
    def both(self, a: bool, b: Annotated[int, ge(0), le(7)]) -> bool: ...


LRU, EVERY, READS, TINY = map(schema_of, (Lru, Every, Reads, Tiny))


def same_case(one: Trace | LawCase, other: Trace | LawCase) -> bool:
    """Say whether two cases have the same bits."""
    return bool(identity(one) == identity(other))
