"""Exported tests of planted faults and of deaths fail in the library's tree, and pass when it is fixed."""

from __future__ import annotations

import json
from pathlib import Path

import deadly
import pytest
from engine_faults import HERE, SCHEMA, Fault, read_engine_faults, read_own_checks
from exported_trees import WORK, engine, rejects_style, run_exported, write

from driftcheck import schema_of
from driftcheck.export import export
from driftcheck.findings.case import load
from driftcheck.subjects.discover import subjects
from driftcheck_contracts.reconcile import Reconcile

CASES = HERE / "cases"
FAULTS = read_engine_faults()
EACH = 9  # by day every ninth is compiled
KINDS = {
    "panic": "D501",
    "goroutine_panic": "D502",
    "map_writes": "D502",
    "stack_overflow": "D502",
    "exit": "D502",
    "abort": "D502",
    "segv": "D502",
    "deadlock": "D503",
    "endless_loop": "D503",
    "memory": "D504",
}
DEATHS = [(language, kind) for language, kinds in deadly.KINDS.items() for kind in kinds]


def planted() -> list[tuple[Fault, Path]]:
    """List the faults with the cases that they were shrunk to."""
    searched = [(fault, CASES / f"{fault.name}.json") for fault in FAULTS if fault.is_searched]
    alone = [(own.fault, CASES / "alone" / f"{own.fault.name}.json") for own in read_own_checks(FAULTS)]
    return [(fault, path) for fault, path in (*searched, *alone) if path.exists()]


def by_day_and_night() -> list[object]:
    """Give each case at night, and every ninth by day."""
    return [
        pytest.param(
            fault, path, id=str(path.relative_to(CASES)), marks=() if n % EACH == 0 else pytest.mark.nightly
        )
        for n, (fault, path) in enumerate(planted())
    ]


@pytest.mark.parametrize(("fault", "path"), by_day_and_night())
def test_an_exported_fault_fails_in_the_faulty_tree_and_passes_in_the_right_one(
    fault: Fault, path: Path
) -> None:
    """It compiles, pleases the linters, fails with the patch for its reason, and passes without it."""
    case, sources = load(path, lambda name: SCHEMA), subjects(Reconcile)
    faulty = engine(fault.side, f"{fault.name}-faulty", fault.patch)
    right = engine(fault.side, f"{fault.name}-right")
    in_faulty = export(case, sources, fault.side, into=faulty)
    in_right = export(case, sources, fault.side, into=right)
    write(faulty, [in_faulty])
    write(right, [in_right])

    assert rejects_style(fault.side, right, [in_right]) == ""
    (failed,) = run_exported(fault.side, faulty, [in_faulty]).values()
    assert failed.code != 0
    assert in_faulty.demand.why in failed.said.replace("\\", "") or "panic" in failed.said
    (passed,) = run_exported(fault.side, right, [in_right]).values()
    assert passed.code == 0, passed.said


@pytest.mark.parametrize(("fault", "path"), planted(), ids=lambda value: getattr(value, "stem", None))
def test_each_planted_fault_can_be_exported(fault: Fault, path: Path, tmp_path: Path) -> None:
    """The text of each is made from its case alone."""
    (tmp_path / ("go.mod" if fault.side == "go" else "Cargo.toml")).write_text("")

    exported = export(load(path, lambda name: SCHEMA), subjects(Reconcile), fault.side, into=tmp_path)

    assert exported.files
    assert "driftcheck/sdk" not in "".join(data.decode("latin-1") for data in exported.files.values())


def death(language: str, kind: str, folder: Path) -> Path:
    """Write the case of a death: one step that lives, and one that dies."""
    check = KINDS[kind]
    words = {"D501": "panicked", "D502": "crashed", "D503": "hung", "D504": "exhausted"}
    other = {"go": "rust", "rust": "go"}[language]
    outcomes = {language: {words[check]: "it died"}, other: {"accepted": None}}
    data = {
        "driftcheck_case": 1,
        "contract": "deadly",
        "signature": {"check": check, "operation": "die", "shape": {language: words[check]}},
        "at": 2,
        "blamed": [language],
        "steps": [{"operation": "live"}, {"operation": "die", "outcomes": outcomes}],
    }
    path = folder / f"{language}-{kind}.json"
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(("language", "kind"), DEATHS, ids=[f"{lang}-{kind}" for lang, kind in DEATHS])
def test_an_exported_death_asserts_the_end_of_the_process(language: str, kind: str, tmp_path: Path) -> None:
    """The test fails while the subject dies in this way, with the reason, and passes when it lives."""
    schema = schema_of(deadly.Deadly)
    tree = WORK / f"deadly-{language}"
    tree.mkdir(parents=True, exist_ok=True)
    case = load(death(language, kind, tmp_path), lambda name: schema)
    exported = export(case, subjects(deadly.Deadly), language, into=tree)
    write(tree, [exported])

    assert rejects_style(language, tree, [exported]) == ""
    (failed,) = run_exported(language, tree, [exported], {deadly.VARIABLE: f"{language}-{kind}"}).values()
    assert failed.code != 0
    assert exported.demand.why in failed.said or kind == "panic"
    (passed,) = run_exported(language, tree, [exported]).values()
    assert passed.code == 0, passed.said
