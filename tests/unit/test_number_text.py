"""Plain numbers and UUIDs as text: each mutation in its simplest form, and its features, one by one."""

from __future__ import annotations

import math
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import I64, Drawn, Lowest

from driftcheck.codecs.identifier_text import UuidText, uuid_mutations
from driftcheck.codecs.number import DecimalText, IntegerText
from driftcheck.codecs.number.mutations import decimal_mutations, integer_mutations
from driftcheck.core import types as t
from driftcheck.core.codec import mutate_bytes

INTEGER, DECIMAL, UUID = IntegerText(), DecimalText(), UuidText()
BYTE, FLOAT = t.Int(0, 255), t.Float()
ID = b"7d444840-9dc0-41d1-b245-5ffdce74fad2"

# What each makes of 42 as a byte, with the simplest choices.
INTEGERS = {
    "leading-zero": b"042",
    "plus-sign": b"+42",
    "double-sign": b"--42",
    "sign-alone": b"-",
    "exponent": b"42e0",
    "bare-exponent": b"42e",
    "leading-dot": b".5",
    "trailing-dot": b"42.",
    "decimal-comma": b"42,5",
    "digit-groups": b"1,042",
    "underscore": b"42_0",
    "hexadecimal": b"0x0",
    "octal": b"0o0",
    "binary": b"0b0",
    "type-suffix": b"42L",
    "nan": b"NaN",
    "infinity": b"Infinity",
    "negative-zero": b"-0",
    "zero-fraction": b"42.0",
    "fraction": b"42.5",
    "at-boundary": b"128",
    "out-of-range": b"256",
    "past-64-bits": b"18446744073709551616",
    "past-128-bits": str(2**128).encode(),
}
DECIMALS = {
    "excess-digits": b"0.1000000000000000055",
    "subnormal": f"{5e-324:.324f}".encode(),
    "underflow": b"0." + b"0" * 400 + b"1",
    "overflow": b"1" + b"0" * 309,
}
UUIDS = {
    "upper-case": ID.upper(),
    "braces": b"{%s}" % ID,
    "parentheses": b"(%s)" % ID,
    "quoted": b'"%s"' % ID,
    "open-brace": b"{%s" % ID,
    "urn-prefix": b"urn:uuid:" + ID,
    "without-hyphens": ID.replace(b"-", b""),
    "misplaced-hyphen": b"7d4448409-dc0-41d1-b245-5ffdce74fad2",
    "other-separator": ID.replace(b"-", b"_"),
    "wrong-version": b"7d444840-9dc0-01d1-b245-5ffdce74fad2",
    "wrong-variant": b"7d444840-9dc0-41d1-0245-5ffdce74fad2",
    "nil": b"00000000-0000-0000-0000-000000000000",
    "all-ones": b"ffffffff-ffff-ffff-ffff-ffffffffffff",
    "digit-missing": ID[:-1],
    "digit-too-many": ID + b"0",
    "no-hex-digit": b"g" + ID[1:],
}
# Values like others of the type leave no mark, nor does what cuts, repeats or renames.
WITHOUT_MARK = {"at-boundary", "subnormal", "truncated", "trailing-bytes", "doubled", "case-swapped"}


def marking(mutations):
    """List the names of the mutations that leave a mark."""
    return st.sampled_from([m.name for m in mutations if m.name not in WITHOUT_MARK])


def test_tables_are_whole():
    """Every mutation stands in a table, and no name is given twice."""
    assert [*INTEGERS] == [m.name for m in integer_mutations]
    assert {*DECIMALS} == {m.name for m in decimal_mutations} - {*INTEGERS}
    assert [*UUIDS] == [m.name for m in uuid_mutations]
    for codec in (INTEGER, DECIMAL, UUID):
        assert len({m.name for m in codec.mutations}) == len(codec.mutations)


@pytest.mark.parametrize("name", INTEGERS)
def test_simplest_integer(name):
    """The simplest choices give the text on file, and its feature is the mutation's name."""
    mutated = mutate_bytes(INTEGER, BYTE, b"42", [name], Lowest())

    assert mutated.data == INTEGERS[name]
    assert INTEGER.features_typed(mutated.data, BYTE) == {name} - WITHOUT_MARK


@pytest.mark.parametrize("name", DECIMALS)
def test_simplest_decimal(name):
    """The simplest choices give the text on file, and its feature is the mutation's name."""
    mutated = mutate_bytes(DECIMAL, FLOAT, b"42", [name], Lowest())

    assert mutated.data == DECIMALS[name]
    assert DECIMAL.features_typed(mutated.data, FLOAT) == {name} - WITHOUT_MARK


@pytest.mark.parametrize("name", UUIDS)
def test_simplest_uuid(name):
    """The simplest choices give the text on file, and its feature is the mutation's name."""
    mutated = mutate_bytes(UUID, t.Bytes(), ID, [name], Lowest())

    assert mutated.data == UUIDS[name]
    assert UUID.features(mutated.data) == {name}


@settings(deadline=None, max_examples=200)
@given(st.integers(t.I64_MIN, t.I64_MAX), marking(INTEGER.mutations), st.data())
def test_one_word_for_integers(value, name, data):
    """A whole number is written so that nothing is odd about it, and one mutation makes one thing odd."""
    document = INTEGER.encode(value)
    mutated = mutate_bytes(INTEGER, I64, document, [name], Drawn(data))

    assert INTEGER.features_typed(document, I64) == set()
    assert INTEGER.value_typed(document, I64) == value
    assert INTEGER.features_typed(mutated.data, I64) == set(mutated.applied)


@settings(deadline=None, max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False), marking(DECIMAL.mutations), st.data())
def test_one_word_for_decimals(value, name, data):
    """A decimal is written so that nothing is odd about it, and one mutation makes one thing odd."""
    document = DECIMAL.encode(value)
    mutated = mutate_bytes(DECIMAL, FLOAT, document, [name], Drawn(data))

    assert DECIMAL.features_typed(document, FLOAT) == set()
    assert DECIMAL.value_typed(document, FLOAT).hex() == value.hex()
    assert DECIMAL.features_typed(mutated.data, FLOAT) == set(mutated.applied)


@settings(deadline=None, max_examples=200)
@given(st.uuids(version=4), marking(UUID.mutations), st.data())
def test_one_word_for_uuids(value, name, data):
    """A UUID is written so that nothing is odd about it, and one mutation makes one thing odd."""
    document = UUID.encode(value.bytes)
    mutated = mutate_bytes(UUID, t.Bytes(), document, [name], Drawn(data))

    assert UUID.features(document) == set()
    assert UUID.value_typed(document, t.Bytes()) == value.bytes
    assert UUID.features(mutated.data) == set(mutated.applied)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([(INTEGER, BYTE), (DECIMAL, FLOAT), (UUID, t.Bytes())]), st.binary(), st.data())
def test_any_bytes(codec, document, data):
    """Mutations follow one another in any order, on any bytes, and one without effect is not counted."""
    codec, type_ = codec
    names = data.draw(st.lists(st.sampled_from([m.name for m in codec.mutations]), max_size=4))

    mutated = mutate_bytes(codec, type_, document, names, Drawn(data))
    assert len(names) != 1 or (mutated.data == document) == (mutated.applied == ())
    assert isinstance(codec.features_typed(mutated.data, type_), set)


@pytest.mark.parametrize(
    ("text", "features"),
    [
        (b"-129", {"out-of-range"}),
        (b"1e999999999", {"exponent"}),
        (b"seven", {"no-number"}),
        (b"", {"empty"}),
        ("４２".encode(), {"full-width"}),
        ("\u22125".encode(), {"typographic-dash", "out-of-range"}),
        (b"-00", {"leading-zero", "negative-zero"}),
        (b"1.", {"trailing-dot"}),
        (b"1,000.5", {"no-number"}),
    ],
)
def test_features_of_numbers(text, features):
    """Text that nobody's mutation made has its features, too."""
    assert INTEGER.features_typed(text, BYTE) == features


@pytest.mark.parametrize(
    ("text", "features"),
    [
        (b"{7D444840-9DC0-41D1-B245-5FFDCE74FAD2}", {"braces", "upper-case"}),
        (b"urn:uuid:00000000-0000-0000-0000-000000000000", {"urn-prefix", "nil"}),
        (b"no uuid", {"no-uuid"}),
        (b"", {"empty"}),
    ],
)
def test_features_of_uuids(text, features):
    """Text that nobody's mutation made has its features, too."""
    assert UUID.features(text) == features


@pytest.mark.parametrize("text", [b"01", b"+1", b"-", b"", b"1e2", b"1.0", "１".encode(), b"\xff"])
def test_integers_are_read_strictly(text):
    """What is not plain digits has no meaning as a whole number."""
    with pytest.raises(ValueError, match=r"whole number|decode"):
        INTEGER.decode(text)


def test_what_has_no_text():
    """NaN and infinities are not drawn for a decimal, and are refused."""
    narrowed = DECIMAL.expressible(FLOAT)

    assert isinstance(narrowed, t.Float)
    assert math.isfinite(narrowed.lo)
    assert math.isfinite(narrowed.hi)
    with pytest.raises(ValueError, match="no decimal digits"):
        DECIMAL.encode(math.nan)


def test_zero_is_not_minus_zero():
    """Decimals mean the same where their doubles are the same bits."""
    assert DECIMAL.decode(b"1e1") == DECIMAL.decode(b"10.0")
    assert DECIMAL.decode(b"-0") != DECIMAL.decode(b"0")


def test_a_uuid_is_of_version_4():
    """Of 16 bytes, all but six bits are kept."""
    written = uuid.UUID(UUID.encode(bytes(16)).decode())

    assert written.version == 4
    assert written.variant == uuid.RFC_4122
