"""Hostile files of settings: pyproject.toml, asymmetries of a project, subjects.toml beside a contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from case_files import SIGNATURE, STEPS
from file_rules import OTHERS
from frame import Hostile, one_in
from toml_rules import broken

PROJECT = [
    "[project]",
    'name = "x"',
    "",
    "[tool.driftcheck]",
    'deadline = "2s"',
    'memory = "1GiB"',
    'env = { GOGC = "off" }',
]
ENTRIES = [
    "[known]",
    'operation = "get"',
    'check = "D103"',
    'shape = { go = "accepted", rust = "absent" }',
    'deviates = "rust"',
    'reason = "both are allowed"',
    'owner = "me"',
    'issue = "https://example.org/1"',
    'features = ["a"]',
    'path = "value"',
    'concerns = "x"',
    'at = "value"',
    'versions = { lru = "<2" }',
    "decided = 2026-01-01",
    "expires = 2999-01-01",
]
SUBJECTS = ["[go]", 'language = "go"', 'dir = "go"', 'tags = ["x"]', 'env = { GOGC = "off" }']
CONTRACT = """\
from driftcheck import Contract, operation


class Toy(Contract):
    @operation
    def ping(self) -> bool: ...
"""
ACCEPT = (
    "accept",
    "case.json",
    "--reason",
    "r",
    "--owner",
    "o",
    "--expires",
    "2999-01-01",
    "--deviates",
    "rust",
)
FAST = 12  # one in this many is run each time

Write = Callable[[Path], Sequence[str]]


def _project(folder: Path) -> tuple[Path, Sequence[str]]:
    """The file is read before the cases, of which there are none."""
    return folder / "pyproject.toml", ("replay", "none.json")


def _entries(folder: Path) -> tuple[Path, Sequence[str]]:
    """The file is read before the entry is written, and after it."""
    (folder / "asymmetries").mkdir()
    signature = {**SIGNATURE, "operation": "peek"}
    (folder / "case.json").write_text(json.dumps({**STEPS, "signature": signature}))
    return folder / "asymmetries" / "lru.toml", ACCEPT


def _subjects(folder: Path) -> tuple[Path, Sequence[str]]:
    (folder / "toy.py").write_text(CONTRACT)
    (folder / "go").mkdir()
    (folder / "go" / "go.mod").write_text("module toy\n")
    return folder / "subjects.toml", ("gen", "toy:Toy", "--check")


KINDS: dict[str, tuple[list[str], Callable[[Path], tuple[Path, Sequence[str]]], frozenset[int]]] = {
    "pyproject": (PROJECT, _project, frozenset({2})),
    "asymmetries": (ENTRIES, _entries, frozenset({0, 2})),
    "subjects": (SUBJECTS, _subjects, frozenset({0, 1, 2})),
}


def _all() -> Iterator[Hostile]:
    for kind, (lines, start, expected) in KINDS.items():
        for name, content in broken(lines):

            def write(folder: Path, start: object = start, content: object = content) -> Sequence[str]:
                path, words = start(folder)  # type: ignore[operator] # bound above
                path.write_bytes(content())  # type: ignore[operator] # bound above
                return words  # type: ignore[no-any-return] # of `start`

            yield Hostile(kind, name, write, expected, nightly=not one_in(FAST, f"{kind} {name}"))
        for name, make in OTHERS.items():

            def replaced(folder: Path, start: object = start, make: object = make) -> Sequence[str]:
                path, words = start(folder)  # type: ignore[operator] # bound above
                make(path)  # type: ignore[operator] # bound above
                return words  # type: ignore[no-any-return] # of `start`

            yield Hostile(kind, f"file-{name}", replaced, expected)


CORPUS: list[Hostile] = list(_all())
