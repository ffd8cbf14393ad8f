"""
Mutations of a timestamp's offset: at and past its bounds, in other lengths, missing, repeated, named.
"""

from __future__ import annotations

import attrs

from driftcheck.codecs.rfc3339.mutation import pick, stamp_mutation
from driftcheck.codecs.rfc3339.text import Stamp
from driftcheck.core.mutation import Draw


@stamp_mutation
def lower_case_z(stamp: Stamp, draw: Draw) -> Stamp:
    """Write z for Z, which RFC 3339 allows."""
    return attrs.evolve(stamp, zone="z")


@stamp_mutation
def numeric_zero_offset(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the offset of UTC as +00:00."""
    return attrs.evolve(stamp, zone="+00:00")


@stamp_mutation
def negative_zero_offset(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the offset of UTC as -00:00, which means an unknown local offset (RFC 3339, 4.3)."""
    return attrs.evolve(stamp, zone="-00:00")


@stamp_mutation
def missing_offset(stamp: Stamp, draw: Draw) -> Stamp:
    """Leave out the offset."""
    return attrs.evolve(stamp, zone="")


@stamp_mutation
def offset_24(stamp: Stamp, draw: Draw) -> Stamp:
    """Write an offset of 24 hours, sometimes with minutes."""
    return attrs.evolve(stamp, zone=f"{_sign(draw)}24:{pick(draw, ('00', '01', '59'))}")


@stamp_mutation
def offset_25(stamp: Stamp, draw: Draw) -> Stamp:
    """Write an offset of 25 hours or more."""
    return attrs.evolve(stamp, zone=f"{_sign(draw)}{pick(draw, ('25:00', '25:59', '26:00', '99:59'))}")


@stamp_mutation
def offset_minute_60(stamp: Stamp, draw: Draw) -> Stamp:
    """Write an offset of 60 minutes."""
    return attrs.evolve(stamp, zone=_sign(draw) + "00:60")


@stamp_mutation
def offset_minute_61(stamp: Stamp, draw: Draw) -> Stamp:
    """Write an offset of more than 60 minutes."""
    return attrs.evolve(stamp, zone=f"{_sign(draw)}00:{draw.integer(61, 99)}")


@stamp_mutation
def offset_without_colon(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the offset in four digits, as ISO 8601 may."""
    return attrs.evolve(stamp, zone=_numeric(stamp).replace(":", ""))


@stamp_mutation
def offset_of_hours(stamp: Stamp, draw: Draw) -> Stamp:
    """Write only the hours of the offset, as ISO 8601 allows."""
    return attrs.evolve(stamp, zone=_numeric(stamp)[:3])


@stamp_mutation
def offset_with_seconds(stamp: Stamp, draw: Draw) -> Stamp:
    """Write seconds after the offset's minutes."""
    return attrs.evolve(stamp, zone=_numeric(stamp) + pick(draw, (":30", ":59", ":60")))


@stamp_mutation
def single_digit_offset(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the offset's hours in one digit."""
    return attrs.evolve(stamp, zone=f"{_sign(draw)}{draw.integer(1, 9)}:00")


@stamp_mutation
def double_sign(stamp: Stamp, draw: Draw) -> Stamp:
    """Put a second sign before the offset."""
    return attrs.evolve(stamp, zone=_sign(draw) + _numeric(stamp))


@stamp_mutation
def second_offset(stamp: Stamp, draw: Draw) -> Stamp:
    """Put a second offset after the first."""
    return attrs.evolve(stamp, zone=stamp.zone + pick(draw, ("Z", "+00:00", "-01:00")))


@stamp_mutation
def zone_name(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a zone's name, or a military letter, in place of the offset."""
    return attrs.evolve(stamp, zone=pick(draw, ("UTC", "GMT", "CET", "EST", "A", "J")))


@stamp_mutation
def zone_in_brackets(stamp: Stamp, draw: Draw) -> Stamp:
    """Put a zone's name in brackets after the offset, as RFC 9557 has it."""
    zone = pick(draw, ("[Europe/Paris]", "[UTC]", "[!Europe/Paris]", "[+01:00]", "[Nowhere]"))
    return attrs.evolve(stamp, zone=stamp.zone + zone)


@stamp_mutation
def tag_in_brackets(stamp: Stamp, draw: Draw) -> Stamp:
    """Put a tag in brackets after the offset, as RFC 9557 has it; sometimes as critical."""
    return attrs.evolve(stamp, zone=stamp.zone + pick(draw, ("[u-ca=gregory]", "[_x=y]", "[!_x=y]")))


def _sign(draw: Draw) -> str:
    return "-" if draw.boolean() else "+"


def _numeric(stamp: Stamp) -> str:
    """Return the offset in digits; an hour in place of Z."""
    return "+01:00" if stamp.zone in "Zz" else stamp.zone


OFFSET = (
    lower_case_z,
    numeric_zero_offset,
    negative_zero_offset,
    missing_offset,
    offset_24,
    offset_25,
    offset_minute_60,
    offset_minute_61,
    offset_without_colon,
    offset_of_hours,
    offset_with_seconds,
    single_digit_offset,
    double_sign,
    second_offset,
    zone_name,
    zone_in_brackets,
    tag_in_brackets,
)
