"""
The relation of two values that differ: in which way they do, in one or two words.

It tells apart divergences that have the same shape and no cause with a name. Some relations have a direction,
from the first value to the other one. Knows only values.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from decimal import Decimal, DecimalException, InvalidOperation
from typing import Any
from urllib.parse import unquote

from driftcheck.core.unicode_text import normal_form

WRAPS = (8, 16, 32, 53, 64)  # bits of integer types, and of the whole numbers that a double holds
MOST_ULPS = 4
LAST_DIGITS = Decimal("1e-6")  # relative; two texts of numbers that are so close differ by rounding

# Ways in which a value is written or rounded. One bug may show them in several operations.
ABOUT_FORM = frozenset(
    {
        "another form",
        "another order",
        "bits of NaN",
        "case",
        "percent-encoding",
        "rounding",
        "sign of zero",
        "single precision",
        "Unicode form",
        "white space",
        *(f"modulo 2^{bits}" for bits in WRAPS),
    }
)

OF_BOOLEANS = ("true, false", "false, true")

_OPPOSITES = (
    OF_BOOLEANS,
    ("none, value", "value, none"),
    ("more", "fewer"),
    ("longer", "shorter"),
    ("number, not a number", "not a number, number"),
    ("finite, infinite", "infinite, finite"),
)
_OPPOSITE_OF = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}


def has_direction(relation: str) -> bool:
    """Say whether the relation is another one where the two values are exchanged."""
    return relation in _OPPOSITE_OF


def are_opposite(one: str, other: str) -> bool:
    """Say whether two relations are the same one in the two directions."""
    return _OPPOSITE_OF.get(one) == other


def relation(one: Any, other: Any) -> str:
    """Return the relation of two values that differ; "" if no word fits."""
    if one is None or other is None:
        return "none, value" if one is None else "value, none"
    if isinstance(one, bool) and isinstance(other, bool):
        return "true, false" if one else "false, true"
    if isinstance(one, int) and isinstance(other, int):
        return _of_integers(one, other)
    if isinstance(one, float) and isinstance(other, float):
        return _of_floats(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return _of_texts(one, other)
    if isinstance(one, bytes) and isinstance(other, bytes):
        return _of_lengths(one, other)
    return ""


def of_sequences(one: Sequence[bytes], other: Sequence[bytes]) -> str:
    """Return the relation of two sequences of encoded items; "" if they are of one length."""
    if sorted(one) == sorted(other):
        return "another order"
    if len(one) == len(other):
        return ""
    few, many = sorted((one, other), key=len)
    rest = iter(many)
    if not all(item in rest for item in few):  # `in` goes on where it ended
        return "other items"
    return "more" if len(one) > len(other) else "fewer"


def _of_integers(one: int, other: int) -> str:
    if abs(one - other) == 1:
        return "off by one"
    if one == -other:
        return "sign"
    for bits in reversed(WRAPS):
        if (one - other) % (1 << bits) == 0:
            return f"modulo 2^{bits}"
    if other and one and (one % other == 0 or other % one == 0):
        return "a multiple"
    return ""


def _of_floats(one: float, other: float) -> str:
    if math.isnan(one) or math.isnan(other):
        if math.isnan(one) and math.isnan(other):
            return "bits of NaN"
        return "not a number, number" if math.isnan(one) else "number, not a number"
    if math.isinf(one) != math.isinf(other):
        return "infinite, finite" if math.isinf(one) else "finite, infinite"
    if one == other:
        return "sign of zero"
    if one == -other:
        return "sign"
    if _ulps(one, other) <= MOST_ULPS:
        return "rounding"
    if _as_single(one) == _as_single(other):
        return "single precision"
    if abs(one - other) == 1:
        return "off by one"
    return ""


def _ulps(one: float, other: float) -> int:
    """Count the doubles between two finite numbers."""

    def place(number: float) -> int:
        (bits,) = struct.unpack("<q", struct.pack("<d", number))
        return int(bits) if bits >= 0 else -(int(bits) + (1 << 63))

    return abs(place(one) - place(other))


def _as_single(number: float) -> float:
    try:
        (single,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        return math.inf
    return float(single)


def _of_texts(one: str, other: str) -> str:
    numbers = _number(one), _number(other)
    if None not in numbers:
        try:
            return _of_numbers(*numbers)  # type: ignore[arg-type] # neither is None
        except DecimalException:  # an exponent that no calculation reaches
            return ""
    if one.casefold() == other.casefold():
        return "case"
    if one.strip() == other.strip() or one.split() == other.split():
        return "white space"
    if normal_form("NFKC", one) == normal_form("NFKC", other):
        return "Unicode form"
    if unquote(one) == unquote(other):
        return "percent-encoding"
    return _of_lengths(one, other)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _of_numbers(one: Decimal, other: Decimal) -> str:
    if one == other:
        return "another form"
    if one == -other:
        return "sign"
    if abs(one - other) <= LAST_DIGITS * max(abs(one), abs(other)):
        return "rounding"
    return "off by one" if abs(one - other) == 1 else ""


def _of_lengths(one: str | bytes, other: str | bytes) -> str:
    """Compare by the items at both ends."""
    long, short = (one, other) if len(one) > len(other) else (other, one)
    if long.startswith(short) or long.endswith(short):  # type: ignore[arg-type] # both are of one type
        return "longer" if long is one else "shorter"
    return ""
