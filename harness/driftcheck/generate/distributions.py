"""
Distributions: the slots of integers, floats, lengths and counts.

Decides which values are likely. A slot is a part of a range, and all slots are equally likely. Slot 0 is the
whole range (see `plan`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import attrs

MAX_SLOTS = 256  # every source of choices draws integers below this evenly
LONG = 4096  # characters or bytes; longer values are drawn only where the type requires them
MANY = 64  # items; more are drawn only where the type requires them
GIANT = (
    1 / 256
)  # of the mutations make documents of tens of kilobytes, which cost as much as a hundred others
RARELY = 0.1  # of the weight of what is drawn rarely, since the search has seen it often enough
STEERED_TRIES = 8  # tries to draw something else; then what is drawn rarely stays

OWN_SHARE = 0.5  # of the mutations that are drawn, for those that an author wrote for a format
MOST_TIMES = 8  # that a mutation is in the list of those that are drawn

Alphabet = Literal["any", "ascii", "tricky"]
Span = tuple[int, int]  # both ends included


@attrs.frozen
class Pinned:
    """A slot of a float: exactly this value."""

    value: float


@attrs.frozen
class Decimal:
    """A slot of a float: an integer of this range, divided by a power of ten."""

    lo: int
    hi: int
    divisor: int


def integer_slots(lo: int, hi: int) -> tuple[Span, ...]:
    """Return the slots of an integer: magnitudes, small numbers, its bounds, and well-known limits.

    Empty where the range is narrow enough to be drawn evenly.
    """
    if hi - lo < MAX_SLOTS:
        return ()
    small = _clip(-16, 16, lo, hi) or (lo, lo + 16)
    edges = [(lo, lo), (hi, hi), (lo, lo + 2), (hi - 2, hi)]
    marks = [2**n for n in (7, 8, 15, 16, 24, 31, 32, 53, 53, 62, 63)] + [10**n for n in range(1, 20)]
    around = [(m - 1, m + 1) for m in marks] + [(-m - 1, -m + 1) for m in marks]
    clipped = [span for a, b in around if (span := _clip(a, b, lo, hi))]
    slots = [(lo, hi)] * 96 + [small] * 64 + edges * 8
    slots += [clipped[i % len(clipped)] for i in range(64)] if clipped else [small] * 64
    return tuple(slots)


def _clip(a: int, b: int, lo: int, hi: int) -> Span | None:
    a, b = max(a, lo), min(b, hi)
    return (a, b) if a <= b else None


SPECIAL_FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    -0.5,
    1.5,
    1e21,  # from here upwards encoders of JSON write an exponent
    1e-7,  # and from here downwards
    1e22,
    1e23,  # needs correct rounding
    2.0**53,
    2.0**53 + 2,
    -(2.0**63),
    2.0**64,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    math.inf,
    -math.inf,
)


def float_slots(lo: float, hi: float) -> tuple[Pinned | Decimal | None, ...]:
    """Return the slots of a float: its whole range, short decimals, special values and bounds."""
    bounded = lo != -math.inf or hi != math.inf
    edges = [lo, hi, math.nextafter(lo, math.inf), math.nextafter(hi, -math.inf)] if bounded else []
    pins = [f for f in (*SPECIAL_FLOATS, *edges) if lo <= f <= hi]
    decimals = []
    for width, divisor in ((100, 1), (10**6, 1), (10**4, 10), (10**6, 100)):
        low = -width if lo * divisor <= -width else math.ceil(lo * divisor)
        high = width if hi * divisor >= width else math.floor(hi * divisor)
        if low <= high and lo <= low / divisor and high / divisor <= hi:
            decimals.append(Decimal(low, high, divisor))
    slots: list[Pinned | Decimal | None] = [None] * 48
    slots += [decimals[i % len(decimals)] for i in range(48)] if decimals else [None] * 16
    slots += [Pinned(pins[i % len(pins)]) for i in range(max(48, len(pins)))] if pins else []
    return tuple(slots)


def length_slots(lo: int, hi: int | None) -> tuple[tuple[int, int | None], ...]:
    """Return 32 ranges of lengths: mostly the whole range, many long ones, and the longest."""
    if hi is not None and hi - lo < 2:
        return ((lo, hi),)
    top = min(hi, max(lo, LONG)) if hi is not None else max(lo, LONG)
    slots: list[tuple[int, int | None]] = [(lo, hi)] * 18
    slots += [(max(lo, min(9, top)), min(top, max(lo, 32)))] * 5
    slots += [(lo + (top - lo) // 2, top) if top - lo <= 64 else (max(lo, 32), min(top, 256))] * 4
    slots += [(top, top)] * 2 if top - lo <= 256 else [(max(lo, 32), min(top, 256))] * 2
    slots += [(max(lo, min(top, 256)), top)] * 2 if top > 256 else [(top, top)] * 2
    slots += [(top, top)]
    return tuple(slots)


def text_slots(lo: int, hi: int | None) -> tuple[tuple[Alphabet, int, int | None], ...]:
    """Return the slots of text: each range of lengths with each alphabet."""
    alphabets: tuple[Alphabet, ...] = ("any", "any", "ascii", "ascii", "tricky")
    slots: list[tuple[Alphabet, int, int | None]] = []
    for low, high in length_slots(lo, hi):
        slots += [(alphabet, low, high) for alphabet in alphabets]
    return tuple(slots)


def more_slots(lo: int, hi: int | None) -> tuple[float, ...]:
    """Return eight probabilities of one more item: mostly for a few, sometimes for many or for the most."""
    top = MANY if hi is None else min(hi, max(lo, MANY))
    mean = max(1, min(3, top / 2))
    few, many = mean / (mean + 1), max(0.5, 1 - 4 / (top + 4))
    full = many if hi is None or hi > top else 1 - 1 / (4 * top + 2)
    return (few,) * 5 + (many,) * 2 + (full,)


def mutation_slots(own: Mapping[str, int], generic: Mapping[str, int]) -> tuple[str, ...]:
    """Return the names of mutations, each as often as it is to be drawn; first each once.

    Args:
        own: the weights of those that know the format; together they are at least `OWN_SHARE` of the slots,
            unless they are very few.
        generic: the weights of those that any format may have.
    """
    times = 1
    if own and generic:
        wanted = sum(generic.values()) * OWN_SHARE / (1 - OWN_SHARE)
        times = min(MOST_TIMES, math.ceil(wanted / sum(own.values())))
    weights = {name: times * weight for name, weight in own.items()} | dict(generic)
    again = (name for name, weight in weights.items() for _ in range(weight - 1))
    return (*weights, *again)
