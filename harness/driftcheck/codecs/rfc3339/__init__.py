"""
RFC 3339: timestamps as text, with named mutations and named features.
"""

from __future__ import annotations

from typing import Any, Protocol

import attrs

from driftcheck.codecs.rfc3339 import features as rfc3339_features
from driftcheck.codecs.rfc3339.clock import CLOCK
from driftcheck.codecs.rfc3339.date import DATE
from driftcheck.codecs.rfc3339.form import FORM
from driftcheck.codecs.rfc3339.offset import OFFSET
from driftcheck.codecs.rfc3339.text import (
    DAY,
    MAX_OFFSET,
    NANOS,
    days_of,
    offset_of,
    scan_strictly,
    write,
)
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.raw_mutations import text_mutations

# What may be drawn: nothing of it is odd, in any offset (`year-zero`, `end-of-9999`).
BOUNDS = {
    "seconds": (days_of(1, 1, 1) * DAY, days_of(9999, 12, 29) * DAY - 1),
    "nanosecond": (0, NANOS - 1),
    "offset": (-MAX_OFFSET, MAX_OFFSET),
}
# Of these there are the codec's own, or a timestamp has no letters for them.
_OWN = {m.name for m in (*DATE, *CLOCK, *OFFSET, *FORM)} | {"case-swapped", "composed", "decomposed"}


class Timestamp(Protocol):
    """The value that the codec writes: any record with these three integers."""

    @property
    def seconds(self) -> int:
        """Seconds of the local clock since 1970-01-01T00:00:00, with 86,400 in each day."""

    @property
    def nanosecond(self) -> int:
        """Nanoseconds of the second, from 0 to 999,999,999."""

    @property
    def offset(self) -> int:
        """Minutes that the local clock is ahead of UTC, from -1439 to 1439."""


class Rfc3339(Codec[Timestamp]):
    """The text of a timestamp in RFC 3339, such as 1985-04-12T23:20:50.52Z."""

    mutations = (*DATE, *CLOCK, *OFFSET, *FORM, *(m for m in text_mutations if m.name not in _OWN))

    def encode(self, value: Timestamp) -> bytes:
        return write(value.seconds, value.nanosecond, value.offset).encode()

    def decode(self, data: bytes) -> Any:
        """Return the local time in parts and its offset; None for -00:00, the unknown offset."""
        stamp = scan_strictly(data)
        if stamp is None:
            raise ValueError(f"{data!r} is not an RFC 3339 timestamp")
        days = days_of(int(stamp.year), int(stamp.month), int(stamp.day))
        clock = (int(stamp.hour), int(stamp.minute), int(stamp.second))
        offset = offset_of(stamp.zone)
        if clock > (23, 59, 60) or clock[1] > 59 or clock[2] > 60 or abs(offset) > MAX_OFFSET:
            raise ValueError(f"{data!r} has a time of day that does not exist")
        if stamp.zone not in ("Z", "z") and int(stamp.zone[-2:]) > 59:
            raise ValueError(f"{data!r} has an offset of more than 59 minutes")
        return days, *clock, stamp.fraction.rstrip(".0"), None if stamp.zone == "-00:00" else offset

    def features(self, data: bytes) -> set[str]:
        return rfc3339_features.features(data)

    def expressible(self, type_: t.Type) -> t.Type:
        if not isinstance(type_, t.Record):
            raise DriftcheckError("codec 'rfc3339' writes records; give its payload an attrs class")
        types = {f.name: f.type for f in type_.fields}
        for name in BOUNDS:
            if not isinstance(t.bare(types.pop(name, t.Bool())), t.Int):
                raise DriftcheckError(
                    f"codec 'rfc3339' writes records with the integers seconds, nanosecond and offset; "
                    f"give {type_.name} a field {name!r}"
                )
        if types:
            raise DriftcheckError(
                f"codec 'rfc3339' has no place for {', '.join(map(repr, types))}; remove it from {type_.name}"
            )
        return attrs.evolve(type_, fields=tuple(map(_narrowed, type_.fields)))

    def value_typed(self, data: bytes, type_: t.Type) -> Any:
        if not isinstance(type_, t.Record) or self.features(data):
            raise ValueError(f"{data!r} is not in the form that the codec writes")
        days, hour, minute, second, fraction, offset = self.decode(data)
        seconds = days * DAY + hour * 3600 + minute * 60 + second
        return type_.cls(seconds=seconds, nanosecond=int(fraction[1:].ljust(9, "0")), offset=offset)


def _narrowed(field: t.Field) -> t.Field:
    lo, hi = BOUNDS[field.name]
    if not isinstance(field.type, t.Int):  # steered by its author
        return field
    return attrs.evolve(field, type=t.Int(max(field.type.lo, lo), min(field.type.hi, hi)))
