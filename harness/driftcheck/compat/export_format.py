"""
The format of an export: its keys, and the kind of each; docs/reference/cli.md describes it.

Refuses an edited or foreign file in one sentence. Knows JSON data alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.values.notation import found

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
                raise ValueError(f"{where} is {found(data)}, where an object is wanted")
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
                raise ValueError(f"{where} is {found(data)}, where {WORDS[form]} is wanted")


def check_type(data: Any) -> None:
    """Check a type against the form of its kind; raises ValueError."""
    check(data, TYPE, "a type")
    if data["kind"] not in KINDS:
        raise ValueError(f"the type {str(data)[:60]} has a kind that this driftcheck does not know")
    check(data, {**KINDS[data["kind"]], **ANY_KIND}, f"a type of kind {data['kind']!r}")


def check_definition(name: str, data: Any) -> None:
    """Check the definition of a named type against its form; raises ValueError."""
    where = f"the type {name!r}"
    check(data, TYPE, where)
    if data["kind"] not in DEFINITIONS:
        raise ValueError(f"{where} is neither record, union nor enumeration")
    check(data, DEFINITIONS[data["kind"]], where)
