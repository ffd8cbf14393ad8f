"""
The format of an export: its keys, and the kind of each; docs/reference/cli.md describes it.

Refuses an edited or foreign file in one sentence. Knows only JSON data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.values.notation import found, word

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")  # of a contract
# A comparison takes time with the square of these. The largest contract that ships has 19 operations.
MOST_OPERATIONS = 200
MOST_PARTS = 250  # fields, members, alternatives, listed values
MOST_TYPES = 5_000  # in all, where each use of a named type counts with all types in it
MOST_INSTANCES = 16
LONGEST_PATTERN = 1_000  # characters

WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}


@attrs.frozen
class Maybe:
    """A value that may be absent or null."""

    form: Any


TYPE = {"kind": str}  # and more, by its kind
ARGUMENT = {
    "name": str,
    "type": TYPE,
    "across": Maybe(str),
    "flag": Maybe(bool),
    "schema_version": Maybe(bool),
}
OPERATION = {
    "name": str,
    "doc": Maybe(str),
    "arguments": [ARGUMENT],
    "result": Maybe(TYPE),
    "rejects": [str],
    "query": Maybe(bool),
    "idempotent": Maybe(bool),
    "changes_peer": Maybe(bool),
    "faults": Maybe([str]),
    "history": Maybe(bool),
    "neutral": Maybe(bool),
    "weight": Maybe(int),
}
REJECTION = {
    "name": str,
    "doc": Maybe(str),
    "catch_all": Maybe(bool),
    "retryable": Maybe(bool),
    "detail": Maybe(TYPE),
}
LAW = {"name": str, "doc": Maybe(str), "arguments": [ARGUMENT], "fresh": Maybe(bool), "code": Maybe(str)}
SCHEMA_VERSIONS = {"name": str, "schema_versions": [int], "reads": [[int]], "otherwise": str}
EXPORT = {
    "contract": str,
    "version": Maybe(int),
    "fingerprint": str,
    "doc": Maybe(str),
    "instances": Maybe(int),
    "schema": Maybe(SCHEMA_VERSIONS),
    "open": [ARGUMENT],
    "state": Maybe(TYPE),
    "operations": [OPERATION],
    "rejections": [REJECTION],
    "faults": Maybe([{"name": str, "doc": Maybe(str)}]),
    "laws": Maybe([LAW]),
    "invariants": Maybe([{"name": str, "doc": Maybe(str), "code": Maybe(str)}]),
    "types": {},  # by name, each checked when it is used
    "digest": Maybe(str),
}

LENGTHS = {"min_len": Maybe(int), "max_len": Maybe(int)}
KINDS: Mapping[str, Mapping[str, Any]] = {
    "bool": {},
    "steps": {},
    "peer": {},
    "int": {"min": int, "max": int},
    "float": {"min": Maybe(float), "max": Maybe(float), "nan_equal": Maybe(bool)},
    "text": {**LENGTHS, "pattern": Maybe(str)},
    "bytes": LENGTHS,
    "optional": {"of": TYPE},
    "sequence": {**LENGTHS, "of": TYPE, "unordered": Maybe(bool)},
    "mapping": {**LENGTHS, "key": TYPE, "value": TYPE},
    "payload": {"of": TYPE, "codec": str, "corpus": Maybe([str])},
    "handle": {"name": str, "closing": Maybe(bool)},
    "named": {"name": str},
}
ANY_KIND = {"names": Maybe(int), "one_of": Maybe(list), "generated": Maybe(bool)}
FIELD = {
    "name": str,
    "type": TYPE,
    "schema_version": Maybe(bool),
    "since": Maybe(int),
    "until": Maybe(int),
}
DEFINITIONS: Mapping[str, Mapping[str, Any]] = {
    "record": {"doc": Maybe(str), "fields": [FIELD]},
    "union": {"alternatives": [str]},
    "enumeration": {"members": [str]},
}


def check_export(data: Any) -> None:
    """Check the data of an export, except for its types; raises ValueError as `check`."""
    check(data, EXPORT)
    if not NAME.fullmatch(data["contract"]):
        raise ValueError(f"{found(data['contract'])} cannot be the name of a contract")
    if not 1 <= len(data["operations"]) <= MOST_OPERATIONS:
        raise ValueError(
            f"it has {len(data['operations'])} operations, but 1 to {MOST_OPERATIONS} are expected"
        )
    if not 1 <= (data.get("instances") or 1) <= MOST_INSTANCES:
        raise ValueError(f"it has {data['instances']} instances, but 1 to {MOST_INSTANCES} are expected")


def check(data: Any, form: Any, where: str = "it") -> None:
    """Check data against a form.

    Raises:
        ValueError: says where, what was found, and what is wanted.
    """
    match form:
        case Maybe(form=inner):
            if data is not None:
                check(data, inner, where)
        case dict():
            if not isinstance(data, dict):
                raise ValueError(f"{where} is {found(data)}, but an object is expected")
            for key, inner in form.items():
                if key not in data and not isinstance(inner, Maybe):
                    raise ValueError(f"{where} lacks {key!r}")
                check(data.get(key), inner, key if where == "it" else f"{where}.{key}")
        case [inner]:
            check(data, list, where)
            for number, one in enumerate(data):
                check(one, inner, f"{where}[{number}]")
        case _:
            is_number = form is float and type(data) in (int, float)
            if type(data) is not form and not is_number:
                raise ValueError(f"{where} is {found(data)}, but {WORDS[form]} is expected")


def check_type(data: Any) -> None:
    """Check a type against the form of its kind; raises ValueError."""
    check(data, TYPE, "a type")
    if data["kind"] not in KINDS:
        raise ValueError(f"the type {str(data)[:60]} has a kind that this driftcheck does not know")
    where = f"a type of kind {data['kind']!r}"
    check(data, {**KINDS[data["kind"]], **ANY_KIND}, where)
    _check_count(data.get("one_of"), where)
    if len(data.get("pattern") or "") > LONGEST_PATTERN:
        raise ValueError(f"{where} has a pattern of more than {LONGEST_PATTERN} characters")


def check_definition(name: str, data: Any) -> None:
    """Check the definition of a named type against its form; raises ValueError."""
    where = f"the type {word(name)}"
    check(data, TYPE, where)
    if data["kind"] not in DEFINITIONS:
        raise ValueError(f"{where} is neither record, union nor enumeration")
    check(data, DEFINITIONS[data["kind"]], where)
    for parts in DEFINITIONS[data["kind"]]:
        _check_count(data.get(parts), where)


def _check_count(parts: Any, where: str) -> None:
    if isinstance(parts, list) and len(parts) > MOST_PARTS:
        raise ValueError(f"{where} has {len(parts)} parts, but at most {MOST_PARTS} are expected")
