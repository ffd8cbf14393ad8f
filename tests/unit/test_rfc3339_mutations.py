"""Each mutation of timestamps in its simplest form: the minimal text, and its features, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Lowest
from test_rfc3339 import CODEC, STAMP, Stamp, stamps

from driftcheck.codecs.page import page
from driftcheck.core.codec import mutate, mutate_bytes

NAMES = [m.name for m in CODEC.mutations]

# What each makes of Stamp(), the simplest value, with the simplest choices.
SIMPLEST = {
    "year-zero": b"0000-01-01T00:00:00Z",
    "end-of-9999": b"9999-12-31T00:00:00Z",
    "short-year": b"70-01-01T00:00:00Z",
    "long-year": b"11970-01-01T00:00:00Z",
    "signed-year": b"+001970-01-01T00:00:00Z",
    "negative-year": b"-001970-01-01T00:00:00Z",
    "month-00": b"1970-00-01T00:00:00Z",
    "month-13": b"1970-13-01T00:00:00Z",
    "day-00": b"1970-01-00T00:00:00Z",
    "day-32": b"1970-01-32T00:00:00Z",
    "day-past-month": b"1970-02-31T00:00:00Z",
    "february-29": b"1970-02-29T00:00:00Z",
    "single-digit-date": b"1970-1-01T00:00:00Z",
    "extra-zero-in-date": b"1970-001-01T00:00:00Z",
    "date-without-dashes": b"19700101T00:00:00Z",
    "other-date-separator": b"1970/01/01T00:00:00Z",
    "week-date": b"1970-W01-4T00:00:00Z",
    "ordinal-date": b"1970-001T00:00:00Z",
    "leap-second": b"1970-01-31T23:59:60Z",
    "misplaced-leap-second": b"1970-01-01T00:00:60Z",
    "second-61": b"1970-01-01T00:00:61Z",
    "minute-60": b"1970-01-01T00:60:00Z",
    "hour-24": b"1970-01-01T24:00:00Z",
    "hour-25": b"1970-01-01T25:00:00Z",
    "single-digit-hour": b"1970-01-01T0:00:00Z",
    "single-digit-minute": b"1970-01-01T00:0:00Z",
    "single-digit-second": b"1970-01-01T00:00:0Z",
    "extra-zero-in-time": b"1970-01-01T000:00:00Z",
    "missing-seconds": b"1970-01-01T00:00Z",
    "missing-minutes": b"1970-01-01T00Z",
    "time-without-colons": b"1970-01-01T000000Z",
    "other-time-separator": b"1970-01-01T00.00.00Z",
    "comma-fraction": b"1970-01-01T00:00:00,5Z",
    "empty-fraction": b"1970-01-01T00:00:00.Z",
    "padded-fraction": b"1970-01-01T00:00:00.0Z",
    "long-fraction": b"1970-01-01T00:00:00.0000000000Z",
    "fraction-of-minute": b"1970-01-01T00:00.5Z",
    "lower-case-z": b"1970-01-01T00:00:00z",
    "numeric-zero-offset": b"1970-01-01T00:00:00+00:00",
    "negative-zero-offset": b"1970-01-01T00:00:00-00:00",
    "missing-offset": b"1970-01-01T00:00:00",
    "offset-24": b"1970-01-01T00:00:00+24:00",
    "offset-25": b"1970-01-01T00:00:00+25:00",
    "offset-minute-60": b"1970-01-01T00:00:00+00:60",
    "offset-minute-61": b"1970-01-01T00:00:00+00:61",
    "offset-without-colon": b"1970-01-01T00:00:00+0100",
    "offset-of-hours": b"1970-01-01T00:00:00+01",
    "offset-with-seconds": b"1970-01-01T00:00:00+01:00:30",
    "single-digit-offset": b"1970-01-01T00:00:00+1:00",
    "double-sign": b"1970-01-01T00:00:00++01:00",
    "second-offset": b"1970-01-01T00:00:00ZZ",
    "zone-name": b"1970-01-01T00:00:00UTC",
    "zone-in-brackets": b"1970-01-01T00:00:00Z[Europe/Paris]",
    "tag-in-brackets": b"1970-01-01T00:00:00Z[u-ca=gregory]",
    "lower-case-t": b"1970-01-01t00:00:00Z",
    "space-for-t": b"1970-01-01 00:00:00Z",
    "other-mark": b"1970-01-01_00:00:00Z",
    "missing-t": b"1970-01-0100:00:00Z",
    "date-only": b"1970-01-01",
    "time-only": b"00:00:00Z",
    "inner-space": b"1970- 01-01T00:00:00Z",
    "typographic-dash": b"1970-01-01T00:00:00\xe2\x88\x9201:00",
    "other-format": b"1700000000",
    "truncated": b"1970-01-01T00:00:0",
    "empty": b"",
    "trailing-bytes": b"1970-01-01T00:00:00Zx",
    "doubled": b"1970-01-01T00:00:00Z1970-01-01T00:00:00Z",
    "bom": b"\xef\xbb\xbf1970-01-01T00:00:00Z",
    "invalid-utf8": b"\xff1970-01-01T00:00:00Z",
    "overlong-utf8": b"\xc0\xaf1970-01-01T00:00:00Z",
    "nul": b"\x001970-01-01T00:00:00Z",
    "leading-space": b" 1970-01-01T00:00:00Z",
    "trailing-space": b"1970-01-01T00:00:00Z ",
    "look-alike": b"\xf0\x9d\x9f\x8f970-01-01T00:00:00Z",
    "full-width": b"\xef\xbc\x91970-01-01T00:00:00Z",
    "foreign-digit": b"\xd9\xa1970-01-01T00:00:00Z",
    "zero-width": b"\xe2\x80\x8b1970-01-01T00:00:00Z",
    "direction-mark": b"\xe2\x80\xae1970-01-01T00:00:00Z",
    "odd-line-break": b"1\xe2\x80\xa8970-01-01T00:00:00Z",
    "surrogate-pair": b"\xed\xa0\xbd\xed\xb8\x801970-01-01T00:00:00Z",
    "very-long": b"1970-01-01T00:00:00Z" + b"Z" * 4097,
}
# What leaves another mark, the word of which is as good.
OTHER_WORDS = {("trailing-bytes", "nul"), ("trailing-bytes", "invalid-utf8")}


def test_table_is_whole():
    """Every mutation stands in the table, and no name is given twice."""
    assert sorted(SIMPLEST) == sorted(NAMES)


@pytest.mark.parametrize("name", SIMPLEST)
def test_simplest(name):
    """The simplest choices give the minimal text, whose one feature is the mutation's name."""
    mutated = mutate(CODEC, STAMP, Stamp(), [name], Lowest())

    assert mutated.data == SIMPLEST[name]
    assert mutated.applied == (name,)
    assert CODEC.features(mutated.data) == {name}


@settings(deadline=None, max_examples=1000)
@given(stamps, st.sampled_from(NAMES), st.data())
def test_features_name_the_mutation(stamp, name, data):
    """Whatever is broken, and however, the one feature is the mutation's name."""
    mutated = mutate(CODEC, STAMP, stamp, [name], Drawn(data))

    if mutated.applied:
        (feature,) = CODEC.features(mutated.data)
        assert feature == name or (name, feature) in OTHER_WORDS


@settings(deadline=None, max_examples=300)
@given(stamps, st.lists(st.sampled_from(NAMES), min_size=2, max_size=3), st.data())
def test_features_of_several(stamp, names, data):
    """Features are words of the mutations, and what was broken has one, unless it is sound again."""
    mutated = mutate(CODEC, STAMP, stamp, names, Drawn(data))

    found = CODEC.features(mutated.data)
    assert found <= set(NAMES)
    if not found:
        assert CODEC.encode(CODEC.value_typed(mutated.data, STAMP)) == mutated.data


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=40) | st.text("0123456789-:.+TZtz ", max_size=40).map(str.encode))
def test_features_of_any_bytes(data):
    """Any bytes have a feature, unless a writer could have written them."""
    found = CODEC.features(data)

    assert found <= set(NAMES)
    if not found:
        assert CODEC.encode(CODEC.value_typed(data, STAMP)) == data


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=40) | st.text("0123456789-:.+TZ", max_size=40).map(str.encode), st.data())
def test_any_bytes_can_be_broken(data, draws):
    """No mutation fails on what is not a timestamp, and each that is counted has changed the bytes."""
    broken = data
    for name in NAMES:
        mutated = mutate_bytes(CODEC, STAMP, broken, [name], Drawn(draws))
        assert mutated.applied == ((name,) if mutated.data != broken else ())
        broken = mutated.data

    assert broken != data


@pytest.mark.parametrize(
    ("text", "features"),
    [
        (b"1990-12-31T15:59:60-08:00", {"leap-second"}),
        ("\u0374".encode(), {"other-format"}),
        ("1990-12-31T15:59:59Z\u0301".encode(), {"other-format"}),
        (b"1990-12-31T23:59:60-08:00", {"misplaced-leap-second"}),
        (b"2000-02-29T23:59:60Z", {"leap-second"}),
        (b"1900-02-29T00:00:00Z", {"february-29"}),
        (b"1970-01-01T24:00:00.5Z", {"hour-25"}),
        (b"1970-01-01T00:00:00+01:00:00", {"offset-with-seconds"}),
        (b"1970-01-01T00:00:00+24", {"offset-of-hours", "offset-24"}),
        (b"1970-01-01T00:00:00." + b"0" * 4000 + b"Z", {"long-fraction"}),
        (b"1970-01-01T00:00:00.50Z[Europe/Paris]", {"padded-fraction", "zone-in-brackets"}),
        (b"1970-01-01 00:00:00", {"space-for-t", "missing-offset"}),
        (b"1970-01-01\x0b00:00:00Z", {"other-mark"}),
        (b"1970-01-01\x0000:00:00z", {"other-mark", "lower-case-z"}),
        (b"1970-01-01", {"date-only"}),
        (b"1970-01-01T", {"truncated"}),
        (b"1970-01-01T00:00:00", {"missing-offset"}),
        (b"1970-01-01T00:00:00.5", {"missing-offset"}),
        (b"1970-01-01T00:00:00+0", {"truncated"}),
        (b"10000-01-01T00:00:00Z", {"long-year"}),
        (b"1" + b"9" * 5001, {"very-long", "other-format"}),
        ("\u06f1970-01-01T00:00:00Z".encode(), {"other-format"}),
        ("1970-01-01T00:00:00\u221201:00".encode(), {"typographic-dash"}),
        (b" \t", {"leading-space", "trailing-space"}),
    ],
)
def test_features(text, features):
    """What is odd about a text that nobody broke has the same names."""
    assert CODEC.features(text) == features


def test_page_is_whole():
    """The reference page has a row for each."""
    assert all(f"| `{m.name}` | {m.doc} |" in page() for m in CODEC.mutations)
