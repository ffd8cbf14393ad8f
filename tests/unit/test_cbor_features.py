"""What is odd about CBOR: nothing about well-formed documents; about a broken one, how and where."""

from __future__ import annotations

import pytest
from cbor_samples import DICT, LIST, PAIR, SAMPLE, TEXT, Sample, every_type, typed_values
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Lowest

from driftcheck.codecs.cbor import Cbor
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
        "wrong-case",
        "integer-as-text",
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
