"""
What may be the length of a block of bytes, found without knowing the format.

A field is plausible if that number of bytes follows it. Most formats write lengths in one of the forms that
are known here: one, two or four bytes in either order, seven bits a byte, and the low bits of a tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

SEARCHED = 512  # bytes at the start of a document
MOST_FIELDS = 256

Form = Literal["big", "little", "varint", "low-4", "low-5"]


@attrs.frozen
class LengthField:
    """Bytes that may be the length of what follows them."""

    at: int
    width: int
    form: Form
    value: int

    @property
    def start(self) -> int:
        """Return where the block begins that the field may count."""
        return self.at + self.width

    @property
    def end(self) -> int:
        """Return where the block ends."""
        return self.start + self.value

    @property
    def most(self) -> int:
        """Return the greatest length that fits into the field."""
        return (1 << self.bits) - 1

    @property
    def bits(self) -> int:
        """Return how many bits of the field are the length."""
        match self.form:
            case "low-4":
                return 4
            case "low-5":
                return 5
            case "varint":
                return 7 * self.width
            case _:
                return 8 * self.width

    def written(self, data: bytes, value: int) -> bytes:
        """Return the document with another length in this field, cut to the bits of the field."""
        value &= self.most
        match self.form:
            case "low-4" | "low-5":
                field = bytes([data[self.at] & ~self.most & 0xFF | value])
            case "varint":
                groups = [value >> 7 * n & 0x7F for n in range(self.width)]
                field = bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])
            case "big" | "little" as order:
                field = value.to_bytes(self.width, order)
        return data[: self.at] + field + data[self.start :]


def length_fields(data: bytes) -> list[LengthField]:
    """List the plausible fields: those whose block ends with the document or contains text come first."""
    found = [one for at in range(min(len(data), SEARCHED)) for one in _at(data, at)][:MOST_FIELDS]
    return sorted(found, key=lambda one: not _is_likely(data, one))


def likely_fields(data: bytes) -> list[LengthField]:
    """List the fields whose block ends with the document or is text; if none is, list all plausible ones."""
    found = length_fields(data)
    return [one for one in found if _is_likely(data, one)] or found


def _is_likely(data: bytes, one: LengthField) -> bool:
    block = data[one.start : one.end]
    return one.end == len(data) or (len(block) > 1 and block.isascii() and block.decode().isprintable())


def _at(data: bytes, at: int) -> Iterator[LengthField]:
    rest = len(data) - at
    for one in _read(data, at):
        if 0 < one.value <= rest - one.width:
            yield one


def _read(data: bytes, at: int) -> Iterator[LengthField]:
    yield LengthField(at, 1, "big", data[at])
    if data[at] > 0x1F:
        yield LengthField(at, 1, "low-5", data[at] & 0x1F)
        yield LengthField(at, 1, "low-4", data[at] & 0x0F)
    for width in (2, 4):
        if at + width <= len(data):
            for order in ("big", "little"):
                yield LengthField(at, width, order, int.from_bytes(data[at : at + width], order))
    if data[at] & 0x80 and at + 1 < len(data) and not data[at + 1] & 0x80:
        yield LengthField(at, 2, "varint", data[at] & 0x7F | data[at + 1] << 7)
