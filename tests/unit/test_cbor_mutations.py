"""Each mutation of CBOR in its simplest form: the minimal document, and its features, one by one."""

from __future__ import annotations

import pytest
from cbor_samples import (
    BOOL,
    BYTES,
    DICT,
    FLOAT,
    I64,
    LIST,
    MEMBER,
    PAIR,
    SAMPLE,
    SHAPE,
    TEXT,
    Pair,
    Sample,
    typed_values,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import Drawn, Item, Level, Lowest, Played

from driftcheck.codecs.cbor import Cbor
from driftcheck.core.codec import mutate, mutate_bytes

CBOR = Cbor()
NAMES = [m.name for m in CBOR.mutations]
ID, NOTE, NULL = "626964", "646e6f7465", "f6"
PAIR_HEX = f"a2{ID}00{NOTE}f6"

# What each makes of the simplest value with the simplest choices: a type, a value, and the hex of it.
SIMPLEST = {
    "absent-field": (PAIR, Pair(), f"a1{NOTE}f6"),
    "absent-optional": (PAIR, Pair(), f"a1{ID}00"),
    "null-field": (PAIR, Pair(), f"a2{ID}f6{NOTE}f6"),
    "null-element": (LIST, (), "81f6"),
    "null-document": (PAIR, Pair(), "f6"),
    "duplicate-field": (PAIR, Pair(), f"a3{ID}00{ID}00{NOTE}f6"),
    "duplicate-unknown": (PAIR, Pair(), f"a4{ID}00{NOTE}f66178f66178f6"),
    "duplicate-key": (DICT, {0: False}, "a200f400f4"),
    "unsorted-keys": (DICT, {0: False, 1: False}, "a201f400f4"),
    "reordered": (PAIR, Pair(), f"a2{NOTE}f6{ID}00"),
    "wrong-case": (PAIR, Pair(), f"a262494400{NOTE}f6"),
    "wrong-case-optional": (PAIR, Pair(), f"a2{ID}00644e4f5445f6"),
    "wrong-case-value": (PAIR, Pair(), f"a2624944613f{NOTE}f6"),
    "duplicate-wrong-case": (PAIR, Pair(), f"a3{ID}0062494400{NOTE}f6"),
    "tagged-name": (PAIR, Pair(), f"a3{ID}00{NOTE}f6d8236178f6"),
    "skipped-tag": (PAIR, Pair(), f"a3{ID}00{NOTE}f66178d82300"),
    "skipped-text": (PAIR, Pair(), f"a3{ID}00{NOTE}f6617861ff"),
    "skipped-nested-chunks": (PAIR, Pair(), f"a3{ID}00{NOTE}f661787f7f6161ffff"),
    "skipped-other-chunk": (PAIR, Pair(), f"a3{ID}00{NOTE}f661787f4161ff"),
    "name-as-bytes": (PAIR, Pair(), f"a242696400{NOTE}f6"),
    "name-as-integer": (PAIR, Pair(), f"a20000{NOTE}f6"),
    "unknown-field": (PAIR, Pair(), f"a3{ID}00{NOTE}f66178f6"),
    "empty-name": (PAIR, Pair(), f"a3{ID}00{NOTE}f660f6"),
    "key-as-bytes": (PAIR, Pair(), f"a3{ID}00{NOTE}f64178f6"),
    "odd-key": (PAIR, Pair(), f"a3{ID}00{NOTE}f620f6"),
    "integer-as-float": (I64, 1, "fb3ff0000000000000"),
    "fraction": (I64, 0, "fb3fe0000000000000"),
    "integer-as-text": (I64, 0, "6130"),
    "integer-as-bool": (I64, 0, "f4"),
    "float-as-integer": (FLOAT, 0.0, "00"),
    "float-as-text": (FLOAT, 0.0, "63302e35"),
    "text-as-bytes": (TEXT, "a", "4161"),
    "bytes-as-text": (BYTES, b"a", "6161"),
    "text-as-integer": (TEXT, "", "00"),
    "bytes-as-array": (BYTES, b"\x01\xff", "820118ff"),
    "array-as-bytes": (LIST, (), "40"),
    "bool-as-integer": (BOOL, False, "00"),
    "other-scalar": (I64, 0, "40"),
    "scalar-as-array": (I64, 0, "8100"),
    "scalar-as-map": (I64, 0, "a0"),
    "array-as-map": (LIST, ("a",), "a1006161"),
    "array-as-scalar": (LIST, (), "00"),
    "map-as-array": (PAIR, Pair(), "8200f6"),
    "map-as-scalar": (PAIR, Pair(), "00"),
    "unknown-member": (MEMBER, Level.LOW, "613f"),
    "member-as-integer": (MEMBER, Level.LOW, "00"),
    "member-as-map": (MEMBER, Level.LOW, "a1634c4f57f6"),
    "member-as-wide-map": (MEMBER, Level.LOW, "b801634c4f57f6"),
    "unknown-alternative": (SHAPE, Item(), "a1613ff6"),
    "wide-integer": (I64, 0, "1800"),
    "wide-length": (TEXT, "", "7800"),
    "indefinite-array": (LIST, (), "9fff"),
    "indefinite-map": (PAIR, Pair(), f"bf{ID}00{NOTE}f6ff"),
    "indefinite-text": (TEXT, "a", "7f6161ff"),
    "indefinite-name": (PAIR, Pair(), f"a27f{ID}ff00{NOTE}f6"),
    "indefinite-bytes": (BYTES, b"a", "5f4161ff"),
    "half-float": (FLOAT, 0.0, "f90000"),
    "single-float": (FLOAT, 0.0, "fa00000000"),
    "nan-payload": (FLOAT, 0.0, "fb7ff8000000000001"),
    "self-described": (I64, 0, "d9d9f700"),
    "unknown-tag": (I64, 0, "d904d200"),
    "time-tag": (I64, 0, "c100"),
    "wrong-tag-content": (TEXT, "", "c260"),
    "bignum": (I64, 0, "c240"),
    "bignum-past-64": (I64, 0, "c249010000000000000000"),
    "out-of-range": (I64, 0, "1b8000000000000000"),
    "empty": (I64, 0, ""),
    "truncated": (TEXT, "ab", "6261"),
    "missing-items": (LIST, (), "81"),
    "short-length": (PAIR, Pair(), f"a1{ID}00{NOTE}f6"),
    "huge-length": (TEXT, "", "7b8000000000000000"),
    "trailing-bytes": (I64, 0, "00ff"),
    "second-item": (I64, 0, "0000"),
    "break-outside": (I64, 0, "ff"),
    "missing-break": (LIST, (), "9f"),
    "odd-map": (PAIR, Pair(), f"bf{ID}00{NOTE}ff"),
    "nested-chunks": (TEXT, "a", "7f7f6161ffff"),
    "other-chunk": (TEXT, "", "7f4161ff"),
    "split-character": (TEXT, "", "7f61c361a9ff"),
    "invalid-utf8": (TEXT, "", "61ff"),
    "reserved-info": (I64, 0, "1c"),
    "indefinite-number": (I64, 0, "1f"),
    "undefined-field": (I64, 0, "f7"),
    "undefined-optional": (PAIR, Pair(), f"a2{ID}00{NOTE}f7"),
    "simple-value": (I64, 0, "f0"),
    "short-simple": (I64, 0, "f814"),
    "nested-past-32": (PAIR, Pair(), f"a3{ID}00{NOTE}f66178" + "81" * 31 + "80"),
    "nested-past-128": (PAIR, Pair(), f"a3{ID}00{NOTE}f66178" + "81" * 127 + "80"),
    "nested-past-256": (PAIR, Pair(), f"a3{ID}00{NOTE}f66178" + "81" * 255 + "80"),
}
UPON_ANOTHER = {"wide-tag"}  # there is no tag before another mutation has put one


def test_the_table_is_whole():
    """Every mutation stands in the table, and no name is given twice."""
    assert sorted([*SIMPLEST, *UPON_ANOTHER]) == sorted(set(NAMES)) == sorted(NAMES)


@pytest.mark.parametrize("name", SIMPLEST)
def test_simplest(name):
    """The simplest choices give the minimal document, whose one feature is the mutation's name."""
    type_, value, expected = SIMPLEST[name]

    mutated = mutate(CBOR, type_, value, [name], Lowest())

    assert mutated.data.hex() == expected
    assert mutated.applied == (name,)
    assert CBOR.features_typed(mutated.data, type_) == {name}


@pytest.mark.parametrize("name", UPON_ANOTHER)
def test_upon_another(name):
    """A mutation of tags has no effect without one, and its own feature with one."""
    alone = mutate(CBOR, I64, 0, [name], Lowest())
    tagged = mutate(CBOR, I64, 0, ["time-tag", name], Lowest())

    assert alone.applied == ()
    assert tagged.data.hex() == "db000000000000000100"
    assert CBOR.features_typed(tagged.data, I64) == {"time-tag", name}


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(NAMES), st.data())
def test_one_word(name, data):
    """Whatever a single mutation draws, a record broken by it has that one feature."""
    mutated = mutate(CBOR, SAMPLE, Sample(), [name], Drawn(data))

    assert CBOR.features_typed(mutated.data, SAMPLE) == set(mutated.applied)


@settings(deadline=None, max_examples=300)
@given(typed_values, st.lists(st.sampled_from(NAMES), max_size=6), st.data())
def test_any_order(typed, names, data):
    """Mutations follow one another in any order, on bytes that the one before has broken."""
    type_, value = typed

    mutated = mutate(CBOR, type_, value, names, Drawn(data))

    assert set(mutated.applied) <= set(names)
    assert isinstance(mutated.data, bytes)


@settings(deadline=None, max_examples=200)
@given(st.binary(), st.sampled_from(NAMES), st.data())
def test_foreign_bytes(document, name, data):
    """Any bytes can be mutated, those that no codec wrote among them."""
    mutated = mutate_bytes(CBOR, SAMPLE, document, [name], Drawn(data))

    assert (mutated.data == document) == (mutated.applied == ())


@pytest.mark.parametrize(
    ("name", "type_", "value", "choices", "expected"),
    [
        ("indefinite-text", TEXT, "ab", (0, 2, 1, 1), "7f61616061" + "62ff"),
        ("indefinite-text", TEXT, "", (0, 0), "7fff"),
        ("bignum", I64, -1, (0, 1), "c34100"),
        ("out-of-range", I64, 0, (0, 1), "3b8000000000000000"),
        ("wide-integer", I64, 0, (0, 3), "1b0000000000000000"),
        ("huge-length", TEXT, "", (0, 1), "7a80000000"),
        ("member-as-map", MEMBER, Level.LOW, (0, 1), "a1634c4f5780"),
        ("truncated", TEXT, "ab", (1,), "62"),
        ("half-float", FLOAT, 0.0, (0, 2), "f98000"),
        ("nan-payload", FLOAT, 0.0, (0, 2), "fbfff8000000000000"),
    ],
)
def test_variants(name, type_, value, choices, expected):
    """Variants of one oddity are one mutation, and bear its name."""
    mutated = mutate(CBOR, type_, value, [name], Played(*choices))

    assert mutated.data.hex() == expected
    assert CBOR.features_typed(mutated.data, type_) == {name}
