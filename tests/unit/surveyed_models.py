"""A contract with its own codec, and models that differ, for the tests of the matrix."""

from __future__ import annotations

import os
from typing import Annotated

import attrs

from driftcheck import Contract, Payload, Rejection, ge, le, operation
from driftcheck.codecs import Codec, mutation

Small = Annotated[int, ge(0), le(99)]


@attrs.frozen
class Count:
    n: Small


@mutation
def leading_zero(data, draw, type_):
    """Write a zero before the number."""
    return b"0" + data


@mutation
def sign(data, draw, type_):
    """Write a plus before the number."""
    return b"+" + data


@mutation
def space(data, draw, type_):
    """Write a space before the number."""
    return b" " + data


@mutation
def nothing(data, draw, type_):
    """Have no effect."""
    return data


class CountText(Codec[Count]):
    """A number in decimal digits."""

    mutations = (leading_zero, sign, space, nothing)

    def encode(self, value: Count) -> bytes:
        return b"%d" % value.n

    def features(self, data: bytes) -> set[str]:
        odd = {b"0": "leading-zero", b"+": "sign", b" ": "space"}
        return {odd[data[:1]]} if len(data) > 1 and data[:1] in odd else set()


class Counts(Contract):
    """Reads small numbers."""

    malformed = Rejection("no number")

    @operation(rejects=[malformed])
    def read(self, text: Payload[Count, CountText]) -> Small:
        """Read a number."""

    @operation
    def same(self, n: Small) -> Small:
        """Return a number."""


class Strict(Counts):
    """Accepts what the codec writes, and nothing else."""

    def read(self, text: Payload[Count, CountText]) -> Small:
        if (
            not text.data.isdigit()
            or (len(text.data) > 1 and text.data.startswith(b"0"))
            or len(text.data) > 2
        ):
            raise Counts.malformed()
        return int(text.data)

    def same(self, n: Small) -> Small:
        return n


class Lenient(Strict):
    """Accepts a zero in front."""

    def read(self, text: Payload[Count, CountText]) -> Small:
        if text.data.startswith(b"0") and text.data.isdigit() and len(text.data) <= 3:
            return int(text.data)
        return super().read(text)


class Odd(Strict):
    """Accepts a zero below 50, misreads it from 10 on, misreads 90 and more, and dies of a sign."""

    def read(self, text: Payload[Count, CountText]) -> Small:
        if text.data.startswith(b"+"):
            os._exit(3)
        if len(text.data) < 2 or not text.data.startswith(b"0"):
            return min(super().read(text), 89)
        number = super().read(attrs.evolve(text, data=text.data[1:]))
        if number >= 50:
            raise Counts.malformed()
        return number if number < 10 else number - 1
