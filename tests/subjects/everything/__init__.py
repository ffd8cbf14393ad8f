"""
A contract with every type that there is, whose subjects give back what they are given.

Its names and docstrings are such as generated code could trip over, in Go or in Rust.
"""

from __future__ import annotations

import enum
from typing import Annotated

import attrs

import driftcheck
from driftcheck import I64, U64, Closing, Contract, Handle, Payload, Rejection, ge, le, operation
from driftcheck.codecs import Codec


class Hex(Codec[int]):
    """A number in hexadecimal digits."""

    def encode(self, value: int) -> bytes:
        return b"%x" % value


class Colour(enum.Enum):
    RED = "r"
    DARK_GREEN = "g"
    Self = "s"


@attrs.frozen
class Nothing:
    """A record without fields."""


@attrs.frozen
class Circle:
    radius: float
    id: U64


@attrs.frozen
class Short:
    seven_s: I64


@attrs.frozen
class Eight:
    eight_ss: I64


@attrs.frozen
class String:
    """A record with the name of a type of Rust's own."""

    type: str


Angle = Annotated[float, driftcheck.nan_equal]


@attrs.frozen
class Drawing:
    """A record of everything.

    - With a list.
        and code

    # Heading
    """

    shapes: tuple[Circle | Nothing, ...]
    note: str | None
    colours: dict[Colour, tuple[bytes, ...] | None]
    first: Circle | Nothing | None
    of_type: I64
    short: Short | None
    eight: Eight | None
    string: String | None
    angles: Annotated[tuple[Angle, ...], driftcheck.unordered]


@attrs.frozen
class Place:
    """Where something is odd."""

    path: tuple[str, ...]
    shape: Circle | Nothing | None


class Mark: ...


class Page: ...


Angles = dict[str, tuple[Angle, ...] | None]


class Everything(Contract):
    """Echoes a value of each type.

      1. A list
    \t* and code.

    //go:build ignore */ %d {} "quoted" [link]
    """

    too_much = Rejection('says "no"\n')
    elsewhere = Rejection("odd in another place", retryable=True, detail=Place)
    counted = Rejection("so many", detail=dict[str, U64])
    malformed = Rejection("what the library says", catch_all=True)

    def open(self, type: str, func_: I64 | None) -> None:  # noqa: A002 - a keyword in both languages
        """Keep 2 under `type`; hand on a negative number as the library's own error."""

    def state(self) -> dict[str, U64]: ...
    @operation
    def boolean(self, r: bool) -> bool: ...
    @operation
    def signed(self, w: I64) -> I64: ...
    @operation
    def unsigned(self, result: U64) -> U64: ...
    @operation
    def real(self, float64: float) -> float: ...
    @operation
    def real_nan_equal(self, v1: Angle) -> Angle: ...
    @operation
    def text(self, string: str) -> str: ...
    @operation
    def raw(self, bytes_: bytes) -> bytes: ...
    @operation
    def colour(self, range: Colour) -> Colour: ...  # noqa: A002 - a keyword in Go
    @operation
    def record(self, drawing: Drawing) -> Drawing: ...
    @operation
    def union(self, shape: Circle | Nothing) -> Circle | Nothing: ...
    @operation
    def optional(self, value: bytes | None) -> bytes | None: ...
    @operation
    def sequence(self, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]: ...
    @operation
    def unordered(
        self, value: Annotated[tuple[str, ...], driftcheck.unordered]
    ) -> Annotated[tuple[str, ...], driftcheck.unordered]: ...
    @operation
    def nested(self, value: Angles) -> Angles: ...
    @operation
    def by_text(self, value: dict[str, dict[bool, I64]]) -> dict[str, dict[bool, I64]]: ...
    @operation
    def by_bytes(self, value: dict[bytes, str | None]) -> dict[bytes, str | None]: ...
    @operation
    def by_int(self, value: dict[I64, U64]) -> dict[I64, U64]: ...
    @operation
    def payload(self, document: Payload[U64, Hex]) -> Payload[U64, Hex]: ...
    @operation
    def many(
        self,
        r: U64,
        w: U64,
        step: U64,
        opened: U64,
        f64: U64,
        str_: U64,
        match: U64,
        live: U64,
        err: U64,
        subject: U64,
    ) -> tuple[U64, ...]:
        """Take more than stands on a line."""

    @operation(rejects=[too_much])
    def import_(self, subject: U64, b: I64) -> None:
        """Reject `subject` above 1."""

    @operation(rejects=[elsewhere, counted])
    def refuse(self, detail: Place, w: dict[str, U64] | None) -> None:
        """Reject with either."""

    @operation
    def keep(self, key: str, length: Annotated[int, ge(0), le(6000)]) -> U64 | None:
        """Keep `length` in the state, under a key that is as much longer; return what was there."""

    @operation
    def begin(self) -> Handle[Mark]: ...
    @operation
    def turn(self) -> Handle[Page]: ...
    @operation
    def end(self, mark: Closing[Handle[Mark]], other: Handle[Mark]) -> U64:
        """Count in `other` how often it was given here."""

    @operation
    def both(self, page: Handle[Page], mark: Handle[Mark]) -> None: ...
