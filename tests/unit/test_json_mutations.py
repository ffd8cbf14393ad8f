"""Each mutation of JSON in its simplest form: the minimal document, and its features, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import (
    ANY,
    EVERYTHING,
    ITEM,
    MESSAGE,
    Drawn,
    Everything,
    Item,
    Lowest,
    Message,
    Played,
    typed_values,
)

from driftcheck.codecs.json import Json
from driftcheck.codecs.json.numbers import HALF_WAY
from driftcheck.core import types as t
from driftcheck.core.codec import mutate, mutate_bytes

JSON = Json()
NAMES = [m.name for m in JSON.mutations]
NEST = b"[" * 10_000 + b"]" * 10_000

# What each makes of Item(), the simplest value, with the simplest choices.
SIMPLEST = {
    "absent-field": b'{"name":"","score":0,"note":null,"tags":[]}',
    "absent-optional": b'{"id":0,"name":"","score":0,"tags":[]}',
    "null-field": b'{"id":null,"name":"","score":0,"note":null,"tags":[]}',
    "null-element": b'{"id":0,"name":"","score":0,"note":null,"tags":[null]}',
    "null-document": b"null",
    "duplicate-field": b'{"id":0,"id":0,"name":"","score":0,"note":null,"tags":[]}',
    "wrong-case": b'{"ID":0,"name":"","score":0,"note":null,"tags":[]}',
    "wrong-case-optional": b'{"id":0,"name":"","score":0,"NOTE":null,"tags":[]}',
    "unknown-field": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":null}',
    "duplicate-unknown": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":0,"x":0}',
    "duplicate-wrong-case": b'{"id":0,"ID":1,"name":"","score":0,"note":null,"tags":[]}',
    "wrong-case-value": b'{"ID":true,"name":"","score":0,"note":null,"tags":[]}',
    "skipped-surrogate": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":"\\ud800"}',
    "skipped-utf8": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":"\xff"}',
    "look-alike-name": '{"id":0,"name":"","score":0,"ｎote":null,"tags":[]}'.encode(),
    "empty-name": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"":null}',
    "escaped-name": b'{"\\u0069d":0,"name":"","score":0,"note":null,"tags":[]}',
    "reordered": b'{"name":"","id":0,"score":0,"note":null,"tags":[]}',
    "number-as-string": b'{"id":"0","name":"","score":0,"note":null,"tags":[]}',
    "number-as-bool": b'{"id":false,"name":"","score":0,"note":null,"tags":[]}',
    "string-as-number": b'{"id":0,"name":0,"score":0,"note":null,"tags":[]}',
    "string-as-bool": b'{"id":0,"name":false,"score":0,"note":null,"tags":[]}',
    "scalar-as-array": b'{"id":[0],"name":"","score":0,"note":null,"tags":[]}',
    "scalar-as-object": b'{"id":{},"name":"","score":0,"note":null,"tags":[]}',
    "array-as-object": b'{"id":0,"name":"","score":0,"note":null,"tags":{}}',
    "array-as-scalar": b'{"id":0,"name":"","score":0,"note":null,"tags":0}',
    "object-as-array": b'[0,"",0,null,[]]',
    "object-as-scalar": b"0",
    "out-of-range": b'{"id":9223372036854775808,"name":"","score":0,"note":null,"tags":[]}',
    "negative-zero": b'{"id":-0,"name":"","score":0,"note":null,"tags":[]}',
    "zero-fraction": b'{"id":0.0,"name":"","score":0,"note":null,"tags":[]}',
    "fraction": b'{"id":0.5,"name":"","score":0,"note":null,"tags":[]}',
    "exponent": b'{"id":0e0,"name":"","score":0,"note":null,"tags":[]}',
    "huge-number": b'{"id":0,"name":"","score":1e400,"note":null,"tags":[]}',
    "tiny-number": b'{"id":0,"name":"","score":1e-400,"note":null,"tags":[]}',
    "excess-digits": b'{"id":0,"name":"","score":0.1000000000000000055,"note":null,"tags":[]}',
    "huge-digits": b'{"id":0,"name":"","score":%s,"note":null,"tags":[]}' % (HALF_WAY + b"0" * 800 + b"1"),
    "subnormal": b'{"id":0,"name":"","score":4.9e-324,"note":null,"tags":[]}',
    "past-53-bits": b'{"id":0,"name":"","score":9007199254740993,"note":null,"tags":[]}',
    "leading-zero": b'{"id":00,"name":"","score":0,"note":null,"tags":[]}',
    "plus-sign": b'{"id":+0,"name":"","score":0,"note":null,"tags":[]}',
    "leading-dot": b'{"id":.5,"name":"","score":0,"note":null,"tags":[]}',
    "trailing-dot": b'{"id":0.,"name":"","score":0,"note":null,"tags":[]}',
    "bare-exponent": b'{"id":0e,"name":"","score":0,"note":null,"tags":[]}',
    "hexadecimal": b'{"id":0x0,"name":"","score":0,"note":null,"tags":[]}',
    "nan": b'{"id":NaN,"name":"","score":0,"note":null,"tags":[]}',
    "infinity": b'{"id":Infinity,"name":"","score":0,"note":null,"tags":[]}',
    "invalid-utf8": b'{"id":0,"name":"\xff","score":0,"note":null,"tags":[]}',
    "lone-surrogate": b'{"id":0,"name":"\\ud800","score":0,"note":null,"tags":[]}',
    "control-character": b'{"id":0,"name":"\x00","score":0,"note":null,"tags":[]}',
    "invalid-escape": b'{"id":0,"name":"\\x","score":0,"note":null,"tags":[]}',
    "needless-escape": b'{"id":0,"name":"\\u0061","score":0,"note":null,"tags":[]}',
    "literal-case": b'{"id":0,"name":"","score":0,"note":NULL,"tags":[]}',
    "invalid-literal": b'{"id":undefined,"name":"","score":0,"note":null,"tags":[]}',
    "empty": b"",
    "truncated": b'{"id":0,"name":"","score":0,"note":null,"tags":[]',
    "trailing-bytes": b'{"id":0,"name":"","score":0,"note":null,"tags":[]}x',
    "second-document": b'{"id":0,"name":"","score":0,"note":null,"tags":[]}{}',
    "bom": b'\xef\xbb\xbf{"id":0,"name":"","score":0,"note":null,"tags":[]}',
    "white-space": b' {"id":0,"name":"","score":0,"note":null,"tags":[]}',
    "illegal-space": b'\x0b{"id":0,"name":"","score":0,"note":null,"tags":[]}',
    "comment": b'/**/{"id":0,"name":"","score":0,"note":null,"tags":[]}',
    "single-quotes": b'{\'id\':0,"name":"","score":0,"note":null,"tags":[]}',
    "unquoted-name": b'{id:0,"name":"","score":0,"note":null,"tags":[]}',
    "trailing-comma": b'{"id":0,"name":"","score":0,"note":null,"tags":[],}',
    "missing-comma": b'{"id":0"name":"","score":0,"note":null,"tags":[]}',
    "missing-colon": b'{"id"0,"name":"","score":0,"note":null,"tags":[]}',
    "mismatched-bracket": b'{"id":0,"name":"","score":0,"note":null,"tags":[]]',
    "stray-token": b'{,"id":0,"name":"","score":0,"note":null,"tags":[]}',
    "utf-16": '\ufeff{"id":0,"name":"","score":0,"note":null,"tags":[]}'.encode("utf-16-le"),
    "nested-to-127": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":%s}'
    % NEST[10_000 - 126 : 10_126],
    "nested-to-10000": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":%s}' % NEST[1:-1],
    "nested-past-127": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":%s}'
    % NEST[10_000 - 127 : 10_127],
    "nested-past-10000": b'{"id":0,"name":"","score":0,"note":null,"tags":[],"x":%s}' % NEST,
}
# What an Item has no place for.
ELSEWHERE = {
    "duplicate-key": (Everything(by_text={"a": True}), b'"by_text":{"a":true,"a":true}'),
    "unknown-member": (Everything(), b'"level":"?"'),
    "unknown-alternative": (Everything(), b'"shape":{"?":null}'),
    "bool-as-number": (Everything(), b'"flag":0'),
    "bool-as-string": (Everything(), b'"flag":"false"'),
    "bytes-as-array": (Everything(blob=b"\x01\xff"), b'"blob":[1,255]'),
    "invalid-base64": (Everything(), b'"blob":"A"'),
    "unpadded-base64": (Everything(), b'"blob":"AA"'),
    "url-base64": (Everything(), b'"blob":"__8="'),
    "loose-base64": (Everything(), b'"blob":"AB=="'),
    "base64-line-breaks": (Everything(), rb'"blob":"AA\n=="'),
    "member-as-number": (Everything(), b'"level":0'),
    "member-as-object": (Everything(), b'"level":{"LOW":null}'),
    "wrong-case-member": (Everything(), b'"level":"low"'),
    "odd-key": (Everything(by_number={7: Item()}), b'"by_number":{"+1":{'),
    "spaced-key": (Everything(by_number={7: Item()}), b'"by_number":{" 1":{'),
    "negative-zero-key": (Everything(by_number={7: Item()}), b'"by_number":{"-0":{'),
    "invalid-key": (Everything(by_number={7: Item()}), b'"by_number":{"x":{'),
    "key-out-of-range": (Everything(by_number={7: Item()}), b'"by_number":{"18446744073709551616":{'),
    "split-object": (Everything(item=Item()), b'"item":{"id":0},"item":{"name":""'),
}
# What only a message with a version, or text without a bound, has a place for.
MESSAGES = {
    "absent-version": b'{"item":',
    "wrong-case-version": b'{"VERSION":1,',
    "older-version": b'{"version":0,',
    "newer-version": b'{"version":4,',
    "version-as-string": b'{"version":"1",',
    "repeated-version": b'{"version":1,"version":1,',
}
TEXTS = {"long-text": b'["' + b"a" * 2**16 + b'"]'}
# What is odd where no type is declared, in its simplest form.
UNTYPED = {
    "null": {
        "empty": b"",
        "trailing-bytes": b"null}",
        "literal-case": b"NULL",
        "invalid-literal": b"undefined",
        "nested-to-127": NEST[10_000 - 127 : 10_127],
        "nested-past-127": NEST[10_000 - 128 : 10_128],
    },
    "1": {
        "out-of-range": b"18446744073709551616",
        "negative-zero": b"-0",
        "past-53-bits": b"9007199254740993",
        "huge-number": b"1e400",
        "leading-zero": b"01",
        "nan": b"NaN",
    },
    "0.5": {"excess-digits": b"0.1000000000000000055", "tiny-number": b"1e-400", "subnormal": b"4.9e-324"},
    '""': {"invalid-utf8": b'"\xff"', "lone-surrogate": b'"\\ud800"', "needless-escape": b'"\\u0061"'},
    '{"a":1}': {"duplicate-key": b'{"a":1,"a":1}', "truncated": b'{"a":1', "unquoted-name": b"{a:1}"},
}


def test_tables_are_whole():
    """Every mutation stands in one of the tables, and no name is given twice."""
    assert sorted([*SIMPLEST, *ELSEWHERE, *MESSAGES, *TEXTS]) == sorted(set(NAMES)) == sorted(NAMES)


@pytest.mark.parametrize("name", SIMPLEST)
def test_simplest(name):
    """The simplest choices give the minimal document, whose one feature is the mutation's name."""
    mutated = mutate(JSON, ITEM, Item(), [name], Lowest())

    assert mutated.data == SIMPLEST[name]
    assert mutated.applied == (name,)
    assert JSON.features_typed(mutated.data, ITEM) == {name}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_simplest_elsewhere(name):
    """Mutations of other types have one feature too, and no effect where there is no such type."""
    value, expected = ELSEWHERE[name]

    mutated = mutate(JSON, EVERYTHING, value, [name], Lowest())
    assert expected in mutated.data
    assert JSON.features_typed(mutated.data, EVERYTHING) == {name}
    assert mutate(JSON, ITEM, Item(), [name], Lowest()).applied == ()


@pytest.mark.parametrize("name", MESSAGES)
def test_versions(name):
    """What is odd about a message's version has a word of its own, and its path."""
    mutated = mutate(JSON, MESSAGE, Message(), [name], Lowest())

    assert mutated.data.startswith(MESSAGES[name])
    assert JSON.places_typed(mutated.data, MESSAGE) == {name: {"version"}}


def test_long_text():
    """Text is made very long where no bound would be broken, and nowhere else."""
    texts = t.Sequence(t.Text())

    mutated = mutate(JSON, texts, ("",), ["long-text"], Lowest())

    assert mutated.data == TEXTS["long-text"]
    assert JSON.features_typed(mutated.data, texts) == {"long-text"}
    assert mutate(JSON, ITEM, Item(), ["long-text"], Lowest()).applied == ()


@pytest.mark.parametrize(
    ("text", "name"), [(text, name) for text, names in UNTYPED.items() for name in names]
)
def test_untyped(text, name):
    """Without a declared type there still is much to break."""
    mutated = mutate_bytes(JSON, ANY, text.encode(), [name], Lowest())

    assert mutated.data == UNTYPED[text][name]
    assert JSON.places_typed(mutated.data, ANY) == {name: {""}}


@pytest.mark.parametrize("name", ["number-as-string", "null-element", "absent-field", "fraction", "odd-key"])
def test_untyped_is_of_any_type(name):
    """Without a declared type no other type is odd, so mutations of types have no effect."""
    assert mutate_bytes(JSON, ANY, b'{"1":[1,"a",{}]}', [name], Lowest()).applied == ()


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(NAMES), st.data())
def test_one_word(name, data):
    """Whatever a single mutation draws, an Item broken by it has that one feature."""
    mutated = mutate(JSON, ITEM, Item(7, "a", 1.5, "n", ("x", "y")), [name], Drawn(data))

    assert JSON.features_typed(mutated.data, ITEM) == set(mutated.applied)


@settings(deadline=None, max_examples=200)
@given(typed_values, st.lists(st.sampled_from(NAMES), max_size=6), st.data())
def test_any_order(typed, names, data):
    """Mutations follow one another in any order, on bytes that the one before has broken."""
    type_, value = typed

    mutated = mutate(JSON, type_, value, names, Drawn(data))
    assert set(mutated.applied) <= set(names)
    assert isinstance(mutated.data, bytes)


@settings(deadline=None)
@given(st.binary(), st.sampled_from(NAMES), st.data())
def test_foreign_bytes(document, name, data):
    """Any bytes can be mutated, those that no codec wrote among them."""
    mutated = mutate_bytes(JSON, ITEM, document, [name], Drawn(data))

    assert (mutated.data == document) == (mutated.applied == ())


@pytest.mark.parametrize(
    ("name", "choices", "text"),
    [
        ("lone-surrogate", (0, 2), rb'"name":"\udc00\ud800"'),
        ("invalid-utf8", (0, 5), b'"name":"\xc0\xaf"'),
        ("wrong-case", (6,), '"\u017fcore":0'.encode()),
        ("exponent", (0, 1), b'"id":1e2'),
        ("out-of-range", (0, 1), b'"id":-9223372036854775809'),
        ("trailing-bytes", (1,), b"}\x00"),
        ("truncated", (48,), b"{"),
    ],
)
def test_variants(name, choices, text):
    """Variants of one oddity are one mutation, and bear its name."""
    mutated = mutate(JSON, ITEM, Item(), [name], Played(*choices))

    assert text in mutated.data
    assert JSON.features_typed(mutated.data, ITEM) == {name}
