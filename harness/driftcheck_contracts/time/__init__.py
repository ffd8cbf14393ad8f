"""Timestamps of RFC 3339: Go's `time` beside the Rust crates `chrono`, `jiff` and `time`."""

from __future__ import annotations

import enum
from functools import cmp_to_key
from typing import Annotated

import attrs

from driftcheck import Contract, Payload, Rejection, Rfc3339, ge, gt, law, lt, operation

MINUTE = 60  # seconds
BEGIN = -62_167_219_200  # 0000-01-01T00:00:00
END = 253_402_041_600  # 9999-12-29T00:00:00, before the last moment of jiff

Offset = Annotated[int, gt(-24 * 60), lt(24 * 60)]
Nanoseconds = Annotated[int, gt(-(2**63)), lt(2**63)]  # about 292 years in each direction


@attrs.frozen
class Stamp:
    """A moment of a local clock, and the offset of that clock from UTC."""

    seconds: Annotated[int, ge(BEGIN), lt(END)]  # of the local clock, since 1970-01-01T00:00:00
    nanosecond: Annotated[int, ge(0), lt(10**9)]
    offset: Offset  # in minutes


class Order(enum.Enum):
    """The order of two moments."""

    LESS = -1
    EQUAL = 0
    GREATER = 1


class Time(Contract):
    """Reads, writes, moves and compares timestamps of RFC 3339."""

    malformed = Rejection("not a timestamp", catch_all=True)
    out_of_range = Rejection("a moment that no Stamp holds")

    @operation(rejects=[out_of_range], weight=60)
    def parse(self, text: Payload[Stamp, Rfc3339]) -> Stamp:
        """Read a timestamp of section 5.6: T and Z in either case, a fraction of any number of digits.

        Digits below a nanosecond are cut off. A valid leap second (5.7) is out of range, since no Stamp holds
        it. So is the end of the year 9999, and any other value that a library reads.
        """

    @operation
    def show(self, stamp: Stamp) -> Payload[Stamp, Rfc3339]:
        """Write a timestamp with its offset, which is known, so never as -00:00 (4.3)."""

    @operation(rejects=[out_of_range])
    def add(self, stamp: Stamp, nanoseconds: Nanoseconds) -> Stamp:
        """Return the moment earlier or later by a duration, with the same offset and no leap seconds."""

    @operation
    def compare(self, a: Stamp, b: Stamp) -> Order:
        """Compare two moments with any offsets."""

    @law
    def antisymmetric(self, a: Stamp, b: Stamp) -> bool:
        """Two moments in the other order give the opposite answer."""
        return self.compare(a, b).value == -self.compare(b, a).value

    @law
    def transitive(self, a: Stamp, b: Stamp, c: Stamp) -> bool:
        """Three moments have a consistent order."""

        def sign(x: Stamp, y: Stamp) -> int:
            return self.compare(x, y).value

        a, b, c = sorted((a, b, c), key=cmp_to_key(sign))
        return sign(a, c) <= 0

    @law
    def indifferent_to_offsets(self, stamp: Stamp, offset: Offset) -> bool:
        """A moment is equal to itself at any two offsets."""
        seconds = stamp.seconds + (offset - stamp.offset) * MINUTE
        if not BEGIN <= seconds < END:
            return True
        return self.compare(stamp, attrs.evolve(stamp, seconds=seconds, offset=offset)) is Order.EQUAL

    @law
    def subtracts_what_it_added(self, stamp: Stamp, nanoseconds: Nanoseconds) -> bool:
        """Adding and then subtracting a duration gives the same moment; adding gives a later one."""
        moved = self.add(stamp, nanoseconds)
        sign = (nanoseconds > 0) - (nanoseconds < 0)
        return self.add(moved, -nanoseconds) == stamp and self.compare(moved, stamp).value == sign
