"""Timestamps of RFC 3339: what is written, what it means, and what may be drawn."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcheck import Rfc3339
from driftcheck.codecs.rfc3339 import BOUNDS
from driftcheck.codecs.rfc3339.text import civil, days_of, last_day
from driftcheck.core import types as t
from driftcheck.core.errors import DriftcheckError


@attrs.frozen
class Stamp:
    """The record of the time contract."""

    seconds: int = 0
    nanosecond: int = 0
    offset: int = 0


WIDE = t.Int(t.I64_MIN, t.I64_MAX)
STAMP = t.Record("Stamp", Stamp, tuple(t.Field(name, WIDE) for name in BOUNDS))
CODEC = Rfc3339()

stamps = st.builds(Stamp, **{name: st.integers(*bounds) for name, bounds in BOUNDS.items()})


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        (Stamp(), b"1970-01-01T00:00:00Z"),
        (Stamp(482_196_050, 520_000_000), b"1985-04-12T23:20:50.52Z"),
        (Stamp(851_013_597, 0, -8 * 60), b"1996-12-19T16:39:57-08:00"),
        (Stamp(-1_041_335_973, 870_000_000, 20), b"1937-01-01T12:00:27.87+00:20"),
        (Stamp(0, 1), b"1970-01-01T00:00:00.000000001Z"),
        (Stamp(-62_167_219_200), b"0000-01-01T00:00:00Z"),
    ],
)
def test_writes(stamp, text):
    """A stamp is written as RFC 3339 shows it in its examples (5.8), as short as it can be."""
    assert CODEC.encode(stamp) == text


@given(stamps)
def test_what_is_written_is_sound(stamp):
    """Nothing is odd about what was written, and it leads back to the stamp."""
    text = CODEC.encode(stamp)

    assert CODEC.features(text) == set()
    assert CODEC.value_typed(text, STAMP) == stamp


@pytest.mark.parametrize("text", [b"1970-01-01t00:00:00.0Z", b"now", b"1970-02-30T00:00:00Z", b""])
def test_no_way_back(text):
    """What a writer would not have written stands for no value."""
    with pytest.raises(ValueError, match="is not in the form that the codec writes"):
        CODEC.value_typed(text, STAMP)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"1970-01-01T00:00:00Z", b"1970-01-01t00:00:00z"),
        (b"1970-01-01T00:00:00Z", b"1970-01-01T00:00:00+00:00"),
        (b"1970-01-01T00:00:00.5Z", b"1970-01-01T00:00:00.500Z"),
        (b"1970-01-01T00:00:00Z", b"1970-01-01T00:00:00.000Z"),
    ],
)
def test_one_meaning(one, other):
    """Case, zeros of a fraction and the spelling of UTC are no part of the meaning."""
    assert CODEC.decode(one) == CODEC.decode(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"1970-01-01T00:00:00Z", b"1970-01-01T00:00:00-00:00"),
        (b"1970-01-01T00:00:00Z", b"1970-01-01T01:00:00+01:00"),
        (b"1970-01-01T00:00:00.5Z", b"1970-01-01T00:00:00.05Z"),
        (b"1970-01-31T23:59:60Z", b"1970-02-01T00:00:00Z"),
    ],
)
def test_two_meanings(one, other):
    """An unknown offset, another local time, another fraction and a leap second are."""
    assert CODEC.decode(one) != CODEC.decode(other)


@pytest.mark.parametrize(
    "text",
    [
        b"1970-01-01T24:00:00Z",
        b"1970-01-01T00:60:00Z",
        b"1970-01-01T00:00:61Z",
        b"1970-02-29T00:00:00Z",
        b"1970-01-01T00:00:00+24:00",
        b"1970-01-01T00:00:00+00:60",
        b"1970-01-01T00:00:00.Z",
        b"1970-01-01 00:00:00Z",
        b"1970-01-01T00:00:00",
        b"\xff",
    ],
)
def test_means_nothing(text):
    """What is not a timestamp of RFC 3339 has no meaning."""
    with pytest.raises(ValueError, match=r"."):
        CODEC.decode(text)


@pytest.mark.parametrize(
    ("days", "date"),
    [
        (0, (1970, 1, 1)),
        (-1, (1969, 12, 31)),
        (-719_162, (1, 1, 1)),
        (-719_163, (0, 12, 31)),
        (-719_528, (0, 1, 1)),
        (2_932_896, (9999, 12, 31)),
        (2_932_897, (10_000, 1, 1)),
    ],
)
def test_calendar(days, date):
    """The calendar goes from before the year 1 to past the year 9999, both ways."""
    assert civil(days) == date
    assert days_of(*date) == days


def test_last_days():
    """Years leap by fours, but for three centuries of four; the year 0 leaps."""
    assert [last_day(y, 2) for y in (0, 1900, 1970, 2000, 2024, 2100, 9999)] == [29, 28, 28, 29, 29, 28, 28]


def test_draws_what_is_not_odd():
    """Of wide integers only those are drawn that are no oddity; an author's narrower ones stay."""
    narrow = attrs.evolve(STAMP, fields=(t.Field("seconds", t.Int(0, 9)), *STAMP.fields[1:]))

    assert {f.name: (f.type.lo, f.type.hi) for f in CODEC.expressible(STAMP).fields} == BOUNDS
    assert CODEC.expressible(narrow).fields[0].type == t.Int(0, 9)


@pytest.mark.parametrize(
    ("type_", "told"),
    [
        (WIDE, "give its payload an attrs class"),
        (attrs.evolve(STAMP, fields=STAMP.fields[:2]), "give Stamp a field 'offset'"),
        (attrs.evolve(STAMP, fields=(*STAMP.fields, t.Field("zone", t.Text()))), "remove it from Stamp"),
    ],
)
def test_other_types_are_refused(type_, told):
    """A payload of another form is refused in one sentence, which says what to do."""
    with pytest.raises(DriftcheckError, match=told):
        CODEC.expressible(type_)
