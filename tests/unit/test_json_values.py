"""JSON documents: written from typed values, and read strictly for comparison."""

from __future__ import annotations

import base64
import math

import pytest
from hypothesis import given, settings
from json_samples import ANY, EVERYTHING, I64, ITEM, U64, Everything, Item, Level, Point, typed_values

from driftcheck.codecs.json import Json
from driftcheck.codecs.json.any_value import (
    Array,
    End,
    JsonValue,
    Name,
    Null,
    Object,
    Real,
    Truth,
    Whole,
    Words,
)
from driftcheck.core import types as t

JSON = Json()


def means(text: str | bytes, type_=ITEM):
    return JSON.decode_typed(text.encode() if isinstance(text, str) else text, type_)


def test_item():
    """A record is a compact object of all its fields in order, in UTF-8."""
    written = JSON.encode_typed(Item(-1, 'é"\n', 0.5, None, ("a", "")), ITEM)

    assert written == '{"id":-1,"name":"é\\"\\n","score":0.5,"note":null,"tags":["a",""]}'.encode()


def test_every_type():
    """Bytes are base64, a member its name, a union its record's name around it, keys text."""
    value = Everything(
        level=Level.HIGH, blob=b"\x00\xff", shape=Point(0.25), by_number={7: Item()}, grid=((1, None), ())
    )

    assert JSON.encode_typed(value, EVERYTHING) == (
        b'{"flag":false,"level":"HIGH","blob":"AP8=","count":0,"item":null,"items":[],'
        b'"shape":{"Point":{"x":0.25}},"by_text":{},'
        b'"by_number":{"7":{"id":0,"name":"","score":0,"note":null,"tags":[]}},'
        b'"ratio":null,"grid":[[1,null],[]]}'
    )


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ((), b"null"),
        ((Whole(-1),), b"-1"),
        ((Real(1500), Truth(True)), b"[1.5,true]"),
        ((Array(),), b"[]"),
        ((Array(), Words("a"), End(), End(), Null()), b'[["a"],null]'),
        ((Object(), Null(), Null(), Name("x"), Object(), Name("b")), b'{"":null,"a":null,"x":{}}'),
        ((Object(), Name("x"), Null(), Name("x"), Null()), b'{"x":null,"xa":null}'),
        ((Name("x"), Null()), b"null"),
    ],
)
def test_any_value(tokens, text):
    """Whatever tokens there are, they are one value: names are made up, and what is open is ended."""
    assert JSON.encode_typed(JsonValue(tokens), ANY) == text


@pytest.mark.parametrize(
    ("key", "type_", "text"),
    [
        (b"\xff", t.Bytes(), b'{"/w==":true}'),
        (True, t.Bool(), b'{"true":true}'),
        (Level.LOW, t.Enumeration("Level", Level), b'{"LOW":true}'),
        (-3, I64, b'{"-3":true}'),
    ],
)
def test_keys(key, type_, text):
    """The keys of a map are the text of what they are."""
    assert JSON.encode_typed({key: True}, t.Mapping(type_, t.Bool())) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, b"0"),
        (-0.0, b"-0.0"),
        (1e21, b"1e+21"),
        (0.1, b"0.1"),
        (5e-324, b"5e-324"),
        (2.0**53, b"9007199254740992"),
    ],
)
def test_floats(value, text):
    """A float is its shortest text that reads back to the same bits."""
    assert JSON.encode_typed(value, t.Float()) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_floats_that_cannot_be_said(value):
    """A float that is not finite is written as null, which is odd."""
    assert JSON.features_typed(JSON.encode_typed(value, t.Float()), t.Float()) == {"null-document"}


def test_expressible():
    """The values that JSON can say are those without NaN and the infinities, wherever a float stands."""
    narrowed = JSON.expressible(t.Optional(t.Sequence(EVERYTHING)))

    assert "inf" not in repr(narrowed)
    assert JSON.expressible(U64) == U64
    assert JSON.expressible(t.Float(lo=-1.0, hi=1.0)) == t.Float(lo=-1.0, hi=1.0)


@settings(deadline=None)
@given(typed_values)
def test_reads_what_it_writes(typed):
    """What is written can be read, and read again is the same."""
    type_, value = typed
    document = JSON.encode_typed(value, type_)

    assert means(document, type_) == means(document + b" ", type_)


@settings(deadline=None)
@given(typed_values)
def test_the_way_back(typed):
    """What was written leads back to its value, in another form to none."""
    type_, value = typed
    document = JSON.encode_typed(value, type_)

    assert JSON.encode_typed(JSON.value_typed(document, type_), type_) == document
    with pytest.raises(ValueError, match="not in the form that the codec writes"):
        JSON.value_typed(document + b" ", type_)


def test_the_way_back_is_equal():
    """A record that comes back is equal to the one that was written."""
    item = Item(-3, "é", 1.5, None, ("a", ""))

    assert JSON.value_typed(JSON.encode_typed(item, ITEM), ITEM) == item


@pytest.mark.parametrize("document", [b"", b"[]", b"null", b'{"id":"1"}', b"\xff", b"[" * 2000])
def test_no_way_back(document):
    """A malformed document leads to no value, and says so."""
    with pytest.raises(ValueError, match=r"document is|Expecting|utf-8"):
        JSON.value_typed(document, ITEM)


@pytest.mark.parametrize(
    ("one", "other", "type_"),
    [
        (r'"\u003c\/"', '"</"', t.Text()),
        ('"é"', r'"\u00e9"', t.Text()),
        ("1e+21", "1e21", t.Float()),
        ("1", "1.0", t.Float()),
        ("100", "1E2", I64),
        ("-0", "0", I64),
        ('{"b":1,"a":2}', ' {"a":2, "b":1}', t.Mapping(t.Text(), I64)),
        ('{"x":1}', '{"x":1.0}', ITEM),
        ('{"x":100000000000000000000}', '{"x":1e20}', ITEM),
        ("45515081579498070", "4.551508157949807e16", ANY),
        ("18446744073709551616", "18446744073709552000", ANY),
    ],
)
def test_equal(one, other, type_):
    """Documents that mean the same are equal."""
    assert means(one, type_) == means(other, type_)


@pytest.mark.parametrize(
    ("one", "other", "type_"),
    [
        ("0", "-0", t.Float()),
        ("0.0", "-0.0", t.Float()),
        ("0.1", "0.10000000000000002", t.Float()),
        ("9007199254740993", "9007199254740992", I64),
        ("9007199254740993", "9007199254740992", ANY),
        ("18446744073709551615", "18446744073709552000", ANY),
        ("45515081579498070", "45515081579498072", I64),
        ("1", '"1"', I64),
        ("1", "true", I64),
        ("0", "false", t.Float()),
        ('{"note":null}', "{}", ITEM),
        ("[1,2]", "[2,1]", t.Sequence(I64)),
    ],
)
def test_unequal(one, other, type_):
    """Documents that mean something else are not equal."""
    assert means(one, type_) != means(other, type_)


@pytest.mark.parametrize(
    "document",
    [
        b'{"id":1,"id":1}',
        b'{"x":[{"a":1,"a":1}]}',
        b'"\\ud800"',
        b'{"\\ud800":1}',
        b'"\xff"',
        b"1e400",
        b"9" * 400,
        b"NaN",
        b"-Infinity",
        b"",
        b"{} {}",
        b"01",
        b"\xef\xbb\xbf{}",
        b'"\x00"',
        b"[" * 100_000,
    ],
)
def test_not_well_formed(document):
    """What is not well-formed, or means nothing certain, raises ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011  (the parser's own words differ)
        means(document, t.Float())


def test_base64_is_compared_as_text():
    """Bytes are compared as they are written: their padding is part of the document."""
    text = base64.b64encode(b"a").decode()

    assert means(f'"{text}"', t.Bytes()) != means('"YQ"', t.Bytes())
