"""What is read once, in short ways or only in part gives the features that the straight way gives."""

from __future__ import annotations

from typing import Any

from cbor_samples import DICT, LIST, MEMBER, PAIR, SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import ANY, TYPES, Drawn, typed_values
from straight_json_reader import StraightReader

from driftcheck.codecs import checked_calls
from driftcheck.codecs.cbor import Cbor
from driftcheck.codecs.json import Json, features
from driftcheck.codecs.json.document import Document
from driftcheck.codecs.json.scan import Node, Scan, scan
from driftcheck.core.codec import mutate
from driftcheck.core.recent import Recent

JSON, CBOR = Json(), Cbor()
NAMES = [m.name for m in JSON.mutations]
MARKS = "{}[]:,\"\\u019.-+eEdDtrnafl /*'\t\x0b"
NESTS = [b"[" * 40, b"]" * 40, b"[" * 17, b"]" * 16, b'{"x":' * 3, b"}" * 3]
ANY_BYTES = (
    st.binary()
    | st.text(MARKS).map(str.encode)
    | st.lists(st.text(MARKS, max_size=6).map(str.encode) | st.sampled_from(NESTS)).map(b"".join)
)
LEAVES = [b"1", b"1e400", b"9007199254740993", b'{"a":1,"a":2}', rb'"\u0061"', b"null", b"{}", b"[]", b"nan"]
TREES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]")
        | st.lists(inner, min_size=1, max_size=2).map(
            lambda items: b"{" + b",".join(b'"%d":%s' % pair for pair in enumerate(items)) + b"}"
        )
    ),
)


def form(scanned: Scan) -> Any:
    """Return all that a reader has found, in a form that can be compared."""
    return scanned.depth, scanned.marks, scanned.root and _form(scanned.root)


def _form(top: Node) -> list[Any]:
    found, stack = [], [top]
    while stack:
        node = stack.pop()
        children = [*node.items, *(part for member in node.members for part in (member.name, member.value))]
        found.append(
            (
                node.kind,
                node.start,
                node.end,
                node.odd,
                node.height,
                node.closed,
                len(node.items),
                len(children),
            )
        )
        stack += children
    return found


@settings(deadline=None, max_examples=400)
@given(ANY_BYTES)
def test_any_bytes_are_read_as_in_the_straight_way(data: bytes) -> None:
    """The reader of JSON finds the same tree, depth and marks as one without shortcuts."""
    assert form(scan(data)) == form(StraightReader(data).read())


@settings(deadline=None, max_examples=200)
@given(typed_values, st.lists(st.sampled_from(NAMES), max_size=3), st.data())
def test_broken_documents_are_read_as_in_the_straight_way(typed: Any, names: list[str], data: Any) -> None:
    """The same holds for documents with mutations."""
    type_, value = typed

    broken = mutate(JSON, type_, value, names, Drawn(data)).data

    assert form(scan(broken)) == form(StraightReader(broken).read())


@settings(deadline=None, max_examples=200)
@given(TREES)
def test_no_feature_is_in_what_is_passed_over(data: bytes) -> None:
    """Containers without a declared type that hold one value have no feature, so these need no site."""
    document = Document(data, ANY)

    straight = {word for site in document.sites for word, _ in features.judge(document, site)}

    assert {word for site in document.judged() for word, _ in features.judge(document, site)} == straight


@settings(deadline=None, max_examples=200)
@given(ANY_BYTES, st.sampled_from(TYPES), st.sets(st.sampled_from(NAMES)))
def test_has_only_is_what_the_features_say(data: bytes, type_: Any, some: set[str]) -> None:
    """Whether a JSON document has a feature besides some others is known without all features."""
    found = JSON.features_typed(data, type_)

    assert JSON.has_only(data, type_, some) == (found <= some)
    assert JSON.has_only(data, type_, found)


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=40),
    st.sampled_from([PAIR, SAMPLE, DICT, LIST, MEMBER]),
    st.sets(st.sampled_from([m.name for m in CBOR.mutations])),
)
def test_has_only_of_cbor(data: bytes, type_: Any, some: set[str]) -> None:
    """The same holds for CBOR."""
    found = CBOR.features_typed(data, type_)

    assert CBOR.has_only(data, type_, some) == (found <= some)


def test_what_is_asked_again_is_read_once() -> None:
    """The features of the same bytes come from one look at them."""
    asked = []

    class Counting(Json):
        def places_typed(self, data: bytes, type_: Any) -> Any:
            asked.append(data)
            return super().places_typed(data, type_)

    codec, type_ = Counting(), TYPES[0]
    for _ in range(3):
        checked_calls.places_of(codec, type_, b"[1,2]")

    assert asked == [b"[1,2]"]


def test_recent_results_are_bounded() -> None:
    """The oldest results go, by their number and by the bytes of what they were made of."""
    recent: Recent[str, int] = Recent(2, 100)
    made = []

    def ask(key: str, size: int) -> None:
        recent.get(key, size, lambda: made.append(key) or len(made))  # type: ignore[func-returns-value]

    for key, size in (
        ("a", 60),
        ("b", 30),
        ("a", 60),
        ("c", 40),
        ("a", 60),
        ("b", 30),
        ("big", 101),
        ("big", 101),
    ):
        ask(key, size)

    assert made == ["a", "b", "c", "b", "big", "big"]
