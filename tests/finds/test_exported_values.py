"""Exported tests compare every kind of value: a subject that echoes passes, and another answer fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import everything
import pytest
from exported_trees import WORK, rejects_style, run_exported, write
from recorded_case import write_recorded

from driftcheck import schema_of
from driftcheck.export import CannotExport, Exported, export
from driftcheck.findings.case import Case, load
from driftcheck.subjects.discover import subjects

SCHEMA = schema_of(everything.Everything)
VALUES: list[tuple[str, dict[str, Any], Any, Any]] = [  # operation, arguments, what echoes, what does not
    ("keep", {"key": "k", "length": 1}, None, 3),
    ("optional", {"value": None}, None, {"text": "x"}),
    ("sequence", {"value": []}, [], [["a"]]),
    ("nested", {"value": {}}, {}, {"a": None}),
    ("real", {"float64": -0.0}, -0.0, 0.0),
    ("union", {"shape": {"Nothing": {}}}, {"Nothing": {}}, {"Circle": {"radius": 1.0, "id": 1}}),
    ("colour", {"range": "RED"}, "RED", "DARK_GREEN"),
    ("raw", {"bytes_": {"hex": "ff"}}, {"hex": "ff"}, {"hex": "fe"}),
]


def differing(operation: str, arguments: dict[str, Any], values: dict[str, Any], folder: Path) -> Case:
    """Return a case in which two subjects return different values, and the last one is to blame."""
    *_, blamed = values
    outcomes = {name: {"accepted": value} for name, value in values.items()}
    data = {
        "driftcheck_case": 1,
        "contract": "everything",
        "signature": {"check": "D103", "operation": operation, "shape": dict.fromkeys(values, "accepted")},
        "at": 1,
        "blamed": [blamed],
        "opening": {"type": "x", "func_": None},
        "steps": [{"operation": operation, "arguments": arguments, "outcomes": outcomes}],
    }
    path = folder / f"{operation}.json"
    write_recorded(path, data)
    return load(path, lambda name: SCHEMA)


def exported(language: str, folder: Path, tree: Path, *, echoes: bool) -> list[Exported]:
    """Export a case of each value, which asserts the one that echoes or another one."""
    tests = []
    other = {"go": "rust", "rust": "go"}[language]
    for operation, arguments, echo, different in VALUES:
        right, wrong = (echo, different) if echoes else (different, echo)
        case = differing(operation, arguments, {other: right, language: wrong}, folder)
        tests.append(export(case, subjects(everything.Everything), language, into=tree))
    return tests


@pytest.mark.parametrize("language", ["go", "rust"])
@pytest.mark.parametrize("echoes", [True, False])
def test_a_value_is_compared_whatever_its_type(language: str, echoes: bool, tmp_path: Path) -> None:
    """Absent values, empty lists and maps, signed zeros, unions and bytes: the linters accept all of them."""
    tree = WORK / f"everything-{language}"
    tree.mkdir(parents=True, exist_ok=True)
    tests = exported(language, tmp_path, tree, echoes=echoes)
    write(tree, tests)

    assert rejects_style(language, tree, tests) == ""
    for file, ended in run_exported(language, tree, tests).items():
        assert (ended.code == 0) is echoes, (file, ended.said)


def test_the_bits_of_a_nan_are_refused(tmp_path: Path) -> None:
    """An exported test takes one NaN for another, so it would pass beside the fault."""
    values = {"rust": "nan", "go": {"bits": "7ff8000000000001"}}
    case = differing("real", {"float64": 0.5}, values, tmp_path)

    with pytest.raises(CannotExport, match="differ only in the bits of a NaN"):
        export(case, subjects(everything.Everything), "go", into=tmp_path)
