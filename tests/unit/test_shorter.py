"""Documents are cut to what must be there, and nothing becomes odd about them that was not."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable

import attrs
import cbor2
import pytest
from generation_contracts import READS, Doc
from hypothesis import given
from hypothesis import strategies as st
from planted_predicates import first_shrunk

from driftcheck import Cbor, Contract, Json, Payload, Rejection, operation, schema_of
from driftcheck.codecs import Codec, Mutation
from driftcheck.codecs.cbor.scan import scan
from driftcheck.core.errors import CodecError
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.generate.cut_documents import LONGEST, cut
from driftcheck.generate.draw import draw
from driftcheck.generate.plan import PayloadDraw
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import traces


@attrs.frozen
class Pair:
    """A record whose fields are always there."""

    left: bool
    right: bool


class Bars(Codec[Pair]):
    """Two words and a bar between them."""

    mutations = (Mutation("at", lambda data, draw, type_: data.replace(b"|", b"@|")),)

    def encode(self, value: Pair) -> bytes:
        return f"{value.left}|{value.right}".encode()


class Strict(Bars):
    """Without a bar a document is odd."""

    def features(self, data: bytes) -> set[str]:
        return ({"at"} if b"@" in data else set()) | ({"no-bar"} if b"|" not in data else set())


class Zeros(Bars):
    """A zero is odd."""

    def features(self, data: bytes) -> set[str]:
        return {"zero"} if b"\0" in data else set()


class Failing(Bars):
    """Cannot tell what is shorter."""

    def shorter(self, data: bytes) -> list[bytes]:
        raise LookupError("no part")


class Pairs(Contract):
    """Reads pairs; without state."""

    malformed = Rejection("not a pair", catch_all=True)

    @operation
    def loose(self, text: Payload[Pair, Bars]) -> bool: ...
    @operation
    def strict(self, text: Payload[Pair, Strict]) -> bool: ...
    @operation
    def failing(self, text: Payload[Pair, Failing]) -> bool: ...


class Frames(Contract):
    """Reads pairs with zeros; without state."""

    @operation
    def plain(self, frame: Payload[Pair, Bars]) -> None: ...
    @operation
    def with_features(self, frame: Payload[Pair, Zeros]) -> None: ...


PAIRS = schema_of(Pairs)
ZEROS = schema_of(Frames)


def holds_at(name: str) -> Callable[[Trace], Hashable | None]:
    """Return a judge who is interested in an @ that an operation reads."""

    def judge(trace: Trace) -> Hashable | None:
        (step,) = trace.steps
        return "at" if step.operation == name and b"@" in step.arguments[0].data else None

    return judge


@pytest.mark.parametrize(("name", "data"), [("loose", b"@"), ("strict", b"@|")])
def test_what_every_value_holds_is_left_out(name: str, data: bytes) -> None:
    """A finding's document is cut to what it needs, as far as that makes nothing else odd about it."""
    found = first_shrunk(traces(PAIRS), holds_at(name), seed=0, max_cases=200)

    assert found.original.steps[0].arguments[0].mutations == ("at",)
    assert found.case.steps == (Step(name, (Document(data),)),)
    assert found.is_minimal


def test_what_shows_only_while_documents_are_cut_is_not_reported() -> None:
    """A contract may draw no values that show a divergence: bytes cut from others must not show it either."""
    without_bar: list[bytes] = []

    def judge(trace: Trace) -> Hashable | None:
        data = trace.steps[0].arguments[0].data
        if b"@" in data:
            return "at"
        if b"|" in data:
            return None
        without_bar.append(data)
        return "no bar"

    case = next(case for case in draw(traces(PAIRS), 0) if judge(case) == "at")
    without_bar.clear()

    found = shrink(traces(PAIRS), case, judge, "at")

    assert without_bar
    assert not found.others


def test_a_codec_that_cannot_tell_is_blamed() -> None:
    """What `shorter` raises is a sentence that names the codec."""
    case = Trace((Step("failing", (Document(b"0@|0"),)),))

    with pytest.raises(CodecError, match=r"'shorter' raised LookupError: no part"):
        shrink(traces(PAIRS), case, holds_at("failing"), "at")


def part_of_an_item() -> PayloadDraw:
    (part,) = compile_plan(READS).operations[0].parts
    assert isinstance(part, PayloadDraw)
    return part


def cut_while(document: Document, has: bytes) -> Document:
    """Return a document of JSON cut while it has these bytes."""
    taken = [document]

    def still(shorter: Document) -> bool:
        if has in shorter.data:
            taken.append(shorter)
        return has in shorter.data

    cut(part_of_an_item(), document, still)
    return taken[-1]


def test_what_was_written_well_stays_the_document_of_a_value() -> None:
    """Digits go, and a value can be read that is written as exactly these bytes."""
    type_ = part_of_an_item().type.inner
    item = Doc(0, "", 1.0147837420732062e-234, None, ())
    document = Document(Json().encode_typed(item, type_), item)

    shorter = cut_while(document, b"e-234")

    assert len(shorter.data) == len(document.data) - len(".0147837420732062")
    assert shorter.is_well_formed
    assert Json().encode_typed(shorter.value, type_) == shorter.data


def test_a_real_document_is_cut() -> None:
    """What no value and no mutation made is cut to a part of itself."""
    document = Document(b'[[1, 2], {"a": [3, "long text"]}, null]', seed="real.json")

    # An array is read as a record, and its first field is a number: text there would be one more feature.
    assert cut_while(document, b'"long').data == b'[0,"long"]'


def test_a_long_document_loses_long_runs_until_it_is_short() -> None:
    """A real document of any length is cut: by long runs at first, as each try of a long one takes long."""
    text = "lorem ipsum " * LONGEST
    document = Document(b'["' + text.encode() + b'", 7]', seed="real.json")
    tries = []

    def still(shorter: Document) -> bool:
        tries.append(shorter)
        return b"7" in shorter.data

    cut(part_of_an_item(), document, still)

    assert tries[-1].data != document.data
    assert len(min(t.data for t in tries if b"7" in t.data)) < 10
    assert len(tries) < LONGEST


def test_marks_that_are_not_needed_become_letters() -> None:
    """Otherwise two cases of one cause would differ in marks by chance."""
    assert cut_within(part_of_an_item(), b'"-!"', b'"!"') == b'"a!"'


@pytest.mark.parametrize(("name", "data"), [("plain", b"\x01\0!aa"), ("with_features", b"\x01a!aa")])
def test_a_zero_stays_unless_a_feature_goes_with_it(name: str, data: bytes) -> None:
    """In a binary document no letter is simpler, but a feature that is not needed would stay in the cause."""
    (part,) = next(o.parts for o in compile_plan(ZEROS).operations if o.name == name)
    assert isinstance(part, PayloadDraw)

    assert cut_within(part, b"\x01\0!aa", b"\x01!aa") == data


def cut_within(part: PayloadDraw, data: bytes, others: bytes) -> bytes:
    """Return the bytes cut while all but the second one stay as they are."""
    taken = [data]

    def still(shorter: Document) -> bool:
        is_wanted = len(shorter.data) == len(data) and shorter.data[:1] + shorter.data[2:] == others
        if is_wanted:
            taken.append(shorter.data)
        return is_wanted

    cut(part, Document(data), still)
    return taken[-1]


VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | st.text("ab\u00e9", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, st.integers(0, 3))
def test_one_part_less_of_json_is_json(value: object, indent: int) -> None:
    """A member goes with one comma beside it, an item likewise; what holds something can lose it."""
    data = json.dumps(value, indent=indent or None).encode()

    read = [json.loads(shorter) for shorter in Json().shorter(data)]

    if isinstance(value, list | dict | str) and value:
        assert any(one != value for one in read)


@pytest.mark.parametrize(
    ("data", "shorter"),
    [
        ('{"a":1,"b":2}', {'{"b":2}', '{"a":1}', "1", "2", '{"":1,"b":2}', '{"a":1,"":2}'}),
        ("[1, [2], 3]", {"[[2], 3]", "[1, 3]", "[1, [2]]", "1", "[2]", "3", "[1, [], 3]", "[1, 2, 3]"}),
        ('"ab"', {'""'}),
        ("", set()),
    ],
)
def test_json_without_a_part(data: str, shorter: set[str]) -> None:
    """Members, items and texts go, and what is inside takes the place of what it is in."""
    assert {one.decode() for one in Json().shorter(data.encode())} == shorter


@pytest.mark.parametrize(
    ("data", "shorter"),
    [
        (
            "a2616101616202",
            {"a1616202", "a1616101", "6161", "01", "6162", "02", "a26001616202", "a26161016002"},
        ),
        ("8301810203", {"82810203", "820103", "82018102", "01", "8102", "03", "83018003", "83010203"}),
        ("9f0102ff", {"9f02ff", "9f01ff", "01", "02"}),
        ("d9d9f701", {"01"}),
        ("43010203", {"40", "4101", "4103", "420203", "420103", "420102"}),
        ("7f61616162ff", {"7f6162ff", "7f6161ff", "6161", "6162", "7f606162ff", "7f616160ff"}),
        ("9bffffffffffffffff", set()),
        ("", set()),
    ],
)
def test_cbor_without_a_part(data: str, shorter: set[str]) -> None:
    """Each head says how much is left."""
    assert {one.hex() for one in Cbor().shorter(bytes.fromhex(data))} == shorter


@given(VALUES)
def test_one_part_less_of_cbor_is_cbor(value: object) -> None:
    """Whatever is left out, nothing is missing and nothing is left over; what holds something can lose it."""
    data = cbor2.dumps(value)

    read = [scan(shorter) for shorter in Cbor().shorter(data)]

    assert [one.data for one in read if one.words or one.root.end != len(one.data)] == []
    assert all(len(one.data) < len(data) for one in read)
    if isinstance(value, list | dict | str) and value:
        assert read
