"""Each fault planted in a reconciliation engine is found: as was said first, or as its row tells."""

from __future__ import annotations

import os

import attrs
import pytest
from engine_faults import (
    HERE,
    SCHEMA,
    SIDES,
    Fault,
    is_shrunk_to,
    look_for,
    open_planted,
    read_engine_faults,
    told,
)
from engine_faults_page import PAGE, page

from driftcheck.findings.case import load
from driftcheck.findings.finding import Finding
from driftcheck.findings.json_text import lay_out
from driftcheck.findings.keep import to_json
from driftcheck.run import Budget, Watch, explore_law
from driftcheck.session import open_session
from driftcheck.trace import LawCase, Trace
from driftcheck_contracts.reconcile import Reconcile

SEED = 0
LAW_CASES = 300
TRIES = 12
FAULTS = read_engine_faults()
CASES = HERE / "cases"
INVARIANTS = {f"I{n}" for n in (*range(1, 18), 20)}
UPDATES = bool(os.environ.get("UPDATE_PRINTED"))


def _named(faults: list[Fault]) -> list[object]:
    return [
        pytest.param(fault, id=fault.name, marks=() if fault.daily else pytest.mark.nightly)
        for fault in faults
    ]


@pytest.mark.parametrize("fault", _named([f for f in FAULTS if f.found_at is not None]))
def test_a_fault_of_an_engine_is_found(fault: Fault) -> None:
    """It is found by its check, once if so the table says, blamed where it is alone, and shrunk."""
    findings: dict[str, Finding] = {}

    def is_enough() -> bool:
        # A law has one signature alone, whatever else it would meet.
        return (fault.is_law or not fault.is_one_finding) and fault.finding in findings

    def keep(finding: Finding) -> None:
        findings.setdefault(told(finding.divergence), finding)

    with open_planted(fault) as session:
        watch = Watch(finding=keep, interrupted=is_enough)
        explored = look_for(fault, session, seed=SEED, watch=watch)

    assert fault.finding in findings
    finding = findings[fault.finding]
    assert not fault.is_one_finding or len(explored.findings) == 1
    assert fault.by_chance or is_shrunk_to(finding.case, fault.found_steps or fault.steps)
    assert fault.beside or finding.divergence.blamed == (fault.side,)
    if UPDATES:
        kept = to_json(finding, SCHEMA)
        del kept["environment"]  # of whoever wrote it last
        (CASES / f"{fault.name}.json").write_text(lay_out(kept) + "\n", encoding="utf-8")


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.daily_law], ids=lambda f: f.name)
def test_a_law_tells_of_a_fault_of_one_side_alone(fault: Fault) -> None:
    """In some hundred cases, once, with the side that is wrong, shrunk."""
    with open_planted(attrs.evolve(fault, beside=False)) as session:
        explored = explore_law(session, fault.daily_law, Budget(max_traces=LAW_CASES), seed=SEED)

    (finding,) = explored.findings
    assert finding.divergence.blamed == (fault.side,)
    assert is_shrunk_to(finding.case, fault.daily_steps)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.daily_case], ids=lambda f: f.name)
def test_a_kept_case_shows_its_fault_again(fault: Fault) -> None:
    """What differs by chance differs in one of some tries."""
    case = load(CASES / f"{fault.name}.json", lambda name: SCHEMA).case
    assert isinstance(case, Trace)
    with open_planted(fault) as session:
        tries = [session.oracle.probe(case).divergence for _ in range(TRIES)]

    assert fault.finding in {told(divergence) for divergence in tries if divergence is not None}


@pytest.mark.nightly
@pytest.mark.parametrize("fault", [f for f in FAULTS if f.found_at is None], ids=lambda f: f.name)
def test_of_these_nothing_tells(fault: Fault) -> None:
    """What is not found yet is listed as such: who sees it found gives it a better row."""
    with open_planted(fault) as session:
        explored = look_for(fault, session, seed=SEED)

    assert [told(finding.divergence) for finding in explored.findings] == []


def test_the_true_engines_agree_on_the_cases_of_all_faults() -> None:
    """What faults were shrunk to is kept, and on it nothing differs and no law is broken."""
    cases = {path.stem: load(path, lambda name: SCHEMA).case for path in CASES.glob("*.json")}
    with open_session(Reconcile, only=("go", "rust")) as session:
        oracle = session.oracle
        verdicts = {
            name: oracle.law(case) if isinstance(case, LawCase) else oracle.probe(case)
            for name, case in cases.items()
        }

    assert cases
    assert set(cases) <= {fault.name for fault in FAULTS if fault.found_at is not None}
    assert {name: v.divergence for name, v in verdicts.items() if v.divergence is not None} == {}


def test_each_invariant_has_a_fault_on_each_side() -> None:
    """Each is broken by a fault of Go and by one of Rust, and one of these is looked for in every run."""
    for side in SIDES:
        assert {i for fault in FAULTS if fault.side == side for i in fault.invariants} == INVARIANTS
    assert {i for fault in FAULTS if fault.is_daily for i in fault.invariants} == INVARIANTS


def test_each_patch_has_its_row() -> None:
    """The patches are those of the table, ten of them held back, and each is of one file."""
    patches = {(path.parent.name, path.stem): path.read_text() for path in HERE.glob("*/*.patch")}

    assert set(patches) == {(fault.side, fault.name) for fault in FAULTS}
    assert {text.count("\n+++ ") for text in patches.values()} == {1}
    assert sum(fault.held_back for fault in FAULTS) == 10


def test_the_page_is_current() -> None:
    """The page says what the table does."""
    current = page(FAULTS)
    if UPDATES:
        PAGE.write_text(current, encoding="utf-8")

    assert current == PAGE.read_text(encoding="utf-8"), (
        "UPDATE_PRINTED=1 pytest tests/finds/test_engine_faults.py"
    )
