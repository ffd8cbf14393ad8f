"""Exported tests of planted faults and of deaths fail in the library's tree, and pass when it is fixed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import deadly
import pytest
from engine_faults import HERE, SCHEMA, SIDES, Fault, read_engine_faults, read_own_checks
from exported_counts import Capsys, Record, assert_share, count
from exported_trees import WORK, engine, rejects_style, run_exported, write
from recorded_case import write_recorded

from driftcheck import schema_of
from driftcheck.export import Exported, export
from driftcheck.findings.case import load
from driftcheck.subjects.discover import subjects
from driftcheck_contracts.reconcile import Reconcile

CASES = HERE / "cases"
FAULTS = read_engine_faults()
BY_DAY = {  # one of each engine that a law finds, and one whose case is of one engine alone
    "receive_forgets_their_count.json",
    "logical_count_wraps.json",
    "alone/duplicates_are_read_as_the_last.json",
}
EACH = 20  # by day every twentieth is linted and run in the right tree
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
OF_BOTH = [kind for kind in deadly.KINDS["go"] if kind in deadly.KINDS["rust"]]
AT_NIGHT = {  # of both languages one has its turn by day; a test of an endless loop takes ten seconds
    *((("rust", "go")[turn % 2], kind) for turn, kind in enumerate(OF_BOTH)),
    *((language, "endless_loop") for language in deadly.KINDS),
}
DEATHS = [(language, kind) for language, kinds in deadly.KINDS.items() for kind in kinds]


def planted() -> list[tuple[Fault, Path]]:
    """List the faults with the cases that they were shrunk to."""
    searched = [(fault, CASES / f"{fault.name}.json") for fault in FAULTS if fault.is_searched]
    alone = [(own.fault, CASES / "alone" / f"{own.fault.name}.json") for own in read_own_checks(FAULTS)]
    return [(fault, path) for fault, path in (*searched, *alone) if path.exists()]


def by_day_and_night() -> list[object]:
    """Give each case at night, and a few by day."""
    named = {str(path.relative_to(CASES)): (fault, path) for fault, path in planted()}
    assert named.keys() >= BY_DAY
    return [
        pytest.param(fault, path, id=name, marks=() if name in BY_DAY else pytest.mark.nightly)
        for name, (fault, path) in named.items()
    ]


@pytest.mark.parametrize(("fault", "path"), by_day_and_night())
def test_an_exported_fault_fails_in_the_faulty_tree(fault: Fault, path: Path) -> None:
    """It compiles with the patched engine, and fails for its reason."""
    faulty = engine(fault.side, f"{fault.name}-faulty", fault.patch)
    exported = export(load(path, lambda name: SCHEMA), subjects(Reconcile), fault.side, into=faulty)
    write(faulty, [exported])

    (ended,) = run_exported(fault.side, faulty, [exported]).values()
    assert ended.code != 0
    assert exported.demand.why in ended.said.replace("\\", "") or "panic" in ended.said


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("each", [EACH, pytest.param(1, marks=pytest.mark.nightly)])
def test_the_exported_faults_please_the_linters_and_pass_in_the_right_tree(side: str, each: int) -> None:
    """Formatter and linter have nothing against any of them, and the engine without a fault passes."""
    seen: Counter[str] = Counter()  # the faults of one signature have tests of one name
    trees: dict[Path, list[Exported]] = {}
    for fault, path in planted()[::each]:
        if fault.side == side:
            case = load(path, lambda name: SCHEMA)
            number = seen[case.signature.digest]
            seen[case.signature.digest] += 1
            right = WORK / f"right-{number}" / f"{side}_shim" / "reconcile"
            if right not in trees:
                assert engine(side, f"right-{number}") == right
            exported = export(case, subjects(Reconcile), side, into=right)
            trees.setdefault(right, []).append(exported)

    assert trees
    for right, tests in trees.items():
        write(right, tests)
        assert rejects_style(side, right, tests) == ""
        for file, ended in run_exported(side, right, tests).items():
            assert ended.code == 0, (file, ended.said)


@pytest.mark.parametrize(("fault", "path"), planted(), ids=lambda value: getattr(value, "stem", None))
def test_each_planted_fault_can_be_exported(fault: Fault, path: Path, tmp_path: Path) -> None:
    """The text of each is made from its case alone."""
    (tmp_path / ("go.mod" if fault.side == "go" else "Cargo.toml")).write_text("")

    exported = export(load(path, lambda name: SCHEMA), subjects(Reconcile), fault.side, into=tmp_path)

    assert exported.files
    assert "driftcheck/sdk" not in "".join(data.decode("latin-1") for data in exported.files.values())


@pytest.mark.nightly
def test_most_exports_of_planted_faults_are_written(
    tmp_path: Path, capsys: Capsys, record_property: Record
) -> None:
    """Of each case there is a test of every engine that its file does not rule out."""
    cases = [load(path, lambda name: SCHEMA) for _, path in planted()]

    counts = count("planted faults", [(case, subjects(Reconcile)) for case in cases], tmp_path)

    assert_share(counts, capsys, record_property)


@pytest.mark.nightly
def test_most_exports_of_deaths_are_written(tmp_path: Path, capsys: Capsys, record_property: Record) -> None:
    """Of each kind of death there is a test of the engine that died."""
    schema = schema_of(deadly.Deadly)
    paths = [death(language, kind, tmp_path) for language, kind in DEATHS]
    cases = [load(path, lambda name: schema) for path in paths]
    (tmp_path / "tree").mkdir()

    counts = count("deaths", [(case, subjects(deadly.Deadly)) for case in cases], tmp_path / "tree")

    assert_share(counts, capsys, record_property)


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
    write_recorded(path, data)
    return path


def deaths_by_day_and_night() -> list[object]:
    """Give each death at night, and most of them by day."""
    return [
        pytest.param(*death, id="-".join(death), marks=pytest.mark.nightly if death in AT_NIGHT else ())
        for death in DEATHS
    ]


@pytest.mark.parametrize(("language", "kind"), deaths_by_day_and_night())
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
