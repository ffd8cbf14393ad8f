"""Case files that the tests read, edit and break."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from generation_contracts import EVERY, LRU

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import UnknownContract
from driftcheck.findings.case import Case, load

SCHEMAS = {"lru": LRU, "every": EVERY}
ROSTER = "text 1..8 x4"

SIGNATURE = {
    "check": "D103",
    "operation": "advance",
    "shape": {"go": "accepted", "rust": "accepted"},
    "path": "value",
    "cause": [],
}
STEPS: dict[str, Any] = {
    "driftcheck_case": 1,
    "contract": "lru",
    "fingerprint": "0123456789abcdef",
    "check": "D103 value",
    "says": "the subjects accept with different values",
    "signature": SIGNATURE,
    "confirmed": {"seen": 3, "of": 3},
    "opening": {"capacity": 2},
    "names": {ROSTER: ["a", "b"]},
    "steps": [
        {"operation": "put", "arguments": {"key": "a", "value": {"text": "x"}}},
        {"operation": "walk"},
        {"operation": "advance", "arguments": {"cursor": {"handle_of_step": 2}}, "outcomes": {}},
    ],
    "environment": {},
}
LAW: dict[str, Any] = {
    **STEPS,
    "law": {
        "name": "undone",
        "arguments": {
            "key": "a",
            "between": [{"operation": "advance", "arguments": {"cursor": {"handle_of_step": 2}}}],
            "after": [{"operation": "walk"}],
        },
    },
}
TYPES: dict[str, Any] = {
    "driftcheck_case": 1,
    "contract": "every",
    "signature": SIGNATURE,
    "opening": {"name": "a", "start": 2**64 - 1},
    "steps": [
        {"operation": "numbers", "arguments": {"a": -(2**63), "b": 0, "c": 500, "d": True}},
        {"operation": "floats", "arguments": {"a": "nan", "b": 1.5, "c": "-inf"}},
        {"operation": "texts", "arguments": {"a": "", "b": "abc", "c": "ab-1", "d": {"hex": "00 ff"}}},
        {
            "operation": "nested",
            "arguments": {
                "a": {"Leaf": {"name": "a", "at": 0.0}},
                "b": {"leaves": [{"name": "b", "at": 1.0}], "colour": "RED"},
                "c": {"x": "GREEN"},
            },
        },
        {
            "operation": "chosen",
            "arguments": {"a": "yy", "b": "AB", "c": {"RED": True}, "d": "BLUE"},
        },
        {"operation": "read", "arguments": {"document": {"text": "{}", "mutations": ["absent-field"]}}},
    ],
}

REMOVED = object()


def edited(good: dict[str, Any], place: tuple[str | int, ...], value: object) -> str:
    """Return a case file with one place changed, or removed."""
    data = copy.deepcopy(good)
    inner: Any = data
    for part in place[:-1]:
        inner = inner[part]
    if value is REMOVED:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return json.dumps(data)


def find_schema(name: str) -> Schema:
    """Return a contract of the tests."""
    if name not in SCHEMAS:
        raise UnknownContract(name, tuple(SCHEMAS))
    return SCHEMAS[name]


def loaded(path: Path, text: str | bytes) -> Case:
    """Write a case file and read it."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, find_schema)
