"""
Mutations of a whole timestamp: its middle, missing parts, look-alikes.
"""

from __future__ import annotations

import attrs

from driftcheck.codecs.rfc3339.features import is_truncated
from driftcheck.codecs.rfc3339.mutation import pick, stamp_mutation
from driftcheck.codecs.rfc3339.text import Stamp
from driftcheck.core.mutation import Draw, mutation
from driftcheck.core.types import Type
from driftcheck.core.unicode_text import DASHES

MINUS = "\u2212"  # which chrono takes
OTHER_FORMATS = (
    "1700000000",
    "-1",
    "now",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Thu Jan  1 00:00:00 1970",
)


@stamp_mutation
def lower_case_t(stamp: Stamp, draw: Draw) -> Stamp:
    """Write t for T, which RFC 3339 allows."""
    return attrs.evolve(stamp, mark="t")


@stamp_mutation
def space_for_t(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a space for T, which RFC 3339 leaves to applications (5.6)."""
    return attrs.evolve(stamp, mark=" ")


@stamp_mutation
def other_mark(stamp: Stamp, draw: Draw) -> Stamp:
    """Write an underscore or another character for T."""
    return attrs.evolve(stamp, mark=pick(draw, "_x-/:@\x7f"))


@stamp_mutation
def missing_t(stamp: Stamp, draw: Draw) -> Stamp:
    """Leave out the T."""
    return attrs.evolve(stamp, mark="")


@stamp_mutation
def date_only(stamp: Stamp, draw: Draw) -> str:
    """Leave out the time."""
    return stamp.date


@stamp_mutation
def time_only(stamp: Stamp, draw: Draw) -> str:
    """Leave out the date."""
    return stamp.time


@stamp_mutation
def inner_space(stamp: Stamp, draw: Draw) -> str:
    """Put white space inside, before or after a mark."""
    text = str(stamp)
    marks = [at for at, character in enumerate(text) if character in "-:.+TtZz" and at]
    at = pick(draw, marks) + (0 if draw.boolean() else 1)
    if at == len(text):
        at -= 1
    return text[:at] + pick(draw, " \t") + text[at:]


@stamp_mutation
def typographic_dash(stamp: Stamp, draw: Draw) -> Stamp | str:
    """Write an offset's minus, or a hyphen of the date, as a minus sign or a dash."""
    dash = pick(draw, (MINUS, *DASHES))
    if draw.boolean(0.25):
        return f"{stamp.year}-{stamp.month}{dash}{stamp.day}{stamp.mark}{stamp.time}"
    return attrs.evolve(stamp, zone=dash + ("01:00" if stamp.zone in "Zz" else stamp.zone[1:]))


@stamp_mutation
def other_format(stamp: Stamp, draw: Draw) -> str:
    """Write a moment in another format: seconds since the epoch, RFC 5322, asctime."""
    return pick(draw, OTHER_FORMATS)


@mutation
def truncated(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Cut the timestamp inside a part or before a required one."""
    cuts = [at for at in range(len(data) - 1, 0, -1) if is_truncated(data[:at].decode("latin-1"))]
    return data[: pick(draw, cuts)] if cuts else None


FORM = (
    lower_case_t,
    space_for_t,
    other_mark,
    missing_t,
    date_only,
    time_only,
    inner_space,
    typographic_dash,
    other_format,
    truncated,
)
