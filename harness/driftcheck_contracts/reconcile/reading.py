"""
The strict reader of CBOR (R2 of docs/reference/reconcile.md): it reports the first fault and its path.

Knows items, their limits and paths. Knows nothing of what the messages say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NoReturn, TypeVar

import attrs

from driftcheck_contracts.reconcile import refusals
from driftcheck_contracts.reconcile.parts import MAX_COUNTER
from driftcheck_contracts.reconcile.records import Where

K = TypeVar("K")

UINT, NEGATIVE, BYTES, TEXT = "unsigned integer", "negative integer", "byte string", "text string"
ARRAY, MAP, NULL = "array", "map", "null"
VALUE = (UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP, "false", "true")  # in the order of R2.9
ANY = (*VALUE, NULL)
_MAJORS = (UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP, "tag")
_SIMPLE = {20: "false", 21: "true", 22: NULL, 25: "float", 26: "float", 27: "float"}

_LAYOUT = "check the layout of this schema"
_FAULTS = {  # R2.8: what is expected and got, where that is always the same, and the hint
    "end": ("a whole item", "the end", "the bytes were cut short"),
    "reserved": ("additional information 0 to 27", "", "this is not CBOR"),
    "indefinite": ("a definite length", "an indefinite length", "write lengths before contents"),
    "wide": ("the shortest form", "a longer form", "write each head in as few bytes as it takes"),
    "type": ("", "", _LAYOUT),
    "range": ("", "", _LAYOUT),
    "limit": ("", "", "check the limits"),
    "length": ("", "", "the length is larger than what follows"),
    "depth": ("", "", "nest less deeply"),
    "utf8": ("UTF-8", "", "text must be well-formed UTF-8"),
    "duplicate": ("distinct items", "an equal item", "write each once"),
    "order": ("ascending order", "a smaller item", "sort by encoded bytes"),
    "field": ("a field of this layout", "", _LAYOUT),
    "missing": ("", "no such field", _LAYOUT),
    "trailing": ("the end", "", "one message holds one body"),
}


def reject_as(fault: str, path: str, offset: int, *, expected: str = "", got: str = "") -> NoReturn:
    """Reject as malformed, with the words of a fault (R2.8)."""
    always_expected, always_got, hint = _FAULTS[fault]
    raise refusals.malformed(Where(path, offset, always_expected or expected, always_got or got, hint))


def limits(lo: int, hi: int) -> str:
    """Say the limits of a length (R2.8)."""
    return f"{lo} to {hi}" if lo else f"at most {hi}"


def kind_of(initial: int) -> str:
    """Return the kind of the item that begins with a byte (R2.9)."""
    return _MAJORS[initial >> 5] if initial < 0xE0 else _SIMPLE.get(initial & 31, "simple value")


@attrs.frozen
class Head:
    """The head of an item, and of a string what it holds."""

    kind: str
    number: int  # of an integer itself, of others the length
    content: bytes = b""


class Reader:
    """Reads items one after the other; `around` is how many arrays and maps an item stands in (R2.3)."""

    def __init__(self, data: bytes, at: int = 0, *, max_depth: int = 16) -> None:
        self.data = data
        self.at = at
        self.max_depth = max_depth

    def head(
        self,
        path: str,
        around: int,
        kinds: tuple[str, ...],
        *,
        within: tuple[int, int] | None = None,
        limit: tuple[int, int] | None = None,
    ) -> Head:
        """Read a head, and the content of a string, in the order of R2.4.

        Args:
            path: of the item.
            around: arrays and maps around it.
            kinds: those that may stand here.
            within: the least and the greatest integer.
            limit: the least and the greatest length.
        """
        start = self.at
        initial, argument = self._argument(path)
        kind = kind_of(initial)
        if kind not in kinds:
            reject_as("type", path, start, expected=" or ".join(kinds), got=kind)
        if kind in (UINT, NEGATIVE):
            number = argument if kind == UINT else -1 - argument
            if within is not None and not within[0] <= number <= within[1]:
                expected = f"{within[0]} to {within[1]}"
                reject_as("range", path, start, expected=expected, got=str(number))
            return Head(kind, number)
        if kind not in (BYTES, TEXT, ARRAY, MAP):
            return Head(kind, 0)
        if limit is not None and not limit[0] <= argument <= limit[1]:
            reject_as("limit", path, start, expected=limits(*limit), got=str(argument))
        left = (len(self.data) - self.at) // (2 if kind == MAP else 1)
        if argument > left:
            reject_as("length", path, start, expected=f"at most {left}", got=str(argument))
        if kind in (ARRAY, MAP):
            if around >= self.max_depth:
                expected, got = f"at most {self.max_depth} levels", f"{self.max_depth + 1} levels"
                reject_as("depth", path, start, expected=expected, got=got)
            return Head(kind, argument)
        content = self.data[self.at : self.at + argument]
        if kind == TEXT:
            self._check_utf8(path, content)
        self.at += argument
        return Head(kind, argument, content)

    def _argument(self, path: str) -> tuple[int, int]:
        """Read the bytes of a head: steps 1 to 4 of R2.4."""
        start = self.at
        initial = self.data[start] if start < len(self.data) else 0
        info = initial & 31
        size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
        if start + 1 + size > len(self.data):
            reject_as("end", path, start)
        if info in (28, 29, 30):
            reject_as("reserved", path, start, got=str(info))
        if info == 31:
            reject_as("indefinite", path, start)
        self.at += 1 + size
        argument = int.from_bytes(self.data[start + 1 : self.at], "big") if size else info
        least = 32 if initial == 0xF8 else {0: 0, 1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[size]
        if argument < least and kind_of(initial) != "float":
            reject_as("wide", path, start)
        return initial, argument

    def _check_utf8(self, path: str, content: bytes) -> None:
        try:
            content.decode()
        except UnicodeDecodeError as error:
            got = f"byte {content[error.start]:02x}"
            reject_as("utf8", path, self.at + error.start, got=got)

    def item(self, path: str, around: int, kinds: tuple[str, ...], *, is_key: bool = False) -> Head:
        """Read a whole item, as R2.2 lets a value be or, of ANY kinds, R2.1 an item of extras.

        All that is within a map's key has the map's path (R11.3).
        """
        within = (-(2**63), MAX_COUNTER) if NULL not in kinds else None
        head = self.head(path, around, kinds, within=within)
        if head.kind == ARRAY:
            for i in range(head.number):
                self.item(path if is_key else f"{path}/{i}", around + 1, kinds, is_key=is_key)
        elif head.kind == MAP:
            key_kinds = kinds if NULL in kinds else (TEXT,)

            def read_key() -> str:
                start = self.at
                key = self.item(path, around + 1, key_kinds, is_key=True)
                return (key.content if key.kind in (BYTES, TEXT) else self.data[start : self.at]).hex()

            for name, _ in self.keys(path, head.number, read_key):
                self.item(path if is_key else f"{path}/{name}", around + 1, kinds, is_key=is_key)
        return head

    def keys(self, path: str, count: int, read: Callable[[], K]) -> Iterator[tuple[K, int]]:
        """Read the keys of a map, each with its offset; the caller reads the values in between (R2.5)."""
        before = b""
        for _ in range(count):
            start = self.at
            key = read()
            encoded = self.data[start : self.at]
            if encoded == before:
                reject_as("duplicate", path, start)
            if encoded < before:
                reject_as("order", path, start)
            before = encoded
            yield key, start

    def fields(self, path: str, around: int, count: int, may: Callable[[int], bool]) -> Iterator[int]:
        """Read the keys of a map of fields (R2.5)."""

        def read_key() -> int:
            return self.head(path, around + 1, (UINT,)).number

        for field, offset in self.keys(path, count, read_key):
            if not may(field):
                reject_as("field", path, offset, got=f"field {field}")
            yield field

    def uint(self, path: str, around: int, lo: int, hi: int) -> int:
        """Read an unsigned integer."""
        return self.head(path, around, (UINT,), within=(lo, hi)).number

    def byte_string(self, path: str, around: int, lo: int, hi: int) -> bytes:
        """Read a byte string of lo to hi bytes."""
        return self.head(path, around, (BYTES,), limit=(lo, hi)).content

    def end(self) -> None:
        """Check that nothing follows (R2.7)."""
        if self.at < len(self.data):
            reject_as("trailing", "", self.at, got=f"{len(self.data) - self.at} more bytes")


def check_missing(path: str, offset: int, must: Collection[int], found: Collection[int]) -> None:
    """Check that a map has the fields that must be there (R2.5)."""
    for field in sorted(must):
        if field not in found:
            reject_as("missing", path, offset, expected=f"field {field}")
