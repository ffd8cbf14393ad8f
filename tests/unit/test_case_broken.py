"""Broken case files: each gets one clear sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from case_files import LAW, REMOVED, ROSTER, STEPS, TYPES, edited, find_schema, loaded

from driftcheck.core.errors import CaseError
from driftcheck.findings.case import load

GOOD = json.dumps(STEPS)

# What the file holds, and what is said of it.
TEXTS: list[tuple[str | bytes, str]] = [
    ("", "is empty"),
    (" \n\t\n", "is empty"),
    (b"\x00" * 64, "is not JSON: expecting value at line 1, column 1"),
    (b"\xff\xfe{\x00}\x00", "is not UTF-8 text (at byte 0)"),
    (b'{"driftcheck_case": 1, "says": "\xe9"}', "is not UTF-8 text (at byte 32)"),
    (b"\x7fELF\x02\x01\x01", "is not JSON"),
    (GOOD[:1], "is not JSON: expecting property name"),
    (GOOD[:20], "is not JSON"),
    (GOOD[: len(GOOD) // 2], "is not JSON"),
    (GOOD[:-1], "is not JSON: expecting ',' delimiter"),
    (GOOD + GOOD, "is not JSON: extra data"),
    (GOOD.replace(",", ",,", 1), "is not JSON: expecting property name"),
    (GOOD.replace('"lru"', "'lru'"), "is not JSON: expecting value at line 1"),
    (GOOD.replace('"lru"', '"l\nru"'), "is not JSON: invalid control character"),
    (GOOD.replace('"lru"', '"\\q"'), "is not JSON: invalid \\escape"),
    (GOOD.replace("{", "<<<<<<< HEAD\n{", 1), "is not JSON: expecting value at line 1, column 1"),
    (GOOD.replace('"check":', '"contract": "lru", "check":', 1), "contains the key 'contract' twice"),
    (GOOD.replace('"capacity": 2', '"capacity": NaN'), 'contains NaN, which is not JSON; write "nan"'),
    (GOOD.replace('"capacity": 2', '"capacity": -Infinity'), 'which is not JSON; write "-inf"'),
    (GOOD.replace('"capacity": 2', '"capacity": 1e999'), "contains the number '1e999', which is not a float"),
    (GOOD.replace('"capacity": 2', f'"capacity": {"9" * 9000}'), "contains a number of 9000 digits"),
    ("[" * 200_000, "is nested deeper than driftcheck reads"),
    ('{"a":' * 200_000, "is nested deeper than driftcheck reads"),
    (b" " * (4 << 20) + b"{}", "is larger than 4 MiB"),
    ("null", "is not a case file of driftcheck: it has no 'driftcheck_case'"),
    ("[]", "is not a case file of driftcheck"),
    ('"case"', "is not a case file of driftcheck"),
    ("17", "is not a case file of driftcheck"),
    ('{"name": "x", "version": "1.0.0"}', "is not a case file of driftcheck"),
    ('{"driftcheck_case": 1}', "lacks 'contract'"),
    ('{"driftcheck_case": 2, "anything": []}', "has format 2, and this driftcheck reads 1; upgrade"),
    ('{"driftcheck_case": 10000000000000000000000}', "upgrade driftcheck"),
    ('{"driftcheck_case": 0}', "has 0 as 'driftcheck_case', which is not a format version"),
    ('{"driftcheck_case": true}', "has true as 'driftcheck_case'"),
    ('{"driftcheck_case": "1"}', "has the text '1' as 'driftcheck_case'"),
    ('{"driftcheck_case": 1.0}', "has 1.0 as 'driftcheck_case'"),
]

Edit = tuple[dict[str, Any], tuple[str | int, ...], object, str]

HEADER: list[Edit] = [
    (STEPS, ("contract",), REMOVED, "lacks 'contract'; add it"),
    (STEPS, ("contract",), None, "'contract' is null, but text is expected"),
    (
        STEPS,
        ("contract",),
        "lruu",
        "is of a contract that is not installed: no contract is named 'lruu'; the contracts are lru, every; "
        "did you mean 'lru'?",
    ),
    (
        STEPS,
        ("contract",),
        "os:system",
        "install its package, or give its class with --contract MODULE:CLASS",
    ),
    (STEPS, ("stepz",), [], "contains 'stepz', which a case does not have; did you mean 'steps'?"),
    (STEPS, ("fingerprint",), 5, "'fingerprint' is 5, but text is expected"),
    (STEPS, ("confirmed",), 3, "'confirmed' is 3, but an object is expected"),
    (STEPS, ("confirmed", "of"), REMOVED, "'confirmed' lacks 'of'"),
    (STEPS, ("confirmed", "of"), -1, "'confirmed' does not have two counts"),
    (STEPS, ("is_minimal",), 1, "'is_minimal' is 1, but true or false is expected"),
    (STEPS, ("confirmed", "seen"), "3", "'confirmed' does not have two counts"),
    (STEPS, ("batch",), {}, "'batch' is an empty object, but a list is expected"),
    (STEPS, ("batch",), [7], "'batch', trace 1: is 7, but an object is expected"),
    (STEPS, ("batch",), [{"steps": [{}]}], "'batch', trace 1: 'opening': lacks 'capacity'"),
    (STEPS, ("signature",), REMOVED, "lacks 'signature'"),
    (STEPS, ("signature",), "D103", "'signature' is the text 'D103', but an object is expected"),
    (STEPS, ("signature", "check"), REMOVED, "'signature' lacks 'check'"),
    (STEPS, ("signature", "check"), "D999", "'signature' has an unknown check: no check has the code 'D999'"),
    (STEPS, ("signature", "check"), 103, "'signature' is not a signature: a signature's 'check' is text"),
    (
        STEPS,
        ("signature", "shape"),
        ["go"],
        "'signature' is not a signature: a signature's 'shape' is an object",
    ),
    (STEPS, ("signature", "shape", "go"), 1, "'signature' contains 1, but text is expected"),
    (STEPS, ("signature", "cause"), "absent-field", "and its 'cause' a list"),
    (STEPS, ("signature", "cause"), [[]], "'signature' contains a list, but text is expected"),
    (STEPS, ("signature", "colour"), "red", "'signature' contains 'colour', which a signature does not have"),
    (STEPS, ("names",), ["a"], "'names' is a list, but an object is expected"),
    (STEPS, ("names", "keys"), ["a"], "'names' contains 'keys', but the contract has no such names in play"),
    (STEPS, ("names", ROSTER), "a", f"'names' ['{ROSTER}'] is the text 'a', but a list is expected"),
    (STEPS, ("names", ROSTER, 1), 5, f"'names' ['{ROSTER}'][1] is 5, but text is expected"),
    (STEPS, ("names", ROSTER, 0), "", "has 0 characters, outside 1 to 8"),
    (STEPS, ("opening",), REMOVED, "'opening': lacks 'capacity'"),
    (STEPS, ("opening",), [2], "'opening': is a list, but an object is expected"),
    (STEPS, ("opening", "size"), 2, "'opening': contains 'size', which 'open' does not have"),
    (STEPS, ("opening", "capacity"), 5, "'opening': argument 'capacity' is 5, outside 1 to 4"),
    (
        STEPS,
        ("opening", "capacity"),
        "2",
        "argument 'capacity' is the text '2', but a whole number is expected",
    ),
    (STEPS, ("opening", "capacity"), 2.0, "argument 'capacity' is 2.0, but a whole number is expected"),
    (STEPS, ("opening", "capacity"), True, "argument 'capacity' is true, but a whole number is expected"),
]
PUT = ("steps", 0, "arguments")
CURSOR = ("steps", 2, "arguments", "cursor")
IN_STEPS: list[Edit] = [
    (STEPS, ("steps",), {"1": {}}, "'steps' is an object, but a list is expected"),
    (STEPS, ("steps", 1), "walk", "step 2 is the text 'walk', but an object is expected"),
    (STEPS, ("steps", 1), {}, "step 2 lacks 'operation'"),
    (STEPS, ("steps", 1, "args"), {}, "step 2 contains 'args', which a step does not have"),
    (
        STEPS,
        ("steps", 0, "operation"),
        "putt",
        "step 1 has the operation 'putt', which the contract",
    ),
    (
        STEPS,
        ("steps", 0, "operation"),
        "__init__",
        "which the contract 'lru' does not have; known names: put, get",
    ),
    (STEPS, ("steps", 0, "operation"), ["put"], "step 1 has the operation a list, which the contract 'lru'"),
    (STEPS, PUT, REMOVED, "step 1 (put): lacks 'key'"),
    (STEPS, PUT, ["a"], "step 1 (put): is a list, but an object is expected"),
    (STEPS, (*PUT, "value"), REMOVED, "step 1 (put): lacks 'value'; add it"),
    (STEPS, (*PUT, "ttl"), 5, "step 1 (put): contains 'ttl', which 'put' does not have"),
    (STEPS, (*PUT, "key"), 5, "step 1 (put): argument 'key' is 5, but text is expected"),
    (STEPS, (*PUT, "key"), "123456789", "argument 'key' has 9 characters, outside 1 to 8"),
    (STEPS, (*PUT, "key"), "\ud800", "argument 'key' contains a lone surrogate"),
    (STEPS, (*PUT, "value"), "x", "argument 'value' is the text 'x', but bytes are expected"),
    (
        STEPS,
        (*PUT, "value"),
        {"hex": "0"},
        "argument 'value' has the text '0' as 'hex', which is not an even number",
    ),
    (STEPS, (*PUT, "value"), {"hex": "zz"}, "which is not an even number of hex digits"),
    (STEPS, (*PUT, "value"), {"text": "\udfff"}, "contains a lone surrogate; give such bytes as hex"),
    (
        STEPS,
        (*PUT, "value"),
        {"text": "x", "hex": "78"},
        "argument 'value' is an object, but bytes are expected",
    ),
    (STEPS, (*PUT, "value"), {"text": "x" * 17}, "argument 'value' has 17 bytes, outside 0 to 16"),
    (
        STEPS,
        ("steps", 1, "arguments"),
        {"key": "a"},
        "step 2 (walk): contains 'key', which 'walk' does not have",
    ),
    (STEPS, CURSOR, 2, "step 3 (advance): argument 'cursor' is 2, but a handle is expected"),
    (STEPS, CURSOR, {"handle_of_step": "2"}, "argument 'cursor' is an object, but a handle is expected"),
    (
        STEPS,
        CURSOR,
        {"handle_of_step": 0},
        "argument 'cursor' is the handle of step 0, which is not earlier",
    ),
    (STEPS, CURSOR, {"handle_of_step": 3}, "is the handle of step 3, which is not earlier"),
    (STEPS, CURSOR, {"handle_of_step": 99}, "is the handle of step 99, which is not earlier"),
    (STEPS, CURSOR, {"handle_of_step": 1}, "is of step 1, but 'put' makes no handle; give one of Cursor"),
    (LAW, ("law",), "undone", "'law' is the text 'undone', but an object is expected"),
    (
        LAW,
        ("law", "name"),
        "undo",
        "'law' is the text 'undo', which the contract 'lru' does not have; did you mean",
    ),
    (LAW, ("law", "arguments"), REMOVED, "law 'undone': lacks 'key'"),
    (LAW, ("law", "arguments", "key"), None, "law 'undone': argument 'key' is null, but text is expected"),
    (LAW, ("law", "arguments", "between"), 3, "argument 'between' is 3, but a list of steps is expected"),
    (
        LAW,
        ("law", "arguments", "after", 0, "operation"),
        "run",
        "argument 'after' at step 4 has the operation",
    ),
]


def _argument(number: int, name: str) -> tuple[str | int, ...]:
    return ("steps", number - 1, "arguments", name)


LEAF = (*_argument(4, "a"), "Leaf")
TREE = _argument(4, "b")
IN_TYPES: list[Edit] = [
    (TYPES, ("opening", "start"), 2**64, "argument 'start' is 18446744073709551616, outside 0 to"),
    (
        TYPES,
        _argument(1, "a"),
        -(2**63) - 1,
        "step 1 (numbers): argument 'a' is -9223372036854775809, outside",
    ),
    (TYPES, _argument(1, "d"), 1, "argument 'd' is 1, but true or false is expected"),
    (TYPES, _argument(2, "a"), "NaN", "argument 'a' is the text 'NaN', but a number, \"nan\""),
    (TYPES, _argument(2, "a"), {"bits": "7ff8"}, "argument 'a' is an object, but a number"),
    (TYPES, _argument(2, "a"), 2**62 + 1, "argument 'a' is 4611686018427387905, but a number"),
    (TYPES, _argument(2, "a"), 10**399, "contains a number of 400 digits"),
    (TYPES, _argument(2, "b"), 1.6, "argument 'b' is 1.6, outside 0.0 to 1.5"),
    (TYPES, _argument(2, "b"), "nan", "argument 'b' is nan, outside 0.0 to 1.5"),
    (TYPES, _argument(3, "c"), "ab", "argument 'c' is 'ab', which does not match"),
    (
        TYPES,
        (*_argument(4, "a"), "Leaf"),
        REMOVED,
        "argument 'a' is an empty object, but an object of one key",
    ),
    (
        TYPES,
        _argument(4, "a"),
        {"Twig": {}},
        "argument 'a' is of 'Twig', which is not an alternative of TreeOrLeaf",
    ),
    (TYPES, (*LEAF, "name"), REMOVED, "argument 'a' at Leaf lacks 'name'"),
    (TYPES, (*LEAF, "at"), -1.0, "argument 'a' at at is -1.0, outside 0.0 to inf"),
    (
        TYPES,
        (*TREE, "colour"),
        "red",
        "argument 'b' at colour is the text 'red', which is not a member of Colour",
    ),
    (TYPES, (*TREE, "leaves", 0, "name"), 1, "argument 'b' at leaves[0].name is 1, but text is expected"),
    (TYPES, (*TREE, "leaves"), "none", "argument 'b' at leaves is the text 'none', but a list is expected"),
    (TYPES, _argument(4, "c"), [["x", "RED"]], "argument 'c' is a list, but an object is expected"),
    (TYPES, _argument(5, "a"), "z", "argument 'a' is 'z', which is not among the values of in_"),
    (TYPES, _argument(5, "c"), {"PINK": True}, "is the text 'PINK', which is not a member of Colour"),
    (
        TYPES,
        _argument(6, "document"),
        "{}",
        "argument 'document' is the text '{}', but a payload is expected",
    ),
    (TYPES, _argument(6, "document"), {"mutations": []}, "but bytes are expected"),
    (TYPES, (*_argument(6, "document"), "mutations"), [1], "has 'mutations' that are not a list of texts"),
    (TYPES, (*_argument(6, "document"), "seed"), 1, "has 1 as 'seed', but text is expected"),
]
FILES = [(text, says) for text, says in TEXTS]
FILES += [(edited(*edit[:3]), edit[3]) for edit in (*HEADER, *IN_STEPS, *IN_TYPES)]


def test_there_are_at_least_a_hundred() -> None:
    """The table holds more than a hundred different broken files."""
    assert len({text for text, _ in FILES}) == len(FILES) == 129


@pytest.mark.parametrize("good", [STEPS, LAW, TYPES], ids=["steps", "law", "types"])
def test_the_files_are_good_before_they_are_broken(good: dict[str, Any], tmp_path: Path) -> None:
    """Each file can be read before the table breaks it."""
    case = loaded(tmp_path / "case.json", json.dumps(good))

    assert case.signature.check == "D103"


@pytest.mark.parametrize(("text", "says"), FILES, ids=[says for _, says in FILES])
def test_a_broken_file_gets_one_sentence(text: str | bytes, says: str, tmp_path: Path) -> None:
    """The sentence names the path, the place, what was found and what must be there."""
    path = tmp_path / "case.json"

    with pytest.raises(CaseError) as caught:
        loaded(path, text)

    said = str(caught.value)
    assert said.startswith(f"case file {path}: ")
    assert says in said
    assert "\n" not in said
    assert len(said) - len(str(path)) < 300
    assert caught.value.__suppress_context__


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "the file cannot be read: No such file or directory"),
        (_folder, "the file is not a regular file"),
        (_pipe, "the file is not a regular file"),
        (_loop, "the file cannot be read: Too many levels of symbolic links"),
    ],
    ids=["absent", "folder", "pipe", "loop"],
)
def test_a_path_without_a_file_is_refused(make: Callable[[Path], None], says: str, tmp_path: Path) -> None:
    """driftcheck refuses the path, and never waits for it."""
    path = tmp_path / "case.json"
    make(path)

    with pytest.raises(CaseError, match=says):
        load(path, find_schema)
