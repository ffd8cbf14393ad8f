"""
Gaps between any two types: a witness is what it says, by a check that shares nothing with how it was made.

Types are drawn as exports write them; the check reads these, and values in the notation of case files.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from driftcheck.compat import rules
from driftcheck.compat.mismatches import UNKNOWN, mismatches
from driftcheck.compat.rebuild import AtHand, Rebuilder
from driftcheck.compat.simplest import several, simplest

Json = dict[str, Any]

RECORDS = {
    "A": {"kind": "record", "fields": [{"name": "x", "type": {"kind": "int", "min": 0, "max": 3}}]},
    "B": {
        "kind": "record",
        "fields": [
            {"name": "x", "type": {"kind": "int", "min": 2, "max": 5}},
            {"name": "y", "type": {"kind": "optional", "of": {"kind": "text", "max_len": 2}}},
        ],
    },
    "C": {"kind": "record", "fields": [{"name": "y", "type": {"kind": "text", "max_len": 2}}]},
    "AOrB": {"kind": "union", "alternatives": ["A", "B"]},
    "BOrC": {"kind": "union", "alternatives": ["B", "C"]},
    "Few": {"kind": "enumeration", "members": ["RED"]},
    "Many": {"kind": "enumeration", "members": ["BLUE", "RED"]},
}
PATTERNS = ("[ab]+", "[abc]*", "a.*")
NUMBERS = st.integers(-4, 4)


def ordered(*names: str, of: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Draw two bounds, either of which may be left out."""
    return st.tuples(st.none() | of, st.none() | of).map(
        lambda pair: {
            name: value
            for name, value in zip(names, sorted(pair) if None not in pair else pair, strict=True)
            if value is not None
        }
    )


LENGTHS = ordered("min_len", "max_len", of=st.integers(1, 3))
INTS = st.tuples(NUMBERS, NUMBERS).map(lambda p: {"kind": "int", "min": min(p), "max": max(p)})
FLOATS = ordered("min", "max", of=NUMBERS.map(float)).map(lambda b: {"kind": "float", **b})
TEXTS = LENGTHS.map(lambda n: {"kind": "text", **n})
PATTERNED = st.sampled_from(PATTERNS).map(lambda p: {"kind": "text", "pattern": p})
LISTED = st.sets(NUMBERS, min_size=1).map(
    lambda v: {"kind": "int", "min": min(v), "max": max(v), "one_of": sorted(v)}
)
KEYS = TEXTS | NUMBERS.map(lambda n: {"kind": "int", "min": n, "max": n + 3})  # enough for every length
LEAVES = (
    INTS
    | FLOATS
    | TEXTS
    | LISTED
    | st.just({"kind": "bool"})
    | LENGTHS.map(lambda n: {"kind": "bytes", **n})
    | st.sampled_from(sorted(RECORDS)).map(lambda name: {"kind": "named", "name": name})
)
TYPES = st.recursive(
    LEAVES,
    lambda inner: (
        inner.filter(lambda of: of["kind"] != "optional").map(lambda of: {"kind": "optional", "of": of})
        | st.tuples(inner, LENGTHS).map(lambda p: {"kind": "sequence", "of": p[0], **p[1]})
        | st.tuples(KEYS, inner, LENGTHS).map(
            lambda p: {"kind": "mapping", "key": p[0], "value": p[1], **p[2]}
        )
    ),
    max_leaves=4,
)


def holds(type_: Json, data: Any) -> bool:
    """Say whether a type holds a value, both as they are written."""
    if "one_of" in type_ and data not in type_["one_of"]:
        return False
    match type_["kind"]:
        case "bool":
            return type(data) is bool
        case "int":
            return type(data) is int and type_["min"] <= data <= type_["max"]
        case "float":
            if data in ("nan", "inf", "-inf") or (type(data) is dict and set(data) == {"bits"}):
                return not {"min", "max"} & set(type_)
            is_float = type(data) is float
            return is_float and type_.get("min", data) <= data <= type_.get("max", data)
        case "text":
            pattern = type_.get("pattern", ".*")
            return type(data) is str and sized(type_, data) and bool(re.fullmatch(pattern, data, re.DOTALL))
        case "bytes":
            match data:
                case {"text": str(text)}:
                    return sized(type_, text.encode())
                case {"hex": str(digits)}:
                    return sized(type_, bytes.fromhex(digits))
            return False
        case "optional":
            return data is None or holds(type_["of"], data)
        case "sequence":
            return type(data) is list and sized(type_, data) and all(holds(type_["of"], v) for v in data)
        case "mapping":
            pairs = list(data.items()) if type(data) is dict and type_["key"]["kind"] == "text" else data
            return type(pairs) is list and sized(type_, pairs) and all(is_pair(type_, p) for p in pairs)
    definition = RECORDS[type_["name"]]
    match definition["kind"]:
        case "record":
            fields = {f["name"]: f["type"] for f in definition["fields"]}
            is_whole = type(data) is dict and set(data) == set(fields)
            return is_whole and all(holds(fields[name], value) for name, value in data.items())
        case "union":
            return (
                type(data) is dict
                and len(data) == 1
                and all(
                    name in definition["alternatives"] and holds({"kind": "named", "name": name}, value)
                    for name, value in data.items()
                )
            )
    return data in definition["members"]


def is_pair(type_: Json, data: Any) -> bool:
    """Say whether a mapping holds a pair of key and value."""
    is_two = isinstance(data, list | tuple) and len(data) == 2
    return is_two and holds(type_["key"], data[0]) and holds(type_["value"], data[1])


def sized(type_: Json, data: Any) -> bool:
    """Say whether a length is within bounds."""
    return type_.get("min_len", 0) <= len(data) <= type_.get("max_len", len(data))


def found(writer: Json, reader: Json) -> Any:
    """Return the mismatches between two types."""
    return list(mismatches(*(Rebuilder(RECORDS, AtHand()).type(one) for one in (writer, reader))))


MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@MANY
@given(TYPES, TYPES)
def test_a_witness_is_held_by_the_one_and_not_by_the_other(writer: Json, reader: Json) -> None:
    """Every witness of a mismatch is a value of the writer's type and none of the reader's."""
    kinds = {kind for kind in ("sequence", "mapping") if kind in f"{writer} {reader}"}
    for mismatch in found(writer, reader):
        assert mismatch.value is not UNKNOWN or mismatch.rule in (rules.LENGTH, rules.UNPROVEN)
        if mismatch.value is not UNKNOWN:
            assert holds(writer, mismatch.value)
            looks_alike = (
                mismatch.rule is rules.RETYPED and len(kinds) == 2
            )  # a list of pairs, as it is written
            assert looks_alike or not holds(reader, mismatch.value)


@MANY
@given(TYPES, TYPES)
def test_without_a_gap_all_values_are_taken(writer: Json, reader: Json) -> None:
    """Where there is no mismatch, the reader holds each value of the writer that is tried."""
    if found(writer, reader):
        return
    type_ = Rebuilder(RECORDS, AtHand()).type(writer)
    assert all(holds(reader, value) for value in itertools.islice(several(type_), 40))


@MANY
@given(TYPES)
def test_a_type_has_no_gap_to_itself(type_: Json) -> None:
    """Nothing is told where nothing differs."""
    assert found(type_, type_) == []


@MANY
@given(TYPES)
def test_the_plainest_value_is_one_of_its_type(type_: Json) -> None:
    """What a witness is filled with is a value of the type."""
    assert holds(type_, simplest(Rebuilder(RECORDS, AtHand()).type(type_)))


@settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(PATTERNED | TEXTS, PATTERNED | TEXTS)
def test_a_text_of_one_pattern_alone_is_found(writer: Json, reader: Json) -> None:
    """Texts that tell two patterns apart are found, and checked."""
    for mismatch in found(writer, reader):
        if mismatch.value is not UNKNOWN:
            assert holds(writer, mismatch.value)
            assert not holds(reader, mismatch.value)


@pytest.mark.parametrize(
    ("writer", "reader", "value"),
    [
        ({"kind": "int", "min": 0, "max": 9}, {"kind": "int", "min": 0, "max": 4}, 5),
        ({"kind": "int", "min": -9, "max": 9}, {"kind": "int", "min": 0, "max": 9}, -1),
        ({"kind": "int", "min": 0, "max": 9}, {"kind": "int", "min": 4, "max": 9}, 0),
        ({"kind": "float"}, {"kind": "float", "min": 0.0}, -1.0),
        ({"kind": "float", "max": 1.0}, {"kind": "float", "max": 0.5}, 1.0),
        ({"kind": "text"}, {"kind": "text", "max_len": 2}, "000"),
        ({"kind": "text"}, {"kind": "text", "pattern": "[ab]*"}, "0"),
        ({"kind": "optional", "of": {"kind": "bool"}}, {"kind": "bool"}, None),
        ({"kind": "bool"}, {"kind": "text"}, False),
        ({"kind": "named", "name": "Many"}, {"kind": "named", "name": "Few"}, "BLUE"),
        ({"kind": "named", "name": "A"}, {"kind": "named", "name": "C"}, {"x": 0}),
    ],
)
def test_a_witness_is_the_smallest(writer: Json, reader: Json, value: Any) -> None:
    """The first witness is what a person would have given."""
    assert found(writer, reader)[0].value == value
