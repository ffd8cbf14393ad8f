"""Exported tests compare unordered lists as the oracle does: a subject may return them in any order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import bag
import pytest
from exported_trees import WORK, Ended, rejects_style, run_exported, write
from recorded_case import write_recorded

from driftcheck import schema_of
from driftcheck.export import Exported, export
from driftcheck.findings.case import load
from driftcheck.subjects.discover import NativeSource, subjects

SCHEMA = schema_of(bag.Bag)
RED = {"Labelled": {"labels": ["a", "b"], "more": ["c", "d"]}}  # as the wire has it; subjects turn some lists
TURNED = {"Labelled": {"labels": ["b", "a"], "more": ["d", "c"]}}
ONE, TWO = {"Numbered": {"n": 1}}, {"Numbered": {"n": 2}}
ALL = [RED, ONE, TWO]
MOST = [ONE, TWO]


def case_of(folder: Path, check: str, wrong: str) -> Path:
    """Write a case in which one subject forgets the oldest thing, and another one is right.

    Args:
        check: D103 for the answer, D201 for the state, D102 for the detail of a rejection.
        wrong: the subject that forgets.
    """
    right = {"go": "rust", "rust": "go", "model": "rust"}[wrong]

    def answers(kind: str, one: Any, other: Any) -> dict[str, Any]:
        return {right: {kind: one}, wrong: {kind: other}}

    put = [{"operation": "put", "arguments": {"thing": one}} for one in (TURNED, TWO, ONE)]
    more: dict[str, Any] = {}
    match check:
        case "D103":
            put[2]["outcomes"] = answers("accepted", ALL, MOST)
        case "D201":
            states = [{"last": ONE, "by_place": {"bag": held}} for held in (ALL, MOST)]
            more["states"] = {right: {"state": states[0]}, wrong: {"state": states[1]}}
        case _:
            put.append({"operation": "put", "arguments": {"thing": ONE}})
            details = [{"rejected": "full", "detail": held} for held in (ALL, MOST)]
            put[3]["outcomes"] = {right: details[0], wrong: details[1]}
    data = {
        "driftcheck_case": 1,
        "contract": "bag",
        "signature": {"check": check, "operation": "put", "shape": {right: "accepted", wrong: "accepted"}},
        "at": len(put),
        "blamed": [wrong],
        "steps": put,
        **more,
    }
    path = folder / f"{check}.json"
    write_recorded(path, data)
    return path


def exported(check: str, to: str, folder: Path, into: Path) -> Exported:
    """Export the case of a check for the subject that is wrong."""
    wrong = "model" if to == "pytest" else to
    case = load(case_of(folder, check, wrong), lambda name: SCHEMA)
    sources = [
        attrs.evolve(one, is_reference=wrong == "model" and one.name == "rust")
        if isinstance(one, NativeSource)
        else one
        for one in subjects(bag.Bag)
    ]
    return export(case, sources, to, into=into)


@pytest.mark.parametrize("language", ["go", "rust"])
def test_another_order_passes_and_a_missing_item_fails(language: str, tmp_path: Path) -> None:
    """A right subject passes though it returns answer, state and detail in another order than the case."""
    tree = WORK / f"bag-{language}"
    tree.mkdir(parents=True, exist_ok=True)
    tests = [exported(check, language, tmp_path, tree) for check in ("D103", "D201", "D102")]
    write(tree, tests)

    assert rejects_style(language, tree, tests) == ""
    for ended in run_exported(language, tree, tests).values():
        assert ended.code == 0, ended.said
    for ended in run_exported(language, tree, tests, {bag.VARIABLE: "forgets"}).values():
        assert ended.code != 0
        assert "to blame" in ended.said, ended.said


def test_the_list_of_a_go_subject_keeps_its_order(tmp_path: Path) -> None:
    """A test sorts copies, so that a subject may return the list that it goes on to use."""
    path = case_of(tmp_path, "D103", "go")
    data = json.loads(path.read_text())
    oldest = {"rust": {"accepted": ONE}, "go": {"accepted": RED}}
    data["steps"] = [*reversed(data["steps"]), {"operation": "oldest", "outcomes": oldest}]
    data["signature"]["operation"] = "oldest"
    data["at"] = 4
    write_recorded(path, data)
    tree = WORK / "bag-go"
    tree.mkdir(parents=True, exist_ok=True)
    one = export(load(path, lambda name: SCHEMA), subjects(bag.Bag), "go", into=tree)
    write(tree, [one])

    (ended,) = run_exported("go", tree, [one]).values()

    assert ended.code == 0, ended.said


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("D103", "what rust, the reference, answered"),
        ("D201", "the state of rust, the reference"),
        ("D102", "what rust, the reference, answered"),
    ],
)
def test_so_it_is_for_a_model(check: str, why: str, tmp_path: Path) -> None:
    """A test for pytest passes though the model returns the lists in another order."""
    one = exported(check, "pytest", tmp_path, tmp_path)
    write(tmp_path, [one])

    passed = run(one)
    failed = run(one, "forgets")

    assert passed.code == 0, passed.said
    assert failed.code == 1
    assert why in failed.said


def run(one: Exported, fault: str = "") -> Ended:
    """Run an exported test for pytest, with the fault or without."""
    (path,) = one.files
    env = {**os.environ, bag.VARIABLE: fault, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name]
    done = subprocess.run(command, cwd=path.parent, env=env, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stdout)
