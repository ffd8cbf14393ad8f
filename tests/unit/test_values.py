"""Values on the wire: RFC 8949's own examples, every type there and back, and what is not such a value."""

from __future__ import annotations

import enum
import math
import re
import struct
from typing import Any

import attrs
import cbor2
import pytest

from driftcheck.core import types as t
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Name, Ref
from driftcheck.values.encoding import OutsideType, as_payload, decoder, dumps, encoder, plain

I64 = t.Int(t.I64_MIN, t.I64_MAX)
U64 = t.Int(0, t.U64_MAX)
TEXT, BYTES, FLOAT = t.Text(), t.Bytes(), t.Float()
NUMBERS = t.Sequence(U64)


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"


@attrs.frozen
class Point:
    x: int = attrs.field(validator=attrs.validators.ge(0))
    tags: tuple[str, ...]


@attrs.frozen
class Nothing:
    pass


COLOUR = t.Enumeration("Colour", Colour)
POINT = t.Record("Point", Point, (t.Field("x", I64), t.Field("tags", t.Sequence(TEXT))))
NOTHING = t.Record("Nothing", Nothing, ())
UNION = t.Union("PointOrNothing", (POINT, NOTHING))


def bits(hexadecimal: str) -> float:
    (value,) = struct.unpack(">d", bytes.fromhex(hexadecimal))
    return float(value)


# RFC 8949, Appendix A, of what travels; floats are those that the RFC, too, gives eight bytes.
VECTORS: list[tuple[t.Type, Any, str]] = [
    (U64, 0, "00"),
    (U64, 1, "01"),
    (U64, 10, "0a"),
    (U64, 23, "17"),
    (U64, 24, "1818"),
    (U64, 25, "1819"),
    (U64, 100, "1864"),
    (U64, 1000, "1903e8"),
    (U64, 1000000, "1a000f4240"),
    (U64, 1000000000000, "1b000000e8d4a51000"),
    (U64, 18446744073709551615, "1bffffffffffffffff"),
    (I64, -1, "20"),
    (I64, -10, "29"),
    (I64, -100, "3863"),
    (I64, -1000, "3903e7"),
    (FLOAT, 1.1, "fb3ff199999999999a"),
    (FLOAT, 1.0e300, "fb7e37e43c8800759c"),
    (FLOAT, -4.1, "fbc010666666666666"),
    (FLOAT, math.inf, "fb7ff0000000000000"),
    (FLOAT, math.nan, "fb7ff8000000000000"),
    (FLOAT, -math.inf, "fbfff0000000000000"),
    (t.Bool(), False, "f4"),
    (t.Bool(), True, "f5"),
    (t.Optional(U64), None, "f6"),
    (BYTES, b"", "40"),
    (BYTES, bytes.fromhex("01020304"), "4401020304"),
    (TEXT, "", "60"),
    (TEXT, "a", "6161"),
    (TEXT, "IETF", "6449455446"),
    (TEXT, '"\\', "62225c"),
    (TEXT, "\u00fc", "62c3bc"),
    (TEXT, "\u6c34", "63e6b0b4"),
    (TEXT, "\U00010151", "64f0908591"),
    (NUMBERS, (), "80"),
    (NUMBERS, (1, 2, 3), "83010203"),
    (NUMBERS, tuple(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    (t.Mapping(U64, U64), {}, "a0"),
    (t.Mapping(U64, U64), {1: 2, 3: 4}, "a201020304"),
    (
        t.Mapping(TEXT, TEXT),
        {"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"},
        "a56161614161626142616361436164614461656145",
    ),
]


@pytest.mark.parametrize(("type_", "value", "encoded"), VECTORS, ids=[v[2][:20] for v in VECTORS])
def test_the_rfcs_examples(type_: t.Type, value: Any, encoded: str) -> None:
    """What RFC 8949 gives as an example is written so, and read as that value."""
    assert dumps(encoder(type_)(value)).hex() == encoded
    read = decoder(type_)(cbor2.loads(bytes.fromhex(encoded)))
    assert read == value or (value != value and read != read)


@pytest.mark.parametrize(
    ("type_", "value", "encoded"),
    [
        (FLOAT, 1.0, "fb3ff0000000000000"),
        (FLOAT, 1, "fb3ff0000000000000"),
        (FLOAT, -0.0, "fb8000000000000000"),
        (FLOAT, bits("fff8000000000001"), "fbfff8000000000001"),
        (t.Float(nan_equal=True), bits("fff8000000000001"), "fb7ff8000000000000"),
        (t.Float(nan_equal=True), -0.0, "fb8000000000000000"),
        (COLOUR, Colour.GREEN, "01"),
        (POINT, Point(1, ("a",)), "82018161" + "61"),
        (UNION, Point(1, ()), "8200820180"),
        (UNION, Nothing(), "820180"),
        (t.Optional(UNION), None, "f6"),
        (t.Optional(BYTES), b"", "40"),
        (t.Sequence(TEXT, unordered=True), ("bb", "c", "a", "c"), "84616161636163626262"),
        (t.Sequence(t.Float(nan_equal=True), unordered=True), (math.nan, 1.0), None),
        (t.Mapping(I64, t.Bool()), {-1: True, 24: False, 0: True}, "a300f51818f420f5"),
        (t.Mapping(TEXT, U64), {"bb": 1, "é": 2, "a": 3}, "a361610362626201" + "62c3a902"),
        (t.Mapping(BYTES, U64), {b"\xff": 1, b"": 2}, "a2400241ff01"),
        (t.Mapping(COLOUR, U64), {Colour.GREEN: 1, Colour.RED: 2}, "a200020101"),
        (t.Mapping(t.Bool(), U64), {True: 1, False: 2}, "a2f402f501"),
        (t.Named(TEXT, 4), Name("key", 2, "a"), "6161"),
        (t.Named(TEXT, 4), "a", "6161"),
        (t.Choice(U64, (1, 2)), 2, "02"),
        (t.Handle("Cursor"), Ref(7), "07"),
        (t.Handle("Cursor"), object(), "f6"),
        (t.Payload(U64, None), Document(b"\x00{"), "42007b"),  # type: ignore[arg-type] # the codec is not asked
        (t.Payload(U64, None), Payload(b"x"), "4178"),  # type: ignore[arg-type]
    ],
)
def test_how_each_type_travels(type_: t.Type, value: Any, encoded: str | None) -> None:
    """Each type has the form that the wire's reference gives it."""
    expected = encoded or "82fb3ff0000000000000fb7ff8000000000000"

    assert dumps(encoder(type_)(value)).hex() == expected


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (I64, t.I64_MIN),
        (COLOUR, Colour.RED),
        (POINT, Point(3, ("a", "b"))),
        (UNION, Nothing()),
        (UNION, Point(0, ())),
        (t.Optional(POINT), None),
        (t.Sequence(t.Optional(BYTES)), (None, b"")),
        (t.Mapping(COLOUR, t.Sequence(I64)), {Colour.RED: (1,), Colour.GREEN: ()}),
        (t.Named(TEXT, 4), "a"),
        (t.Choice(TEXT, ("a", "b")), "b"),
        (t.Text(pattern=re.compile("a+")), "aa"),
        (t.Payload(U64, None), Payload(b"x")),  # type: ignore[arg-type] # the codec is not asked
    ],
)
def test_there_and_back(type_: t.Type, value: Any) -> None:
    """What was encoded is decoded to an equal value."""
    assert decoder(type_)(cbor2.loads(dumps(encoder(type_)(value)))) == value


def test_the_bits_of_a_float_survive() -> None:
    """A NaN comes back with its sign and its payload."""
    odd = bits("fff8000000000001")

    (back,) = decoder(t.Sequence(FLOAT))(cbor2.loads(dumps(encoder(t.Sequence(FLOAT))((odd,)))))

    assert struct.pack(">d", back) == struct.pack(">d", odd)


def test_an_authors_validators_are_not_run() -> None:
    """A record is decoded although its own validator would refuse it: types alone say what is outside."""
    assert decoder(POINT)([-5, []]).x == -5


@pytest.mark.parametrize(
    ("type_", "data", "said"),
    [
        (t.Bool(), 1, "the value is 1, but bool is expected"),
        (U64, -1, "the value is -1, outside 0 to 18446744073709551615"),
        (U64, 2**64, "the value is 18446744073709551616, outside 0 to 18446744073709551615"),
        (I64, True, "the value is True, but int is expected"),
        (I64, 1.0, "the value is 1.0, but int is expected"),
        (I64, None, "the value is null, but int is expected"),
        (t.Int(0, 4), 5, "the value is 5, outside 0 to 4"),
        (FLOAT, 1, "the value is 1, but float is expected"),
        (t.Float(lo=0.0, hi=1.0), math.nan, "the value is nan, outside 0.0 to 1.0"),
        (t.Float(hi=1.0), 2.0, "the value is 2.0, outside -inf to 1.0"),
        (TEXT, b"a", "the value is b'a', but str is expected"),
        (BYTES, "a", "the value is 'a', but bytes is expected"),
        (TEXT, cbor2.CBORTag(25699, b"a\xff"), "the value is text that is not UTF-8 (bytes 61 ff)"),
        (TEXT, cbor2.CBORTag(25699, "a"), "the value is CBORTag(25699, 'a'), but str is expected"),
        (TEXT, cbor2.CBORTag(1000, b"a"), "the value is CBORTag(1000, b'a'), but str is expected"),
        (t.Text(min_len=2), "é", "the value has 1 characters, outside 2 to inf"),
        (t.Bytes(max_len=1), b"ab", "the value has 2 bytes, outside 0 to 1"),
        (t.Text(pattern=re.compile("a+")), "aab", "the value is 'aab', which does not match 'a+'"),
        (t.Choice(U64, (1, 2)), 3, "the value is 3, which is not among the values of in_"),
        (COLOUR, 2, "the value is 2, which is not the number of a member"),
        (COLOUR, -1, "the value is -1, which is not the number of a member"),
        (COLOUR, True, "the value is True, which is not the number of a member"),
        (POINT, [1], "the value is [1], but Point is expected"),
        (POINT, {}, "the value is {}, but Point is expected"),
        (POINT, ["1", []], "x is '1', but int is expected"),
        (POINT, [1, ["a", 2]], "tags[1] is 2, but str is expected"),
        (UNION, None, "the value is null, but PointOrNothing is expected"),
        (UNION, [0], "the value is [0], but PointOrNothing is expected"),
        (UNION, [2, []], "[0] is 2, which is not the number of an alternative"),
        (UNION, [-1, []], "[0] is -1, which is not the number of an alternative"),
        (UNION, [True, []], "the value is [True, []], but PointOrNothing is expected"),
        (UNION, [1.0, []], "the value is [1.0, []], but PointOrNothing is expected"),
        (UNION, [0, [1, [2]]], "tags[0] is 2, but str is expected"),
        (t.Optional(U64), "a", "the value is 'a', but int is expected"),
        (NUMBERS, {}, "the value is {}, but array is expected"),
        (t.Sequence(POINT), [[1, []], [1, [None]]], "[1].tags[0] is null, but str is expected"),
        (t.Sequence(NUMBERS), [[], [0, "x"]], "[1][1] is 'x', but int is expected"),
        (t.Sequence(U64, min_len=1), [], "the value has 0 items, outside 1 to inf"),
        (t.Mapping(TEXT, U64), [], "the value is [], but map is expected"),
        (t.Mapping(TEXT, U64, max_len=1), {"a": 1, "b": 2}, "the value has 2 items, outside 0 to 1"),
        (t.Mapping(TEXT, POINT), {"a": [1, [2]]}, "['a'].tags[0] is 2, but str is expected"),
        (t.Mapping(TEXT, U64), {1: 1}, "[1] is 1, but str is expected"),
        (t.Payload(U64, None), "a", "the value is 'a', but bytes is expected"),  # type: ignore[arg-type]
        (t.Handle("Cursor"), 3, "the value is 3, but handle is expected"),
        (TEXT, ["x" * 200], f"the value is ['{'x' * 75}..., but str is expected"),
    ],
)
def test_what_is_outside_its_type(type_: t.Type, data: Any, said: str) -> None:
    """Whatever a reply holds, it is a value of the type or is said not to be, and where."""
    with pytest.raises(OutsideType) as caught:
        decoder(type_)(data)

    assert str(caught.value) == said


def test_ill_formed_text_as_a_key() -> None:
    """A Go string that is not UTF-8 is outside its type as a map's key, too."""
    data = cbor2.loads(bytes.fromhex("a1d9646341ff01"))

    with pytest.raises(OutsideType, match="is text that is not UTF-8"):
        decoder(t.Mapping(TEXT, U64))(data)


def test_what_a_trace_adds_is_taken_off() -> None:
    """A name in play becomes its value, and a document the payload that a model is given."""
    document = Document(b"1", 1)

    assert plain(Name("key", 0, "a")) == as_payload(Name("key", 0, "a")) == "a"
    assert (as_payload(document).data, as_payload(document).value) == (b"1", 1)


def test_steps_do_not_travel() -> None:
    """A run of steps is a law's affair; to encode one is a mistake of driftcheck's own."""
    for make in (encoder, decoder):
        with pytest.raises(AssertionError, match="a run of steps does not travel"):
            make(t.Steps())
