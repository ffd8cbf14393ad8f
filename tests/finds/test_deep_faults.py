"""The deep faults: each patch builds, and each shows in its trace at the last step and not before."""

from __future__ import annotations

import pytest
from deep_faults import DeepFault, read_deep_faults
from engine_faults import HERE, SIDES, open_planted

from driftcheck.core.trace import Trace
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.search.session import open_session
from driftcheck.subjects.wire import STATES, Reply
from driftcheck_contracts.reconcile import Reconcile

FAULTS = read_deep_faults()


def reply_of(lockstep: Lockstep, trace: Trace, side: str) -> Reply:
    """Run a trace and return what one side answers, with its states."""
    return lockstep.run_all([trace], STATES)[0].answers[side].reply


def seen_after(reply: Reply, number: int) -> tuple[object, ...]:
    """Return what a reply tells of a step, and of the states after it."""
    states = reply.states or []
    return reply.outcomes[number], states[number + 1]


@pytest.mark.nightly
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_deep_fault_shows_in_its_trace(fault: DeepFault) -> None:
    """The faulty engine behaves as the true one up to the last step, and not at that one."""
    trace = fault.shown_by
    with open_session(Reconcile, only=(fault.side,)) as session:
        right = reply_of(session.lockstep, trace, fault.side)
    with open_planted(fault) as session:
        wrong = reply_of(session.lockstep, trace, fault.side)

    *before, last = range(len(trace.steps))
    assert [seen_after(wrong, n) for n in before] == [seen_after(right, n) for n in before]
    assert seen_after(wrong, last) != seen_after(right, last)


def test_each_deep_patch_has_its_row() -> None:
    """The patches are those of the table, each of one file, ten of each side."""
    patches = {(path.parent.name, path.stem): path.read_text() for path in HERE.glob("deep_faults/*/*.patch")}

    assert set(patches) == {(fault.side, fault.name) for fault in FAULTS}
    assert {text.count("\n+++ ") for text in patches.values()} == {1}
    assert [sum(fault.side == side for fault in FAULTS) for side in SIDES] == [10, 10]


def test_the_true_engines_and_the_model_agree_on_the_traces_of_deep_faults() -> None:
    """What shows a deep fault is no divergence of the true subjects."""
    with open_session(Reconcile) as session:
        for fault in FAULTS:
            verdict = session.oracle.explore(fault.shown_by, sampled=True)

            assert verdict.divergence is None, fault.name
