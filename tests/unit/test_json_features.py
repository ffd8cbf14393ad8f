"""What is odd about JSON: nothing about well-formed documents; about a broken one, how it was broken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import ANY, EVERYTHING, ITEM, TYPES, Drawn, typed_values

from driftcheck.codecs.cbor.scan import scan as cbor_scan
from driftcheck.codecs.json import Json
from driftcheck.codecs.json.scan import Scan
from driftcheck.codecs.json.scan import scan as json_scan
from driftcheck.core.codec import mutate

JSON = Json()
NAMES = [m.name for m in JSON.mutations]


def features(text: str | bytes, type_=ITEM) -> set[str]:
    data = text.encode() if isinstance(text, str) else text
    return JSON.features_typed(data, type_)


@settings(deadline=None)
@given(typed_values)
def test_well_formed(typed):
    """Nothing is odd about what the codec writes."""
    type_, value = typed

    assert JSON.features_typed(JSON.encode_typed(value, type_), type_) == set()


@settings(deadline=None, max_examples=200)
@given(typed_values, st.sampled_from(NAMES), st.data())
def test_mutated(typed, name, data):
    """A mutation that had an effect is recognised from the bytes alone."""
    type_, value = typed

    mutated = mutate(JSON, type_, value, [name], Drawn(data))

    assert mutated.applied in ((), (name,))
    assert set(mutated.applied) <= JSON.features_typed(mutated.data, type_)


@settings(deadline=None, max_examples=100)
@given(typed_values, st.lists(st.sampled_from(NAMES), max_size=5), st.data())
def test_known_words(typed, names, data):
    """Whatever was done to a document, its features are names of mutations."""
    type_, value = typed

    mutated = mutate(JSON, type_, value, names, Drawn(data))

    assert JSON.features_typed(mutated.data, type_) <= set(NAMES)


@settings(deadline=None, max_examples=100)
@given(st.binary() | st.text("{}[]:,\"\\u019.-+eEdDtrnafl /*'").map(str.encode), st.sampled_from(TYPES))
def test_any_bytes(data, type_):
    """Any bytes have features, and only empty or valid documents could have none."""
    found = JSON.features_typed(data, type_)

    assert found <= set(NAMES)
    if not found:
        JSON.decode_typed(data, type_)


def test_two_oddities_are_two_words():
    """Oddities in different places keep their words."""
    found = features('{"ID":"1","name":"\\ud800","score":0,"note":null,"tags":[null]} x')

    assert found == {
        "wrong-case-value",
        "lone-surrogate",
        "null-element",
        "white-space",
        "trailing-bytes",
    }


def test_wrong_case_beside_the_right_one():
    """A second field that differs in case alone has its own word: it is no duplicate and not unknown."""
    assert features('{"id":1,"ID":2,"name":"","score":0,"note":null,"tags":[]}') == {"duplicate-wrong-case"}


def test_a_name_in_the_wrong_case_twice():
    """A reader that takes it for an unknown field sees that field twice; with two spellings, it sees two."""
    item = '{"id":1,%s"name":"","score":0,"note":null,"tags":[]}'

    assert features(item % '"ID":2,"ID":2,') == {"duplicate-wrong-case", "duplicate-unknown"}
    assert features(item % '"ID":2,"Id":2,') == {"duplicate-wrong-case"}


def test_places():
    """Each word stands at the paths of the fields that it is about, as findings write them."""
    item = '{"id":-0,"name":"\\ud800","score":0,"note":null,"tags":["a",null,null]}'
    text = JSON.encode_typed(EVERYTHING.cls(), EVERYTHING).decode()
    text = text.replace('"item":null', f'"item":{item}').replace('"items":[]', f'"items":[{item}],"x":[01]')
    text = text.replace('"by_number":{}', f'"by_number":{{"1":{item}}}').replace('"count":0,', "") + " "

    assert JSON.places_typed(text.encode(), EVERYTHING) == {
        "negative-zero": {"item.id", "items[].id", "by_number[].id"},
        "lone-surrogate": {"item.name", "items[].name", "by_number[].name"},
        "null-element": {"item.tags[]", "items[].tags[]", "by_number[].tags[]"},
        "unknown-field": {""},
        "leading-zero": {""},
        "absent-field": {"count"},
        "white-space": {""},
    }


def test_places_of_names():
    """A name in another form stands at its field; inside a union the alternative is no part of the path."""
    text = JSON.encode_typed(EVERYTHING.cls(), EVERYTHING).decode()
    text = text.replace('{"Item":{"id"', '{"Item":{"ID"').replace('"ratio"', '"RATIO"')

    assert JSON.places_typed(text.encode(), EVERYTHING) == {
        "wrong-case": {"shape.id"},
        "wrong-case-optional": {"ratio"},
    }


def test_places_are_of_the_features():
    """There is a place for each feature, and for nothing else, whatever the bytes."""
    for data in (b"", b"[", b"\xff", b'{"id":1}x', b"nul", b'\xef\xbb\xbf{"id":[[]]}'):
        places = JSON.places_typed(data, ITEM)

        assert set(places) == JSON.features_typed(data, ITEM)
        assert all(places.values())


def test_inside():
    """What is odd deep inside a value is found there."""
    text = JSON.encode_typed(EVERYTHING.cls(), EVERYTHING).decode()

    text = text.replace('"items":[]', '"items":[{"id":1.5,"name":"","score":0,"note":null,"tags":[]}]')
    assert features(text, EVERYTHING) == {"fraction"}


def test_inside_what_no_type_speaks_of():
    """In an unknown field only the syntax and equal names are judged."""
    head = '{"id":0,"name":"","score":0,"note":null,"tags":[],"x":'

    assert features(head + '{"a":1,"b":null}}') == {"unknown-field"}
    assert features(head + "[01]}") == {"unknown-field", "leading-zero"}


def test_megabytes_and_depths():
    """Large and deep documents are read in linear time and without recursion."""
    assert features(b"[" * 30_000) == {"nested-past-10000", "truncated"}
    assert features(b'"' + b"\\" * 300_001) == {"truncated"}
    assert "truncated" in features(b'{"id":1,' * 30_000)
    assert "out-of-range" in features(b'{"id":' + b"9" * 300_000 + b"}")


def test_containers_in_each_other_are_not_copied(monkeypatch):
    """The time is linear in the length, since no container's text is read for the container itself."""
    copied = []
    raw = Scan.raw

    def noted(self, node):
        copied.append(node.end - node.start)
        return raw(self, node)

    monkeypatch.setattr(Scan, "raw", noted)
    data = b'[{"a":' * 2_000

    Json().all_places(data, ANY)

    assert sum(copied) <= len(data)


def test_cut_anywhere():
    """A document that is cut at any byte is truncated, and nothing else is said of it."""
    text = '{"id":-12,"name":"a\\u00e9\\ud83d\\ude00é😀","score":1.5e-7,"note":null,"tags":["x","\\\\"]}'
    whole = text.encode()
    assert features(whole) == {"needless-escape"}

    for length in range(1, len(whole)):
        assert features(whole[:length]) - {"needless-escape"} == {"truncated"}


def test_a_document_is_read_once():
    """So each mutation and each feature finds its tree at hand."""
    for read in (json_scan, cbor_scan):
        document = b"1" * 9
        assert read(bytes(bytearray(document))) is read(document)


def test_a_name_twice_in_a_value_that_is_skipped():
    """A reader that refuses equal names looks into the values of unknown fields too."""
    item = '{"id":0,"name":"","score":0,"note":null,"tags":[],"x":%s}'

    assert features(item % '{"a":0,"a":0}') == {"unknown-field", "duplicate-unknown"}
    assert features(item % '[[{"b":{"a":0,"a":0}}]]') == {"unknown-field", "duplicate-unknown"}
    assert features(item % '{"a":{"b":0},"b":{"a":0}}') == {"unknown-field"}


ITEM_BEFORE = '{"id":1,"name":"","score":0,"note":null,"tags":[],"x":%s}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (r'"\ud800"', {"skipped-surrogate"}),
        (r'[{"\ud800":0}]', {"skipped-surrogate"}),
        (r'"\x01"', {"unknown-field"}),
        ("-0", {"unknown-field"}),
        ("01", {"unknown-field", "leading-zero"}),
        ('{"a":0,"a":0}', {"unknown-field", "duplicate-unknown"}),
    ],
)
def test_what_is_skipped_is_read_less_closely(value, expected):
    """A reader that skips an unknown field may take its strings as they are, but reads its syntax."""
    found = features(ITEM_BEFORE % value)

    assert found - {"invalid-escape"} == expected


def test_a_name_is_never_skipped():
    """A reader must read the name of an unknown field."""
    assert features(ITEM_BEFORE.replace("x", r"\ud800") % "0") == {"lone-surrogate"}


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ('"a"', {"wrong-case-optional"}),
        ("null", {"wrong-case-optional"}),
        ("5", {"wrong-case-value"}),
        (r'"\ud800"', {"wrong-case-optional", "skipped-surrogate"}),
        (r'["\ud800"]', {"wrong-case-value", "skipped-surrogate"}),
        ('{"a":0,"a":0}', {"wrong-case-value", "duplicate-unknown"}),
        ("[" * 200 + "]" * 200, {"wrong-case-value", "nested-past-127"}),
    ],
)
def test_a_value_under_a_name_in_the_wrong_case(note, expected):
    """Some readers skip it; of what the others find, it is named whether it is a value of the type."""
    item = '{"id":1,"name":"","score":0,"NOTE":%s,"tags":[]}'

    assert features(item % note) == expected


@pytest.mark.parametrize(
    "data", [ITEM_BEFORE % r'"\ud800"', '{"id":1,"name":"","score":0,"NOTE":5,"tags":[]}']
)
def test_only_some_features_with_skipped_values(data):
    """The quick question has the same answer as the list."""
    found = features(data)

    assert JSON.has_only(data.encode(), ITEM, found)
    assert all(not JSON.has_only(data.encode(), ITEM, found - {word}) for word in found)


def test_the_items_of_an_array_are_the_fields_of_a_record():
    """A reader that takes an array for a record reads its items as the fields, in their order."""
    found = JSON.places_typed(b'[-0,"",0,null,[null]]', ITEM)

    assert found == {
        "object-as-array": {""},
        "negative-zero": {"id"},
        "null-element": {"tags[]"},
    }
