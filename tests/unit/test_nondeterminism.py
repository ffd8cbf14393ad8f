"""Rare nondeterminism is reported as such, and not as another check."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nondeterministic_models import Turns

from driftcheck import schema_of
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.oracle import Oracle, Verdict
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.discover import Subject

TURNS = schema_of(Turns)
TRACE = Trace((Step("turn"), Step("last"), Step("turn")))


def blamed_at(step: int) -> Divergence:
    """Return a divergence at a step: that a flag changed it."""
    shape = (("moody", "ended differently"),)
    return Divergence(checks.NOT_NEUTRAL, step, TRACE.steps[step].operation, shape, blamed=("moody",))


@contextmanager
def _oracle(*known: Asymmetry) -> Iterator[Oracle]:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    subject = Subject("moody", "python", "python", "nondeterministic_models:Moody", here)
    with Lockstep(TURNS, [subject]) as lockstep:
        yield Oracle(TURNS, lockstep, Asymmetries(known, {"moody": "python"}))


def test_rare_nondeterminism_is_reported_as_such() -> None:
    """driftcheck repeats the trace until the subject answers differently."""
    with _oracle() as oracle:
        verdict = oracle.rule_out_nondeterminism(Verdict(blamed_at(1), execution=oracle.lockstep.run(TRACE)))

    found = verdict.divergence
    assert found is not None
    assert (found.check, found.step, found.operation) == (checks.NOT_DETERMINISTIC, 1, "last")


def test_nondeterminism_in_a_later_step_hides_nothing() -> None:
    """The divergence at the step before it is reported."""
    with _oracle() as oracle:
        blamed = blamed_at(0)
        verdict = oracle.rule_out_nondeterminism(Verdict(blamed, execution=oracle.lockstep.run(TRACE)))

    assert verdict.divergence is blamed


def test_it_is_seen_while_shrinking_and_when_confirming() -> None:
    """It is seen at nearly every try; otherwise it could not be shrunk."""
    with _oracle() as oracle:
        tries = [oracle.probe(TRACE, target=checks.NOT_DETERMINISTIC).divergence for _ in range(20)]
        tries.append(
            oracle.confirm(TRACE, deadline_s=1.0, settle_s=0.0, target=checks.NOT_DETERMINISTIC).divergence
        )

    assert {found.check for found in tries if found is not None} == {checks.NOT_DETERMINISTIC}
    assert tries.count(None) <= 1


def test_accepted_nondeterminism_is_no_finding() -> None:
    """Neither during a search nor when a case is replayed."""
    known = Asymmetry(
        id="moody",
        operation="last",
        shape={"moody": "nondeterministic"},
        deviates=("moody",),
        reason="moods",
        owner="all",
        expires=datetime.date(2999, 12, 31),
        check="D301",
    )
    with _oracle(known) as oracle:
        verdicts = [
            oracle.rule_out_nondeterminism(Verdict(blamed_at(1), execution=oracle.lockstep.run(TRACE))),
            oracle.confirm(TRACE, deadline_s=1.0, settle_s=0.0, target=checks.NOT_DETERMINISTIC),
        ]

    assert [verdict.divergence for verdict in verdicts] == [None, None]
    assert [[met.entry for met in verdict.asymmetries] for verdict in verdicts] == [[known], [known]]
