"""What is odd about CBOR: nothing about well-formed documents; about a broken one, how and where."""

from __future__ import annotations

from typing import Any

import pytest
from cbor_samples import (
    BYTES,
    DICT,
    FLOAT,
    I64,
    LIST,
    MEMBER,
    PAIR,
    SAMPLE,
    TEXT,
    Sample,
    every_type,
    typed_values,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Lowest

from driftcheck.codecs.cbor import Cbor
from driftcheck.core import types as t
from driftcheck.core.codec import mutate

CBOR = Cbor()
NAMES = [m.name for m in CBOR.mutations]
PAIR_FIELD = "6470616972"


def features(data: str, type_=PAIR) -> set[str]:
    return CBOR.features_typed(bytes.fromhex(data), type_)


def places(data: str, type_=PAIR) -> set[tuple[str, str]]:
    found = CBOR.places_typed(bytes.fromhex(data), type_)
    return {(word, path) for word, paths in found.items() for path in paths}


@settings(deadline=None)
@given(typed_values)
def test_well_formed(typed):
    """Nothing is odd about what the codec writes."""
    type_, value = typed

    assert CBOR.features_typed(CBOR.encode_typed(value, type_), type_) == set()


@settings(deadline=None, max_examples=200)
@given(typed_values, st.sampled_from(NAMES), st.data())
def test_mutated(typed, name, data):
    """A mutation that had an effect is recognised from the bytes alone."""
    type_, value = typed

    mutated = mutate(CBOR, type_, value, [name], Drawn(data))

    assert mutated.applied in ((), (name,))
    assert set(mutated.applied) <= CBOR.features_typed(mutated.data, type_)


@settings(deadline=None, max_examples=200)
@given(typed_values, st.lists(st.sampled_from(NAMES), max_size=5), st.data())
def test_known_words(typed, names, data):
    """Whatever was done to a document, its features are names of mutations."""
    type_, value = typed

    mutated = mutate(CBOR, type_, value, names, Drawn(data))

    assert CBOR.features_typed(mutated.data, type_) <= set(NAMES)


@settings(deadline=None, max_examples=200)
@given(st.binary(), every_type)
def test_any_bytes(data, type_):
    """Any bytes have features, and only valid documents could have none."""
    found = CBOR.features_typed(data, type_)

    assert found <= set(NAMES)
    if not found:
        CBOR.decode_typed(data, type_)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("absent-optional", "pair"),
        ("wrong-case-optional", "pair"),
        ("absent-field", "id"),
        ("integer-as-float", "id"),
        ("null-element", "tags[]"),
        ("duplicate-key", "codes"),
        ("wide-length", ""),
        ("invalid-utf8", "name"),
        ("undefined-optional", "pair"),
    ],
)
def test_places(name, expected):
    """Each feature comes with the field at which it stands."""
    mutated = mutate(CBOR, SAMPLE, Sample(), [name], Lowest())

    assert CBOR.places_typed(mutated.data, SAMPLE) == {name: {expected}}


def test_places_inside():
    """A path leads through records; what no type speaks of stands where the record around it does."""
    assert places("a1" + PAIR_FIELD + "a2" + "626964" + "f5" + "6178" + "1c", SAMPLE) >= {
        ("integer-as-bool", "pair.id"),
        ("absent-optional", "pair.note"),
        ("unknown-field", "pair"),
        ("reserved-info", "pair"),
    }


def test_two_oddities_are_two_words():
    """Oddities in different places keep their words."""
    data = "a3" + "624944" + "6130" + "646e6f7465" + "61ff" + "20" + "f0" + "1c"

    assert features(data) == {
        "wrong-case-value",
        "invalid-utf8",
        "odd-key",
        "simple-value",
        "trailing-bytes",
    }


def test_chunks_that_split_a_character_are_one_oddity():
    """A text whose chunks are UTF-8 only together is no text with bad UTF-8; one that never is, is."""
    assert features("7f61c361a9ff", TEXT) == {"split-character"}
    assert features("7f61c36161ff", TEXT) == {"invalid-utf8"}


def test_a_key_that_is_written_twice_in_other_forms_is_twice_there():
    """Keys are equal by what they mean."""
    assert features("a200f41800f5", DICT) == {"duplicate-key", "wide-integer"}


def test_megabytes_and_depths():
    """Large and deep documents are read in linear time and without recursion."""
    assert features("81" * 300_000, LIST) >= {"nested-past-256", "missing-items"}
    assert features("9f" * 300_000, LIST) >= {"nested-past-256", "missing-break"}
    assert features("c1" * 300_000, LIST) >= {"nested-past-256", "missing-items"}
    assert features("a2" + "626964" + "00" + "7a7fffffff" + "61" * 300_000) >= {"truncated"}


def test_cut_inside_an_item():
    """A document that is cut inside an item is truncated, and one cut between two misses items."""
    whole = CBOR.encode_typed(Sample(), SAMPLE)
    assert CBOR.features_typed(whole, SAMPLE) == set()

    cut = [CBOR.features_typed(whole[:length], SAMPLE) for length in range(1, len(whole))]

    assert {"truncated"} in cut
    assert {"missing-items"} in cut
    assert all(found in ({"truncated"}, {"missing-items"}) for found in cut)


BEFORE = "a3" + "62696400" + "646e6f7465f6" + "6178"  # a Pair, and the name of an unknown field


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("d82300", {"skipped-tag"}),
        ("c24101", {"skipped-tag"}),
        ("c200", {"skipped-tag"}),
        ("81a100c100", {"skipped-tag"}),
        ("61ff", {"skipped-text"}),
        ("7f61c361a9ff", {"skipped-text", "indefinite-text"}),
        ("7f7f6161ffff", {"skipped-nested-chunks"}),
        ("5f6161ff", {"skipped-other-chunk"}),
        ("f93c00", {"unknown-field"}),
        ("f0", {"unknown-field", "simple-value"}),
        ("9fff", {"unknown-field", "indefinite-array"}),
    ],
)
def test_what_is_skipped_is_read_less_closely(value: str, expected: set[str]) -> None:
    """A reader that skips an unknown field may look at neither tags nor texts, and takes any float."""
    assert features(BEFORE + value) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("id", "ID"), {"duplicate-wrong-case"}),
        (("ID", "id"), {"duplicate-wrong-case"}),
        (("ID", "Id"), {"duplicate-wrong-case", "wrong-case"}),
        (("ID",), {"wrong-case"}),
    ],
)
def test_a_name_in_the_wrong_case_beside_the_right_one(names: tuple[str, ...], expected: set[str]) -> None:
    """A reader that ignores the case sees the field twice; one that does not sees an unknown field."""
    ids = "".join("62" + name.encode().hex() + "00" for name in names)

    assert features(f"a{len(names) + 1}" + ids + "646e6f7465f6") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("6161", {"wrong-case-optional"}),
        ("f6", {"wrong-case-optional"}),
        ("7f6161ff", {"wrong-case-optional", "indefinite-text"}),
        ("d8236161", {"wrong-case-optional", "skipped-tag"}),
        ("00", {"wrong-case-value"}),
        ("61ff", {"wrong-case-value", "skipped-text"}),
        ("c200", {"wrong-case-value", "skipped-tag"}),
        ("c24101", {"wrong-case-value", "skipped-tag"}),
        ("a200000000", {"wrong-case-value", "duplicate-unknown"}),
    ],
)
def test_a_value_under_a_name_in_the_wrong_case(value: str, expected: set[str]) -> None:
    """Some readers skip it; of what the others find, it is named whether it is a value of the type."""
    assert features("a2" + "62696400" + "644e4f5445" + value) == expected


@pytest.mark.parametrize(
    ("pair", "fits"),
    [
        ("a3" + "62696400" + "6269646161" + "646e6f7465f6", True),
        ("a3" + "62496400" + "6269646161" + "646e6f7465f6", True),
        ("a3" + "6249646161" + "62696400" + "646e6f7465f6", False),
        ("a3" + "62696400" + "006161" + "2000", True),
        ("a2" + "62696400" + "f600", False),
        ("a2" + "62696400" + "1b800000000000000000", False),
        ("a2" + "62696400" + "617861ff", True),
        ("a2" + "62696400" + "61ff00", False),
    ],
)
def test_a_record_under_a_name_in_the_wrong_case(pair: str, fits: bool) -> None:
    """A reader that ignores the case reads the first of equal names, and skips numbers and unknown names."""
    holder = t.Record("Holder", Sample, (t.Field("pair", t.Optional(PAIR)),))

    found = features("a1" + "6450414952" + pair, holder)

    assert ("wrong-case-optional" in found) == fits
    assert ("wrong-case-value" in found) != fits


@pytest.mark.parametrize("value", ["6161", "f5", "a0", "c200"])
def test_a_value_after_the_name_in_the_wrong_case(value: str) -> None:
    """A reader that ignores the case skips what stands under the field's own name, of whichever type."""
    wrong, own, note = "62494400", "626964" + value, "646e6f7465f6"

    assert "value-after-wrong-case" in features("a3" + wrong + own + note)
    assert "value-after-wrong-case" not in features("a3" + own + wrong + note)
    assert "value-after-wrong-case" not in features("a3" + wrong + "62696400" + note)


def test_unknown_names_are_equal_by_what_they_mean() -> None:
    """A name in chunks, or with a longer head, is the same name."""
    for name in ("7f6178ff", "780178"):
        assert "duplicate-unknown" in features("a4" + BEFORE[2:] + "00" + name + "00")


@pytest.mark.parametrize(
    ("type_", "data", "expected"),
    [
        (I64, "c24101", {"bignum"}),
        (I64, "c25f4101ff", {"bignum"}),
        (I64, "c25f44000000014401020304ff", {"bignum"}),
        (I64, "c25f5f4101ffff", {"bignum", "nested-chunks"}),
        (I64, "c2489000000000000000", {"bignum", "out-of-range"}),
        (TEXT, "c24101", {"bignum", "text-as-bytes"}),
        (FLOAT, "c24101", {"bignum", "float-as-integer"}),
        (LIST, "c240", {"bignum", "array-as-bytes"}),
        (BYTES, "c24101", {"bignum"}),
        (PAIR, "c240", {"bignum", "map-as-scalar"}),
    ],
)
def test_a_bignum_of_another_type(type_: Any, data: str, expected: set[str]) -> None:
    """A reader that skips tags finds bytes; one that reads bignums finds an integer."""
    assert features(data, type_) == expected


@pytest.mark.parametrize(
    ("head", "expected"), [("a1", "member-as-map"), ("b801", "member-as-wide-map"), ("bf", "member-as-map")]
)
def test_a_member_as_a_map(head: str, expected: str) -> None:
    """A reader may look for the head of one byte only."""
    found = features(head + "634c4f57" + "f6" + ("ff" if head == "bf" else ""), MEMBER)

    assert {word for word in found if word.startswith("member")} == {expected}


def test_a_null_under_a_tag_is_no_absent_value() -> None:
    """The null of an optional value has no tag."""
    tagged = features("a2" + "62696400" + "646e6f7465" + "d823f6")

    assert tagged == {"unknown-tag", "null-field"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("fb7ff8000000000001", {"nan-payload"}),
        ("fa7fc00001", {"nan-payload", "single-float"}),
        ("f97e01", {"nan-payload", "half-float"}),
        ("f97e00", {"half-float"}),
    ],
)
def test_the_width_of_a_nan_and_its_payload_are_two_oddities(data: str, expected: set[str]) -> None:
    """A reader may refuse a narrow float, and another one may lose the payload."""
    assert features(data, FLOAT) == expected
