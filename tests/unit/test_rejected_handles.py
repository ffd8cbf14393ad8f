"""Rejected steps that would have made a handle, and the check that a rejected step changes nothing later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handle_models import Hotel

from driftcheck import schema_of
from driftcheck.core.trace import Ref, Step, Trace
from driftcheck.findings import show
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import Session
from driftcheck.subjects.discover import Subject

HOTEL = schema_of(Hotel)
ENTER = Step("enter")


@contextmanager
def _oracle(model: str) -> Iterator[Oracle]:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    subjects = [Subject(name, "python", "python", f"handle_models:{model}", here) for name in ("go", "rust")]
    with Lockstep(HOTEL, subjects) as lockstep:
        yield Oracle(HOTEL, lockstep)


def test_a_correct_subject_has_no_finding_if_a_step_takes_the_handle_of_a_rejected_step() -> None:
    """The varied trace has neither of the two steps, and each other step is compared with itself."""
    trace = Trace((ENTER, ENTER, Step("leave", (Ref(1),)), Step("leave", (Ref(0),))))

    with _oracle("Right") as oracle:
        verdict = oracle.explore(trace, sampled=True)

    assert verdict.divergence is None


def test_the_varied_trace_ends_with_the_step_that_diverges() -> None:
    """Later steps show nothing more."""
    trace = Trace((ENTER, ENTER, Step("leave", (Ref(0),)), ENTER))

    with _oracle("Grudging") as oracle:
        found = oracle.explore(trace, sampled=True).divergence

    assert found is not None
    assert (found.check, found.step) == (checks.NOT_FORGOTTEN, 2)
    assert found.variation == Trace((ENTER, Step("leave", (Ref(0),))))


def test_the_report_shows_the_varied_trace() -> None:
    """It has fewer steps than the trace that was drawn, and its last step is marked."""
    with _oracle("Grudging") as oracle:
        lockstep = oracle.lockstep
        session = Session(Hotel, HOTEL, None, lockstep, oracle, oracle.asymmetries, lockstep.start())
        explored = explore(session, Budget(max_traces=200), seed=0, max_steps=10, laws=False)

    (found,) = explored.findings
    told = show.render(found, HOTEL, path="case.json")
    assert "it was false, and is true in the varied trace" in " ".join(told.split())
    assert "-> 2  leave(Room of step 1)" in told
