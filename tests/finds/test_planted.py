"""The planted faults themselves: the subjects are right without one, and the list leaves out nothing."""

from __future__ import annotations

import faulty
import pytest
from planted import SCHEMA, Fault, lines_of, read_faults

from driftcheck.codegen import check, generate_all
from driftcheck.core.trace import LawCase
from driftcheck.oracle import checks
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import open_session
from driftcheck.subjects.discover import subjects

FAULTS = read_faults()
# Planted in tests/unit, in gossip_models.py, flag_models.py and schema_version_models.py: this contract has
# no instances, no flags and no schema versions.
ELSEWHERE = {c.code for c in (checks.OTHER_INSTANCE_CHANGED, checks.NOT_NEUTRAL, *checks.OF_SCHEMAS)}


def test_without_a_fault_all_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go, Rust and the model agree over hundreds of traces, and over each minimal trace."""
    monkeypatch.delenv(faulty.VARIABLE, raising=False)

    with open_session(faulty.Faulty) as session:
        explored = explore(session, Budget(max_traces=400), seed=1)
        shown = {
            fault.name: (
                session.oracle.law(fault.case)
                if isinstance(fault.case, LawCase)
                else session.oracle.probe(fault.case)
            ).divergence
            for fault in FAULTS
        }

    assert explored.findings == ()
    assert {name: d for name, d in shown.items() if d is not None} == {}


def test_the_generated_code_is_current() -> None:
    """What was generated for the two adapters is what would be generated today."""
    assert check(generate_all(SCHEMA, subjects(faulty.Faulty))) == []


def test_each_check_law_and_invariant_has_a_fault() -> None:
    """Each check of the oracle, each law and each invariant has a fault of which nothing else is found."""
    assert {f.check for f in FAULTS} == {one.code for one in checks.CHECKS} - ELSEWHERE
    assert {f.law for f in FAULTS} - {None} == {law.name for law in SCHEMA.laws}
    assert {f.invariant for f in FAULTS} - {""} == {one.name for one in SCHEMA.invariants}


def test_the_list_is_long_enough() -> None:
    """There are at least thirty faults, beside five that are held back."""
    assert len([f for f in FAULTS if not f.held_back]) >= 30
    assert len([f for f in FAULTS if f.held_back]) == 5


@pytest.mark.parametrize("fault", FAULTS, ids=[f.name for f in FAULTS])
def test_a_trace_reads_as_it_is_written(fault: Fault) -> None:
    """The lines of a minimal trace are those of the case that they say."""
    assert lines_of(fault.case) == fault.trace
