"""CBOR documents (RFC 8949): Go's `fxamacker/cbor` beside Rust's `ciborium` and `cbor4ii`."""

from __future__ import annotations

import enum
from typing import Annotated

import attrs

from driftcheck import (
    I64,
    U64,
    Cbor,
    Contract,
    DeterministicCbor,
    Payload,
    Rejection,
    UntypedCbor,
    max_len,
    nan_equal,
    operation,
)

Real = Annotated[float, nan_equal]  # a protocol chooses whether a NaN has a payload (RFC 8949, 4.2.2)


class Level(enum.Enum):
    """A volume."""

    LOW = 1
    HIGH = 2


@attrs.frozen
class Point:
    """A record inside a record."""

    x: Real
    y: I64


@attrs.frozen
class Reading:
    """A record with a field of every kind that the libraries treat differently."""

    id: U64
    delta: I64
    value: Real
    ok: bool
    name: Annotated[str, max_len(32)]
    blob: Annotated[bytes, max_len(32)]
    note: Annotated[str, max_len(32)] | None
    at: Point | None
    tags: Annotated[tuple[str, ...], max_len(4)]
    codes: Annotated[dict[I64, bool], max_len(4)]
    level: Level


@attrs.frozen
class Item:
    """The value that an untyped reader reads: an item of every major type."""

    n: I64
    f: float
    t: Annotated[str, max_len(32)]
    b: Annotated[bytes, max_len(32)]
    a: Annotated[tuple[U64, ...], max_len(4)]
    m: Annotated[dict[I64, str], max_len(4)]


class CborContract(Contract, name="cbor"):
    """Reads and writes CBOR, typed and untyped.

    A document is one well-formed item with nothing after it (RFC 8949, 3 and appendix C). A typed reader
    rejects documents that are not valid (5.3: a repeated key, text that is not UTF-8) or not of its type. The
    size of heads, indefinite lengths, and the width of a float do not change the meaning (4.1).
    """

    malformed = Rejection("not such a document", catch_all=True)

    @operation
    def decode(self, document: Payload[Reading, Cbor]) -> Reading:
        """Read a Reading from a map by its fields' names; an optional field may be absent or null."""

    @operation
    def encode(self, reading: Reading) -> Payload[Reading, Cbor]:
        """Write a Reading as such a map, in any form."""

    @operation
    def encode_deterministic(self, reading: Reading) -> Payload[Reading, DeterministicCbor]:
        """Write a Reading in the one form of RFC 8949, 4.2.1: shortest heads and floats, sorted keys."""

    @operation
    def rewrite(self, document: Payload[Item, UntypedCbor]) -> Payload[Item, UntypedCbor]:
        """Read any item and write it again with the same meaning (RFC 8949, 2)."""
