"""Timestamps of RFC 3339: Go's `time` beside the Rust crates `chrono`, `jiff` and `time`."""

from __future__ import annotations

import enum
from functools import cmp_to_key
from typing import Annotated

import attrs

from driftcheck import Contract, Payload, Rejection, Rfc3339, ge, gt, law, lt, operation

MINUTE = 60  # seconds
BEGIN = -62_167_219_200  # 0000-01-01T00:00:00
END = 253_402_041_600  # 9999-12-29T00:00:00, short of where jiff ends

Offset = Annotated[int, gt(-24 * 60), lt(24 * 60)]
Nanoseconds = Annotated[int, gt(-(2**63)), lt(2**63)]  # about 292 years to either side


@attrs.frozen
class Stamp:
    """A moment as a local clock shows it, and how far that clock is ahead of UTC."""

    seconds: Annotated[int, ge(BEGIN), lt(END)]  # of the local clock, since 1970-01-01T00:00:00
    nanosecond: Annotated[int, ge(0), lt(10**9)]
    offset: Offset  # in minutes


class Order(enum.Enum):
    """How one moment lies to another."""

    LESS = -1
    EQUAL = 0
    GREATER = 1


class Time(Contract):
    """Reads, writes, moves and compares timestamps of RFC 3339."""

    malformed = Rejection("not a timestamp", catch_all=True)
    out_of_range = Rejection("a moment that no Stamp holds")

    @operation(rejects=[out_of_range], weight=60)
    def parse(self, text: Payload[Stamp, Rfc3339]) -> Stamp:
        """Read a timestamp as section 5.6 has it: T and Z in either case, any number of digits of a fraction.

        What is shorter than a nanosecond is cut off. A leap second where there may be one (5.7) is out of
        range, since no Stamp holds it; so is the end of the year 9999, and whatever else a library reads.
        """

    @operation
    def show(self, stamp: Stamp) -> Payload[Stamp, Rfc3339]:
        """Write a timestamp with its offset, which is known: never as -00:00 (4.3)."""

    @operation(rejects=[out_of_range])
    def add(self, stamp: Stamp, nanoseconds: Nanoseconds) -> Stamp:
        """Return the moment so much later or earlier, under the same offset, without leap seconds."""

    @operation
    def compare(self, a: Stamp, b: Stamp) -> Order:
        """Compare two moments, whatever their offsets are."""

    @law
    def antisymmetric(self, a: Stamp, b: Stamp) -> bool:
        """Say the opposite of two moments the other way round."""
        return self.compare(a, b).value == -self.compare(b, a).value

    @law
    def transitive(self, a: Stamp, b: Stamp, c: Stamp) -> bool:
        """Put three moments in one order."""

        def sign(x: Stamp, y: Stamp) -> int:
            return self.compare(x, y).value

        a, b, c = sorted((a, b, c), key=cmp_to_key(sign))
        return sign(a, c) <= 0

    @law
    def indifferent_to_offsets(self, stamp: Stamp, offset: Offset) -> bool:
        """Take one moment for equal under any two offsets."""
        seconds = stamp.seconds + (offset - stamp.offset) * MINUTE
        if not BEGIN <= seconds < END:
            return True
        return self.compare(stamp, attrs.evolve(stamp, seconds=seconds, offset=offset)) is Order.EQUAL

    @law
    def subtracts_what_it_added(self, stamp: Stamp, nanoseconds: Nanoseconds) -> bool:
        """Come back to where it was, later by what is more than nothing."""
        moved = self.add(stamp, nanoseconds)
        sign = (nanoseconds > 0) - (nanoseconds < 0)
        return self.add(moved, -nanoseconds) == stamp and self.compare(moved, stamp).value == sign
