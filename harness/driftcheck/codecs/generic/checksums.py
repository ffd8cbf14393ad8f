"""
Checksums at the end of a document, found without knowing the format.

A reader that checks a checksum refuses nearly every broken document because of it. So most broken documents
get the right one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import reduce
from operator import xor

import attrs

FEWEST = 8  # documents that a checksum must fit


def _sum(data: bytes) -> bytes:
    return bytes([sum(data) & 0xFF])


def _negated_sum(data: bytes) -> bytes:
    return bytes([-sum(data) & 0xFF])


def _xor(data: bytes) -> bytes:
    return bytes([reduce(xor, data, 0)])


def _crc32(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4)


def _crc32_little(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "little")


def _adler32(data: bytes) -> bytes:
    return zlib.adler32(data).to_bytes(4)


@attrs.frozen
class Checksum:
    """A checksum over all that is before it."""

    of: Callable[[bytes], bytes]
    width: int

    def fits(self, data: bytes) -> bool:
        """Say whether a document ends with its checksum."""
        return len(data) >= self.width and self.of(data[: -self.width]) == data[-self.width :]

    def sealed(self, data: bytes) -> bytes:
        """Return the document with the right checksum in the place of the one that it has."""
        body = data[: -self.width]
        return body + self.of(body)


CHECKSUMS = (
    Checksum(_sum, 1),
    Checksum(_negated_sum, 1),
    Checksum(_xor, 1),
    Checksum(_crc32, 4),
    Checksum(_crc32_little, 4),
    Checksum(_adler32, 4),
)


def checksum_of(documents: Sequence[bytes]) -> Checksum | None:
    """Return the checksum that all documents end with; None if there is none, or too few documents."""
    if len(set(documents)) < FEWEST:
        return None
    return next((one for one in CHECKSUMS if all(map(one.fits, documents))), None)
