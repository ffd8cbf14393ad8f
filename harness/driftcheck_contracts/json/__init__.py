"""
JSON documents (RFC 8259): `encoding/json` and its second version beside `serde_json` and `sonic-rs`.

Where RFC 8259 leaves a choice, the contract decides: a document is a value of its type, complete and
unambiguous, or it is rejected. A field must not be missing, null or repeated unless its type allows it (RFC
7493, 2.3). Names are compared by code points (RFC 8259, 8.3). Text is well-formed UTF-8 without lone
surrogates (RFC 7493, 2.1). Bytes are padded base64 without line breaks (RFC 4648, 3 and 4). A number is the
nearest double (IEEE 754, 4.3.1) or an integer of its width.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import attrs

from driftcheck import I64, U64, Contract, Json, JsonValue, Payload, Rejection, ge, le, max_len, operation
from driftcheck.codecs import JsonNumber
from driftcheck.plugins import Accepted

# serde_json rounds the digits, the power of ten, and their product. Of 1.5 million numbers that were read in
# this way, none was further off.
MOST_UNITS = 2

I8 = Annotated[int, ge(-(2**7)), le(2**7 - 1)]
U8 = Annotated[int, ge(0), le(2**8 - 1)]
I32 = Annotated[int, ge(-(2**31)), le(2**31 - 1)]


@attrs.frozen
class Item:
    """A record with a field of every kind that the libraries treat differently."""

    id: I64
    name: Annotated[str, max_len(64)]
    score: float
    note: Annotated[str, max_len(64)] | None
    tags: Annotated[tuple[str, ...], max_len(8)]


class Status(enum.Enum):
    """The state of an order; a document holds the name of the member."""

    OPEN = 0
    PAID = 1
    SENT = 2


@attrs.frozen
class Place:
    """A destination."""

    street: Annotated[str, max_len(16)]
    floor: I8


@attrs.frozen
class Order:
    """A message with a version, nested records, an enumeration, bytes and maps."""

    version: Annotated[int, ge(1), le(3)]
    status: Status
    gift: bool
    number: U64
    token: Annotated[bytes, max_len(8)]
    home: Place
    office: Place | None
    stops: Annotated[tuple[Place, ...], max_len(3)]
    labels: Annotated[dict[Annotated[str, max_len(8)], Annotated[str, max_len(8)]], max_len(3)]
    stock: Annotated[dict[I32, U8], max_len(3)]


class JsonContract(Contract, name="json"):
    """Reads and writes JSON documents: an Item, an Order, and any value."""

    malformed = Rejection("not a value of its type", catch_all=True)

    @operation
    def decode(self, document: Payload[Item, Json]) -> Item:
        """Read an Item from a document."""

    @operation
    def encode(self, item: Item) -> Payload[Item, Json]:
        """Write an Item as a document."""

    @operation(weight=15)
    def decode_order(self, document: Payload[Order, Json]) -> Order:
        """Read an Order from a document; an unknown version is rejected."""

    @operation(weight=5)
    def encode_order(self, order: Order) -> Payload[Order, Json]:
        """Write an Order as a document."""

    @operation(weight=15)
    def rewrite(self, document: Payload[JsonValue, Json]) -> Payload[JsonValue, Json]:
        """Read a document without a type, and write the same value again."""


def is_two_units_off(operation: str, arguments: Mapping[str, Any], outcomes: Mapping[str, Any]) -> bool:
    """Say whether serde has the value of the others, but for doubles that are up to two units away."""
    return _differs_in("serde", outcomes, _are_neighbours)


def loses_the_sign_of_zero(operation: str, arguments: Mapping[str, Any], outcomes: Mapping[str, Any]) -> bool:
    """Say whether sonic has the value of the others, but for the signs of zeros."""
    return _differs_in("sonic", outcomes, _are_zeros)


Alike = Callable[[float, float], bool]  # of numbers that are not equal


def _differs_in(subject: str, outcomes: Mapping[str, Any], are_alike: Alike) -> bool:
    """Compare the numbers of a subject with those of each other one that accepts."""
    accepted = {name: one.value for name, one in outcomes.items() if isinstance(one, Accepted)}
    if subject not in accepted:
        return False
    try:
        values = {name: _value(one) for name, one in accepted.items()}
    except ValueError:
        return False
    own = values.pop(subject)
    return all(_are_alike(own, other, are_alike) for other in values.values())


def _value(result: Any) -> Any:
    return (
        JsonNumber(repr(result.score)) if isinstance(result, Item) else Json().decode_typed(result.data, None)
    )


def _are_alike(one: Any, other: Any, are_alike: Alike) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_are_alike(one[key], other[key], are_alike) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _are_alike(a, b, are_alike) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, JsonNumber) and isinstance(other, JsonNumber):
        return one == other or are_alike(float(one.text), float(other.text))
    return type(one) is type(other) and bool(one == other)


def _are_neighbours(one: float, other: float) -> bool:
    """Say whether two doubles are one or two units apart."""
    if one == other or math.isinf(one) or math.isinf(other):
        return False  # two zeros differ in their signs, and two integers beyond 53 bits in themselves
    return abs(one - other) <= MOST_UNITS * math.ulp(min(abs(one), abs(other)))


def _are_zeros(one: float, other: float) -> bool:
    return one == other == 0
