"""
Dice: random choices without a record, so that drawing is fast.

Has the same draws, of the same ranges, as Hypothesis' `ConjectureData`. Lifting a case gives its choices
where they are needed. A draw without a record costs an eighth of one with a record.
"""

from __future__ import annotations

import codecs
import struct
import sys
from random import Random
from typing import Any, NoReturn, Protocol

from driftcheck.generate._conjecture import Choices, IntervalSet, draw_fresh


class Source(Protocol):
    """The source of a strategy's choices: dice, or Hypothesis' record."""

    def draw_integer(self, lo: int, hi: int, /) -> int:
        """Draw an integer in [lo, hi], both ends included."""
        ...

    def draw_boolean(self, p: float = 0.5, *, forced: bool | None = None) -> bool:
        """Draw True with probability `p`, or return the forced value."""
        ...

    def draw_float(self, lo: float, hi: float, /, *, allow_nan: bool = True) -> float:
        """Draw a float in [lo, hi], or NaN."""
        ...

    def draw_string(self, intervals: IntervalSet, *, min_size: int = 0, max_size: int = 0) -> str:
        """Draw text from an alphabet, with `min_size` to `max_size` characters."""
        ...

    def draw_bytes(self, min_size: int = 0, max_size: int = 0) -> bytes:
        """Draw `min_size` to `max_size` bytes."""
        ...

    def start_span(self, label: int) -> None:
        """Begin a group of choices that belong together."""
        ...

    def stop_span(self) -> None:
        """End the group of choices that began last."""
        ...

    def mark_invalid(self) -> NoReturn:
        """Give up, since these choices give no case."""
        ...


class Undrawable(Exception):
    """These choices give no case; the next seed may."""


ENDLESS = 10**10  # Hypothesis' own number for a length without bound

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-. "
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_TRICKY = (
    "\"\\/<>&'`%{}[],:\t\n\r\b\f\v\0\x01\x1b\x1f\x7f"  # what encoders escape
    "\u00a0\u0085\u2028\u2029\u200b\u200d\u202e"  # blanks, breaks, marks
    "\ufeff\ufffd\uffff"  # a byte order mark, a replacement, a non-character
    "\u0301\u0308\u00e9\u1e9b\u0323\uac00\u1100\u1161"  # combining, and with several normal forms
    "\u00df\u017f\u0131\u0130\u212a\u00c5\u03a3\u03c2"  # change their length or form with upper or lower case
    "\U00010000\U0001f600\U0001f3fd\U000e0001\U0010fffd\U0010ffff"  # not in the basic plane
)
_SURROGATES, _SURROGATE_COUNT = 0xD800, 0x800
_BASIC, _ALL = 0x800, 0x110000  # code points of at most two bytes, and all of them


def _alphabet(characters: str) -> IntervalSet:
    return IntervalSet.from_string("".join(sorted(set(characters))))


ALPHABETS = {
    "any": IntervalSet([(0, _SURROGATES - 1), (_SURROGATES + _SURROGATE_COUNT, _ALL - 1)]),
    "ascii": _alphabet(_ASCII),
    "tricky": _alphabet(_TRICKY + "0"),
}
# 256 characters each, so that random bytes become random text in one call; U+FFFE would mean "undefined".
_POOLS = {
    id(ALPHABETS["any"]): (_TRICKY + _ASCII + _LETTERS * 3)[:256],
    id(ALPHABETS["ascii"]): (_ASCII + _LETTERS * 4)[:256],
    id(ALPHABETS["tricky"]): (_TRICKY * 8)[:256],
}


def characters(alphabet: str) -> str:
    """Return the 256 characters that text of an alphabet mostly has, each as often as it is there."""
    return _POOLS[id(ALPHABETS[alphabet])]


class Dice:
    """Random draws; `throw` begins a case with its seed."""

    def __init__(self) -> None:
        self._generator = Random()
        self._random = self._generator.random
        self._bits = self._generator.getrandbits
        self._foreign: dict[int, list[tuple[Any, Choices]]] = {}  # by the strategy that drew them

    def throw(self, seed: str) -> None:
        """Begin a case with this seed."""
        self._generator.seed(seed)

    def draw_integer(self, lo: int, hi: int, /) -> int:
        width = hi - lo
        if width < 0x10000:
            return lo + int(self._random() * (width + 1))
        # By magnitude: each number of bits is as likely as any other, on both sides of zero.
        origin = min(max(0, lo), hi)
        longest = max(hi - origin, origin - lo).bit_length()
        while True:
            size = self._bits(1 + int(self._random() * longest))
            value = origin + size if self._random() < 0.5 else origin - size
            if lo <= value <= hi:
                return value

    def draw_boolean(self, p: float = 0.5, *, forced: bool | None = None) -> bool:
        return self._random() < p if forced is None else forced

    def draw_float(self, lo: float, hi: float, /, *, allow_nan: bool = True) -> float:
        if lo == hi:
            return lo
        if allow_nan:
            bits = self._bits(64)
            if bits & 15 == 0:
                bits |= 0x7FF0000000000001  # a NaN with a payload
            return float(struct.unpack("<d", bits.to_bytes(8, "little"))[0])
        lo, hi = max(lo, -sys.float_info.max), min(hi, sys.float_info.max)
        half = lo / 2 + (hi / 2 - lo / 2) * self._random()  # a range may be wider than the largest float
        return min(max(2 * half, lo), hi)

    def draw_string(self, intervals: IntervalSet, *, min_size: int = 0, max_size: int = 0) -> str:
        size = self._length(min_size, max_size)
        text = codecs.charmap_decode(self._generator.randbytes(size), "strict", _POOLS[id(intervals)])[0]
        if intervals is ALPHABETS["any"] and size and self._random() < 0.25:
            at = int(self._random() * size)
            text = text[:at] + self._any_character() + text[at + 1 :]
        return text

    def _any_character(self) -> str:
        if self._random() < 0.5:
            return chr(int(self._random() * _BASIC))
        point = int(self._random() * (_ALL - _SURROGATE_COUNT))
        return chr(point + _SURROGATE_COUNT if point >= _SURROGATES else point)

    def draw_bytes(self, min_size: int = 0, max_size: int = 0) -> bytes:
        size = self._length(min_size, max_size)
        kind = self._random()
        if kind < 0.6:
            return self._generator.randbytes(size)
        if kind < 0.8:
            return bytes(size)
        return bytes([int(self._random() * 256)]) * size

    def _length(self, lo: int, hi: int) -> int:
        """Draw a length: any of a narrow range, otherwise short or any; short where there is no bound."""
        width = hi - lo
        if width <= 24:
            return lo + int(self._random() * (width + 1))
        if self._random() < 0.5:
            return lo + int(self._random() * 17)
        if width <= 256:
            return lo + int(self._random() * (width + 1))
        longest = 12 if lo and width < ENDLESS // 2 else 6
        return lo + min(width, int(2 ** (self._random() * longest)) - 1)

    def start_span(self, label: int) -> None:
        pass

    def stop_span(self) -> None:
        pass

    def mark_invalid(self) -> NoReturn:
        raise Undrawable

    def draw_foreign(self, strategy: Any) -> tuple[Any, Choices]:
        """Draw from a strategy of Hypothesis; return the value and the choices that it took.

        Once there are values, seven of eight draws repeat one of an earlier case. A new one costs as much as
        a hundred steps.
        """
        drawn = self._foreign.setdefault(id(strategy), [])
        if len(drawn) >= 32 and self._random() < 0.875:
            return drawn[int(self._random() * len(drawn))]
        for _ in range(10):
            fresh = draw_fresh(strategy, self._generator)
            if fresh is not None:
                if len(drawn) >= 1024:
                    drawn.pop(int(self._random() * len(drawn)))
                drawn.append(fresh)
                return fresh
        raise Undrawable
