"""What driftcheck itself is judged by: each planted fault is found, once, and shrunk to its minimal trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faulty
import pytest
from planted import Fault, lines_of, read_faults

from driftcheck.core.trace import LawCase
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.oracle import Verdict
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.law_turns import LAW_SHARE
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.host import Limits

SEED = 0
LIMITS = Limits(deadline_s=0.3, memory_bytes=128 << 20)
FAULTS = read_faults()
SLOW = {  # three seconds each and more: by night
    "advance_cuts_renamed",
    "advance_stale",
    "advance_unpins_renamed",
    "append_pins",
    "credit_wraps",
    "finish_panics_elsewhere",
    "finish_reads_nowhere",
    "get_cuts_zero",
    "remove_deadlocks",
    "rename_ignores_taken",
    "rename_loops",
    "show_exits",
    "sizes_recurses",
}


@contextmanager
def _planted(fault: Fault) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(faulty.VARIABLE, fault.name)
        with open_session(faulty.Faulty, only=fault.subjects, limits=LIMITS) as session:
            yield session


def _judged(session: Session, fault: Fault) -> Verdict:
    case = fault.case
    if isinstance(case, LawCase):
        return session.oracle.law(case)
    return session.oracle.confirm(case, deadline_s=LIMITS.deadline_s, settle_s=0.02)


def _by_day_and_night() -> Iterator[object]:
    """Give by day the first fault of each check, law and invariant that is not slow, and all at night."""
    chosen: set[tuple[str, str | None, str]] = set()
    for fault in FAULTS:
        shows = (fault.check, fault.law, fault.invariant)
        is_by_day = fault.name not in SLOW and shows not in chosen
        chosen |= {shows} if is_by_day else set()
        yield pytest.param(fault, id=fault.name, marks=[] if is_by_day else [pytest.mark.nightly])


@pytest.mark.parametrize("fault", [*_by_day_and_night()])
def test_a_planted_fault_is_one_finding(fault: Fault) -> None:
    """A fault is found within its number of traces, as one finding, shrunk to the trace written by hand.

    That trace, its payloads given as raw bytes, has the signature of the finding.
    """
    traces = fault.within * LAW_SHARE if fault.law else fault.within
    with _planted(fault) as session:
        explored = explore(session, Budget(max_traces=traces), seed=SEED)
        by_hand = _judged(session, fault).divergence

    found = {(f.divergence.check.code, lines_of(f.case)) for f in explored.findings}
    assert found == {(fault.check, fault.trace)}
    (finding,) = explored.findings
    assert dict(finding.divergence.shape) == fault.shape
    assert finding.signature.cause == fault.cause
    assert finding.signature.subject == (fault.law or fault.invariant or finding.signature.subject)
    assert not finding.is_flaky
    assert by_hand is not None
    assert by_hand.signature == finding.signature


def test_the_model_runs_only_what_the_others_differ_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a divergence between Go and Rust is shrunk, the model runs the cases that still show one."""
    monkeypatch.setenv(faulty.VARIABLE, "get_cuts_zero")
    executions: list[Execution] = []
    probe = Lockstep.probe

    def recorded(lockstep: Lockstep, *arguments: Any, **options: Any) -> Execution:
        execution = probe(lockstep, *arguments, **options)
        if not options.get("fresh"):
            executions.append(execution)
        return execution

    with open_session(faulty.Faulty, only=("go", "rust", "model"), limits=LIMITS) as session:
        monkeypatch.setattr(Lockstep, "probe", recorded)
        explored = explore(session, Budget(max_traces=100), seed=SEED, laws=False)

    (finding,) = explored.findings
    asked = [one for one in executions if "model" in one.answers]
    assert dict(finding.divergence.shape).keys() == {"go", "rust", "model"}
    assert len(asked) < len(executions) / 2
    assert all(one.answers["go"].raw != one.answers["rust"].raw for one in asked)
