"""Each fault planted in a reconciliation engine is found: as predicted, or as its row says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from engine_faults import (
    HERE,
    SCHEMA,
    SIDES,
    Fault,
    Own,
    is_shrunk_to,
    look_for,
    open_planted,
    read_engine_faults,
    read_own_checks,
    told,
)
from engine_faults_page import PAGE, page

from driftcheck.core.trace import LawCase
from driftcheck.findings.case import load
from driftcheck.findings.finding import Finding
from driftcheck.findings.keep import to_json
from driftcheck.search.observer import Observer
from driftcheck.search.replay import replay
from driftcheck.search.session import open_session
from driftcheck.values.json_text import lay_out
from driftcheck_contracts.reconcile import Reconcile

SEED = 0
AFTERWARDS = 10  # cases by day after that which showed the fault, in which nothing else is found
LATE = 2  # a fault that is found later is searched at night; by day its kept case is judged
FAULTS = read_engine_faults()
OWN_CHECKS = read_own_checks(FAULTS)
SEARCHED = [fault for fault in FAULTS if fault.is_searched]
CASES = HERE / "cases"
INVARIANTS = {f"I{n}" for n in (*range(1, 18), 20)}
UPDATES = bool(os.environ.get("UPDATE_PRINTED"))


def keep(path: Path, finding: Finding) -> None:
    """Write the kept case again, where UPDATE_PRINTED asks for it."""
    if UPDATES:
        kept = to_json(finding, SCHEMA)
        del kept["environment"]  # of the machine that wrote it last
        path.write_text(lay_out(kept) + "\n", encoding="utf-8")


def _by_day_and_night(own: Own) -> list[object]:
    night = pytest.param(own, own.budget, id=f"{own.name}-{own.budget}", marks=pytest.mark.nightly)
    few = min(own.budget, own.found_at + AFTERWARDS)
    by_day = own.daily and own.found_at <= LATE
    return [night, pytest.param(own, few, id=f"{own.name}-{few}")] if by_day else [night]


@pytest.mark.parametrize(("own", "cases"), [one for own in OWN_CHECKS for one in _by_day_and_night(own)])
def test_the_own_check_of_an_invariant_tells_of_a_fault(own: Own, cases: int) -> None:
    """On the faulty side alone, within its budget, as one finding, which blames that side and is minimal."""
    with open_planted(own.fault) as session:
        explored = own.look_for(session, cases, seed=SEED)

    (finding,) = explored.findings
    assert told(finding.divergence) == own.check
    assert finding.divergence.blamed == (own.fault.side,)
    assert is_shrunk_to(finding.case, own.found_steps or own.steps)
    assert not finding.is_flaky or own.fault.by_chance
    keep(CASES / "alone" / f"{own.fault.name}.json", finding)


@pytest.mark.parametrize(
    "own", [o for o in OWN_CHECKS if o.daily and o.found_at > LATE], ids=lambda o: o.name
)
def test_the_own_check_of_an_invariant_tells_of_a_kept_case(own: Own) -> None:
    """If a search takes long to find a fault, its kept case shows it with the faulty engine at once."""
    case = load(CASES / "alone" / f"{own.fault.name}.json", lambda name: SCHEMA)
    with open_planted(own.fault) as session:
        divergence = replay(case, session.oracle).divergence

    assert divergence is not None
    assert told(divergence) == own.check
    assert divergence.blamed == (own.fault.side,)


@pytest.mark.nightly
@pytest.mark.parametrize("fault", SEARCHED, ids=lambda f: f.name)
def test_a_fault_of_an_engine_is_found(fault: Fault) -> None:
    """It is found by its check, once if so the table says, blamed where it is alone, and shrunk."""
    findings: dict[str, Finding] = {}

    def is_enough() -> bool:
        # A law has one signature alone, whatever else it would meet.
        return (fault.is_law or not fault.is_one_finding) and fault.finding in findings

    def take(finding: Finding) -> None:
        findings.setdefault(told(finding.divergence), finding)

    with open_planted(fault) as session:
        observer = Observer(finding=take, interrupted=is_enough)
        explored = look_for(fault, session, seed=SEED, observer=observer)

    assert fault.finding in findings
    finding = findings[fault.finding]
    assert not fault.is_one_finding or len(explored.findings) == 1
    assert fault.by_chance or is_shrunk_to(finding.case, fault.found_steps or fault.steps)
    assert fault.beside or finding.divergence.blamed == (fault.side,)
    keep(CASES / f"{fault.name}.json", finding)


def test_the_true_engines_agree_on_the_cases_of_all_faults() -> None:
    """What faults were shrunk to is kept, and on it nothing differs and no law is broken."""
    paths = CASES.rglob("*.json")
    cases = {str(path.relative_to(CASES)): load(path, lambda name: SCHEMA).case for path in paths}
    with open_session(Reconcile, only=("go", "rust")) as session:
        oracle = session.oracle
        verdicts = {
            name: oracle.law(case) if isinstance(case, LawCase) else oracle.probe(case)
            for name, case in cases.items()
        }

    assert cases
    found = {f"{fault.name}.json" for fault in SEARCHED}
    assert set(cases) == found | {f"alone/{own.fault.name}.json" for own in OWN_CHECKS}
    assert {name: v.divergence for name, v in verdicts.items() if v.divergence is not None} == {}


def test_each_invariant_tells_of_a_fault_on_each_side() -> None:
    """Each has a row for Go and one for Rust, of faults which break it; one is looked for in every run."""
    for side in SIDES:
        assert {i for own in OWN_CHECKS if own.fault.side == side for i in own.invariants} == INVARIANTS
    assert {i for own in OWN_CHECKS if own.daily for i in own.invariants} == INVARIANTS
    assert all(set(own.invariants) <= set(own.fault.invariants) for own in OWN_CHECKS)


def test_each_patch_has_its_row() -> None:
    """The patches are those of the tables, each of one file, and ten of them held back."""
    patches = {(path.parent.name, path.stem): path.read_text() for path in HERE.glob("*/*.patch")}

    assert set(patches) == {(fault.side, fault.name) for fault in FAULTS}
    assert {text.count("\n+++ ") for text in patches.values()} == {1}
    assert sum(fault.held_back for fault in FAULTS) == 10
    assert {fault.name for fault in FAULTS} == {f.name for f in SEARCHED} | {o.fault.name for o in OWN_CHECKS}


def test_the_page_is_current() -> None:
    """The page says what the table does."""
    current = page(SEARCHED, OWN_CHECKS)
    if UPDATES:
        PAGE.write_text(current, encoding="utf-8")

    assert current == PAGE.read_text(encoding="utf-8"), (
        "UPDATE_PRINTED=1 pytest tests/finds/test_engine_faults.py"
    )
