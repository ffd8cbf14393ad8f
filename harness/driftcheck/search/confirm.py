"""
Confirmation: what a search has found, run again in fresh hosts, and made a finding.

Owns how often a case is tried again, and under which deadline. Knows a session and findings; nothing of
budgets, nor of how cases are drawn and shrunk.
"""

from __future__ import annotations

from driftcheck.core.outcome import Crashed, Exhausted, Hung, kind
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.answer import Execution, UnconfirmedDeath
from driftcheck.lockstep.recovery import PATIENCE, SETTLE_S
from driftcheck.oracle import checks
from driftcheck.oracle.oracle import Verdict
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.search.session import Session
from driftcheck.subjects.wire import FULL

CONFIRMATIONS = 3  # runs of a shrunk case in fresh hosts


def confirm(session: Session, case: Trace | LawCase, signature: Signature) -> Finding | None:
    """Run a shrunk case in fresh hosts, and make a finding of what recurs; None where nothing does."""
    shown: list[Divergence] = []
    last: Verdict | None = None
    for _ in range(CONFIRMATIONS):
        verdict = examine_afresh(session, case, varying=signature.check == checks.NOT_DETERMINISTIC.code)
        divergence = verdict.divergence
        if divergence is not None and divergence.signature == signature:
            shown.append(divergence)
            last = verdict
    if last is None:
        return None
    return Finding(
        divergence=shown[-1],
        case=case,
        execution=full_execution(session, case, last),
        confirmed=len(shown),
        of=CONFIRMATIONS,
        descriptions=session.descriptions,
    )


def came_once(session: Session, case: Trace | LawCase, verdict: Verdict) -> Finding:
    """Make a finding of what no fresh process shows again."""
    assert verdict.divergence is not None
    execution = full_execution(session, case, verdict)
    return Finding(verdict.divergence, case, execution, 0, CONFIRMATIONS, session.descriptions)


def unconfirmed_death(session: Session, death: UnconfirmedDeath) -> Finding:
    """Make a finding of a death that came once."""
    check = {Crashed: checks.CRASH, Hung: checks.HANG, Exhausted: checks.MEMORY}[type(death.outcome)]
    trace = death.traces[death.number]
    evidence = death.outcome.evidence
    divergence = Divergence(
        check,
        None,
        "",
        ((death.subject, kind(death.outcome)),),
        frame=evidence.frame,
        blamed=(death.subject,),
        detail=evidence.reason,
        evidence=evidence,
    )
    deadline_s = session.lockstep.limits.deadline_s * PATIENCE
    execution = session.lockstep.probe(trace, FULL, deadline_s=deadline_s, fresh=True)
    return Finding(divergence, trace, execution, 0, 1, session.descriptions, batch=death.traces)


def examine_afresh(session: Session, case: Trace | LawCase, *, varying: bool = False) -> Verdict:
    """Judge a case in fresh hosts, with all the time that a step may take."""
    if isinstance(case, LawCase):
        session.lockstep.refresh()
        return session.oracle.law(case)
    deadline_s = session.lockstep.limits.deadline_s * PATIENCE
    return session.oracle.confirm(case, deadline_s=deadline_s, settle_s=SETTLE_S, varying=varying)


def full_execution(session: Session, case: Trace | LawCase, verdict: Verdict) -> Execution:
    """Run a case once more for people: with states, and the libraries' own words."""
    trace = case if isinstance(case, Trace) else case.trace
    if verdict.divergence is not None and verdict.divergence.variation is not None:
        trace = verdict.divergence.variation
    if isinstance(case, LawCase) and verdict.divergence is not None and verdict.law_trials is not None:
        trace = verdict.law_trials[verdict.divergence.blamed[0]].trace
    deadline_s = session.lockstep.limits.deadline_s
    return session.lockstep.probe(trace, FULL, deadline_s=deadline_s, settle_s=SETTLE_S, fresh=True)
