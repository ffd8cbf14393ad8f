"""
Confirmation: a shrunk case runs again in fresh hosts, and what recurs becomes a finding.

Decides how often a case is tried again, under which deadline, and what is flaky. Knows nothing of budgets,
or of how cases are drawn and shrunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from driftcheck.core.outcome import Crashed, Exhausted, Hung, kind
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.cutting import Case
from driftcheck.lockstep.answer import Dead, Execution, UnconfirmedDeath
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.lockstep.recovery import PATIENCE, SETTLE_S
from driftcheck.oracle import checks
from driftcheck.oracle.oracle import Oracle, Verdict
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.search.known_findings import KnownFindings
from driftcheck.search.session import Session
from driftcheck.subjects.wire import FULL

if TYPE_CHECKING:  # a replay needs no Hypothesis
    from driftcheck.generate.shrink import Shrunk

CONFIRMATIONS = 3  # tries of a shrunk case in fresh hosts


@attrs.frozen(eq=False)
class Confirmation:
    """The result of a confirmation."""

    finding: Finding | None  # None: the divergence results from what is known already
    unconfirmed_deaths: tuple[UnconfirmedDeath, ...] = ()  # other deaths, which did not recur
    known: Signature | None = None  # that the shrunk case shows, so that it is not a new finding


def confirm_shrunk(
    session: Session, shrunk: Shrunk[Case], last_seen: Verdict, known: KnownFindings
) -> Confirmation:
    """Confirm a shrunk case, or else the case it was shrunk from, or else report that it showed once.

    Args:
        last_seen: the last verdict that showed the signature.
        known: what is not reported again.
    """
    signature = shrunk.signature
    assert isinstance(signature, Signature)
    finding = _confirm(session, shrunk.case, signature)
    if finding is not None:
        finding = attrs.evolve(finding, is_minimal=shrunk.is_minimal)
    else:
        finding = _confirm(session, shrunk.original, signature)
    if finding is not None:
        if finding.signature != signature and finding.signature in known.signatures:
            return Confirmation(None, known=finding.signature)
        return Confirmation(finding)
    verdict = session.oracle.rule_out_nondeterminism(last_seen)
    divergence, deaths = verdict.divergence, verdict.unconfirmed_deaths
    if divergence is None:
        return Confirmation(None, deaths)
    if divergence.signature != signature and divergence.signature in known.signatures:
        return Confirmation(None, deaths)
    execution = full_execution(session.lockstep, shrunk.original, verdict)
    finding = Finding(divergence, shrunk.original, execution, 0, CONFIRMATIONS, session.descriptions)
    return Confirmation(finding, deaths)


def _confirm(session: Session, case: Trace | LawCase, signature: Signature) -> Finding | None:
    """Try a case in fresh hosts; return a finding where its signature recurs at least once.

    Its cause may be smaller than the signature's, since shrinking may remove what was not needed.
    """
    target = checks.check(signature.check, session.schema.plugin_checks)
    verdicts = [examine_in_fresh_hosts(session.oracle, case, target=target) for _ in range(CONFIRMATIONS)]
    shown = [
        (v, v.divergence)
        for v in verdicts
        if v.divergence is not None
        and v.divergence.signature.without_cause == signature.without_cause
        and set(v.divergence.signature.cause) <= set(signature.cause)
    ]
    if not shown:
        return None
    verdict, divergence = shown[-1]
    execution = full_execution(session.lockstep, case, verdict)
    return Finding(
        divergence, case, execution, len(shown), CONFIRMATIONS, session.descriptions, is_minimal=False
    )


def divergence_of(subject: str, death: Dead) -> Divergence:
    """Return a death that did not recur as a divergence; its step is a matter of chance."""
    check = {Crashed: checks.CRASH, Hung: checks.HANG, Exhausted: checks.MEMORY}[type(death)]
    evidence = death.evidence
    return Divergence(
        check,
        None,
        "",
        ((subject, kind(death)),),
        frame=evidence.frame,
        blamed=(subject,),
        detail=evidence.reason,
        evidence=evidence,
    )


def unconfirmed_death(session: Session, death: UnconfirmedDeath) -> Finding:
    """Make a finding of a death that did not recur."""
    trace = death.traces[death.number]
    divergence = divergence_of(death.subject, death.outcome)
    deadline_s = session.lockstep.limits.deadline_s * PATIENCE
    execution = session.lockstep.probe(trace, FULL, deadline_s=deadline_s, fresh=True)
    return Finding(divergence, trace, execution, 0, 1, session.descriptions, batch=death.traces)


def examine_in_fresh_hosts(
    oracle: Oracle, case: Trace | LawCase, *, target: checks.Check | None = None
) -> Verdict:
    """Judge a case in fresh hosts, with more time for each step than in a search.

    Args:
        target: what the case is about, as for `Oracle.probe`.
    """
    lockstep = oracle.lockstep
    if isinstance(case, LawCase):
        lockstep.refresh()
        return oracle.law(case)
    deadline_s = lockstep.limits.deadline_s * PATIENCE
    return oracle.confirm(case, deadline_s=deadline_s, settle_s=SETTLE_S, target=target)


def full_execution(
    lockstep: Lockstep, case: Trace | LawCase, verdict: Verdict, *, deadline_s: float | None = None
) -> Execution:
    """Run the case that people will read once more, with states and the libraries' own error texts.

    Args:
        deadline_s: for a step; the limit of the hosts where it is None.
    """
    deadline_s = lockstep.limits.deadline_s if deadline_s is None else deadline_s
    trace = _shown_trace(case, verdict)
    return lockstep.probe(trace, FULL, deadline_s=deadline_s, settle_s=SETTLE_S, fresh=True)


def _shown_trace(case: Trace | LawCase, verdict: Verdict) -> Trace:
    """Return the trace to show; of a law, with the calls that it made on the subject to blame."""
    divergence = verdict.divergence
    if verdict.law_trials:
        subject = next(iter(verdict.law_trials)) if divergence is None else divergence.blamed[0]
        return verdict.law_trials[subject].trace
    if divergence is not None and divergence.variation is not None:
        return divergence.variation
    return case if isinstance(case, Trace) else case.trace
