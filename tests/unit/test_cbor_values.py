"""CBOR of typed values, there and back, and what documents mean."""

from __future__ import annotations

import math
import struct
import sys

import cbor2
import pytest
from cbor_samples import DICT, FLOAT, I64, PAIR, Pair, typed_values
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcheck.codecs.cbor import Cbor, DeterministicCbor
from driftcheck.codecs.cbor import head as cbor_head
from driftcheck.codecs.cbor import value as cbor_value

CODECS = (Cbor(), DeterministicCbor())


@settings(deadline=None)
@given(typed_values, st.sampled_from(CODECS))
def test_there_and_back(typed, codec):
    """A written value is read back, and written as the same bytes."""
    type_, value = typed
    data = codec.encode_typed(value, type_)

    back = codec.value_typed(data, type_)

    assert codec.encode_typed(back, type_) == data
    assert back == value or "nan" in repr(value)


@settings(deadline=None)
@given(typed_values)
def test_one_meaning(typed):
    """Both forms of a value mean the same."""
    type_, value = typed
    plain, deterministic = (codec.encode_typed(value, type_) for codec in CODECS)

    assert CODECS[0].decode_typed(plain, type_) == CODECS[0].decode_typed(deterministic, type_)


@settings(deadline=None)
@given(st.floats())
def test_shortest_floats(value):
    """The shortest form of a float is the one that another implementation of RFC 8949, 4.2.1 writes."""
    assert cbor_head.shortest_float(value) == cbor2.dumps(value, canonical=True)


@settings(deadline=None)
@given(st.floats(width=16) | st.floats(width=32), st.sampled_from([2, 4]))
def test_narrow_floats_mean_their_doubles(value, width):
    """A half or a single means the double of the same value."""
    data = cbor_head.float_in(value, width)
    if data is not None:
        assert cbor_value.read(data) == cbor_head.double(value)


def test_a_nan_keeps_what_it_carries_when_it_is_widened():
    """The bits of a NaN stand in front, as hardware widens one."""
    assert cbor_value.read(bytes.fromhex("f97e01")) == cbor_head.double_of_bits(0x7FF8040000000000)
    assert cbor_value.read(bytes.fromhex("fa7fc00001")) == cbor_head.double_of_bits(0x7FF8000020000000)
    assert cbor_value.read(bytes.fromhex("f9fe00")) == cbor_head.double_of_bits(0xFFF8000000000000)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a201020304", "a203040102"),
        ("00", "1800"),
        ("9f01ff", "8101"),
        ("7f6161ff", "6161"),
        ("f93c00", "fb3ff0000000000000"),
        ("c24101", "01"),
        ("c340", "20"),
        ("d9d9f700", "00"),
    ],
)
def test_equal_meanings(one, other):
    """Order of keys, lengths of heads, chunks, widths of floats and bignums that fit change no meaning."""
    assert cbor_value.read(bytes.fromhex(one)) == cbor_value.read(bytes.fromhex(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("00", "f90000"),
        ("f90000", "f98000"),
        ("6161", "4161"),
        ("f6", "f7"),
        ("c100", "00"),
        ("a2010201f4", "a10102"),
        ("f97e00", "f97e01"),
    ],
)
def test_other_meanings(one, other):
    """Integers are no floats, 0 is not -0, tags and repeated entries count."""
    assert cbor_value.read(bytes.fromhex(one)) != cbor_value.read(bytes.fromhex(other))


@pytest.mark.parametrize(
    "data", ["", "18", "6261", "61ff", "1c", "ff", "81", "9f", "0000", "f818", "bf01ff", "5f6161ff"]
)
def test_what_is_not_well_formed_means_nothing(data):
    """The strict reader refuses what RFC 8949 does, and text that is not UTF-8."""
    with pytest.raises(ValueError, match=r"."):
        cbor_value.read(bytes.fromhex(data))


@settings(deadline=None, max_examples=300)
@given(st.binary())
def test_any_bytes_mean_something_or_nothing(data):
    """A meaning means itself, and there is no other error than ValueError."""
    try:
        meant = cbor_value.read(data)
    except ValueError:
        return

    assert cbor_value.read(meant) == meant


def test_depths():
    """What is deep is read without recursion, to a limit."""
    assert cbor_value.read(b"\x81" * 999 + b"\x80") == b"\x81" * 999 + b"\x80"
    with pytest.raises(ValueError, match="too deep"):
        cbor_value.read(b"\x81" * 100_000)


def test_deterministic_order():
    """Keys are sorted by their bytes: an integer of three bytes before a text, -1 behind 100."""
    data = DeterministicCbor().encode_typed({-1: True, 100: False}, DICT)

    assert data.hex() == "a21864f420f5"


def test_what_no_value_is_written_as_has_none():
    """There is no way back from another form, from another type, and from a document that is cut."""
    for data in ("1800", "f90000", "6130", "19"):
        with pytest.raises(ValueError, match=r"."):
            Cbor().value_typed(bytes.fromhex(data), I64)
    with pytest.raises(ValueError, match=r"."):
        Cbor().value_typed(bytes.fromhex("a1626964" + "00"), PAIR)
    assert Cbor().value_typed(Cbor().encode_typed(Pair(1, "n"), PAIR), PAIR) == Pair(1, "n")


def test_nans_are_one():
    """A NaN is written as the one without a payload, whatever it carries."""
    (odd,) = struct.unpack(">d", bytes.fromhex("7ff8000000000001"))

    assert Cbor().encode_typed(odd, FLOAT) == Cbor().encode_typed(math.nan, FLOAT)


def test_a_deep_document_needs_no_stack() -> None:
    """Where Python's stack is nearly used up, a deep document is still read."""
    deep = b"\x81" * 250 + b"\x00"

    def deeper(left: int) -> object:
        return deeper(left - 1) if left else cbor_value.read(deep)

    assert deeper(sys.getrecursionlimit() - 250) == deep
