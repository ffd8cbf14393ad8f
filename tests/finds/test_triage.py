"""Pairs that diverge a lot: each cause is one group of findings, none hides another, and few are blamed."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import triage_models as models

from driftcheck import Contract, schema_of
from driftcheck.findings.accept import Decision, propose
from driftcheck.findings.case import Case
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.asymmetry_file import read_asymmetries
from driftcheck.oracle.blame import Electorate
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.replay import observe
from driftcheck.search.session import Session
from driftcheck.subjects.discover import Subject

HERE = {"PYTHONPATH": str(Path(__file__).parent)}


@contextmanager
def opened(
    contract: type[Contract], asymmetries: Asymmetries | None = None, **subjects: type
) -> Iterator[Session]:
    """Run models as subjects; the one named `model` is the reference."""
    schema = schema_of(contract)
    hosts = [
        Subject(name, "python", "python", f"{cls.__module__}:{cls.__name__}", HERE)
        for name, cls in subjects.items()
    ]
    known = asymmetries or Asymmetries()
    with Lockstep(schema, hosts) as lockstep:
        descriptions = lockstep.start()
        oracle = Oracle(schema, lockstep, known, Electorate("model" if "model" in subjects else None))
        yield Session(contract, schema, None, lockstep, oracle, known, descriptions)


def search(contract: type[Contract], traces: int, **subjects: type) -> Explored:
    with opened(contract, **subjects) as session:
        return explore(session, Budget(max_traces=traces), seed=0)


@pytest.mark.nightly
def test_a_rounding_that_is_accepted_hides_no_free_tokens(tmp_path: Path) -> None:
    """Both are values of one operation; the relation of the values tells them apart."""
    pair = {"go": models.LimiterGo, "rust": models.LimiterRust}
    found = search(models.Limiter, 200, **pair)
    (rounding,) = (f for f in found.findings if f.divergence.relation == "rounding")
    decision = Decision(
        "rounds", "me", datetime.date(2100, 1, 1), datetime.date(2026, 1, 1), deviates=("rust",)
    )
    case = Case(tmp_path / "case.json", schema_of(models.Limiter), rounding.case, rounding.signature)
    written = propose(case, decision, tmp_path, dict.fromkeys(pair, "python"))
    written.write()
    entries = read_asymmetries([written.file], case.schema, {"go": "python", "rust": "python"})

    with opened(models.Limiter, entries, **pair) as session:
        explored = explore(session, Budget(max_traces=200), seed=0)

    assert explored.statistics.known[written.id] > 0
    assert explored.findings
    assert all(f.divergence.relation != "rounding" for f in explored.findings)


@pytest.mark.nightly
def test_seven_tokens_for_nothing_are_found_behind_an_accepted_function(tmp_path: Path) -> None:
    """A function of the author says what a rounding is; a fault that is planted later is no rounding."""
    pair = {"go": models.LimiterGo, "rust": models.LimiterRounding}
    languages = dict.fromkeys(pair, "python")
    with opened(models.Limiter, **pair) as session:
        (rounding,) = explore(session, Budget(max_traces=100), seed=0).findings
        case = Case(tmp_path / "case.json", session.schema, rounding.case, rounding.signature)
        shown = observe(case, session.oracle)
    decision = Decision(
        "rounds",
        "me",
        datetime.date(2100, 1, 1),
        datetime.date(2026, 1, 1),
        deviates=("rust",),
        where="is_rounding",
    )
    written = propose(case, decision, tmp_path, languages, shown=shown)
    written.write()
    entries = read_asymmetries([written.file], case.schema, languages)

    with opened(models.Limiter, entries, **pair) as session:
        rounds = explore(session, Budget(max_traces=100), seed=0)
    with opened(models.Limiter, entries, go=models.LimiterGo, rust=models.LimiterRust) as session:
        planted = explore(session, Budget(max_traces=300), seed=0)

    assert "relation" not in written.text
    assert rounds.findings == ()
    assert rounds.statistics.known[written.id] > 0
    (finding,) = planted.findings
    assert {outcome.value >= 7 for outcome in values(finding)} == {True, False}


def values(finding: Finding) -> list[Any]:
    """Return the outcomes of the diverging step."""
    number = finding.divergence.step
    assert number is not None
    operation = schema_of(models.Limiter).operation(finding.divergence.operation)
    return [answer.outcome(operation, number) for answer in finding.execution.answers.values()]


def test_a_quiet_fault_is_found_behind_a_loud_one() -> None:
    """Once the loud call is known, it is drawn rarely, so that traces live until the quiet one shows."""
    explored = search(models.Hushed, 250, go=models.HushedGo, rust=models.HushedRust)

    assert explored.drawn_rarely == ("loud",)
    assert {f.signature.operation for f in explored.findings} == {"loud", "add"}


def test_opposite_directions_are_two_root_causes() -> None:
    """Go says true and Rust false for zero, and Go false and Rust true for nothing."""
    explored = search(models.Signs, 200, go=models.SignsGo, rust=models.SignsRust, model=models.SignsModel)

    assert {f.divergence.blamed for f in explored.findings} == {("go",), ("rust",)}
    assert {f.needs for f in explored.findings} == {("number is 0",), ("number is -41 or less",)}
    assert len(explored.root_causes) == 2


def test_a_fault_that_both_engines_share_is_not_blamed_on_the_model() -> None:
    """The reference stands alone against two, and it is right."""
    explored = search(models.Signs, 200, go=models.SignsGo, rust=models.SignsShared, model=models.SignsModel)

    (finding,) = explored.findings
    assert finding.divergence.blamed == ("go", "rust")


@pytest.mark.nightly
def test_a_death_behind_a_divergence_is_reported() -> None:
    """Rust dies only after a call that differs each time."""
    explored = search(models.Loud, 12, go=models.LoudGo, rust=models.LoudRust)

    found = {f.divergence.check: f for f in explored.findings}
    assert {checks.VALUE, checks.CRASH} <= set(found)
    assert len(explored.root_causes) == 2


FLOOD = {"go": models.FloodGo, "rust": models.FloodRust}


@pytest.fixture(scope="module")
def flood() -> Explored:
    return search(models.Flood, 500, **FLOOD)


def test_one_cause_under_several_operations_is_one_root_cause(flood: Explored) -> None:
    """A byte order mark is refused by five operations of the same subject."""
    causes = [c for c in flood.root_causes if c.finding.signature.check == checks.ACCEPT_REJECT.code]
    operations = {f.signature.operation for c in causes for f in c.findings}

    assert [c.finding.signature.cause for c in causes] == [("bom",)]
    assert len(causes[0].findings) <= 3 < len(operations) + causes[0].more


def test_a_map_key_never_leaks_into_a_signature(flood: Explored) -> None:
    """A key with brackets in it is an item like any other."""
    found = [f.signature for f in flood.findings if f.signature.operation == "keys"]

    assert [signature.path for signature in found] == ["[]"]


@pytest.fixture(scope="module")
def lengths() -> Explored:
    return search(models.Lengths, 200, go=models.LengthsGo, rust=models.LengthsRust)


@pytest.mark.nightly
def test_whatever_odd_text_shows_a_bug_it_is_one_root_cause(lengths: Explored) -> None:
    """Each feature of a text is a finding, but all differ in the same place and in the same way."""
    causes = [c for c in lengths.root_causes if c.finding.signature.operation == "length"]

    assert len(causes) == 1
    assert len({f.signature.cause for f in causes[0].findings}) > 1


@pytest.mark.nightly
def test_directions_that_depend_on_another_argument_are_one_root_cause(lengths: Explored) -> None:
    """A character that is not ASCII is found by one subject alone; another argument reverses the answer."""
    causes = [c for c in lengths.root_causes if c.finding.signature.operation == "is_found"]

    assert len(causes) == 1
    assert {f.signature.relation for f in causes[0].findings} == {"true, false", "false, true"}


def test_a_document_with_two_bugs_is_shrunk_to_one() -> None:
    """A mutation brings the second bug, and the divergence of the first one does not need it."""
    explored = search(models.Marks, 40, go=models.MarksGo, rust=models.MarksRust)

    documents = [argument.data for f in explored.findings for argument in f.case.steps[0].arguments]
    assert all(f.is_minimal for f in explored.findings)
    assert {b"!", b"?"} <= set(documents)
    assert not any(b"!" in data and b"?" in data for data in documents)


@pytest.mark.nightly
def test_a_seed_gives_the_same_groups_on_a_busy_machine() -> None:
    """With a budget in traces, no share of the work depends on time."""
    quiet = search(models.Flood, 300, **FLOOD)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        busy = search(models.Flood, 300, **FLOOD)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()

    def shown(explored: Explored) -> list[list[tuple[str, str]]]:
        return [[(f.signature.digest, repr(f.case)) for f in c.findings] for c in explored.root_causes]

    assert shown(quiet) == shown(busy)
