"""
Replay: a saved case, run again in fresh hosts.

Knows a case and an oracle. Knows no terminal, and writes nothing.
"""

from __future__ import annotations

import attrs

from driftcheck.core.errors import CaseError
from driftcheck.core.outcome import kind
from driftcheck.findings.case import Case
from driftcheck.findings.finding import Finding
from driftcheck.findings.replayed import Replayed
from driftcheck.lockstep.answer import Dead
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.lockstep.recovery import PATIENCE
from driftcheck.oracle import checks
from driftcheck.oracle.oracle import Oracle
from driftcheck.oracle.predicates import observed
from driftcheck.oracle.signature import Divergence
from driftcheck.search.confirm import divergence_of, examine_in_fresh_hosts, full_execution
from driftcheck.search.session import Session
from driftcheck.subjects.wire import FULL


def replay(case: Case, oracle: Oracle) -> Replayed:
    """Run a case once in fresh hosts.

    Raises:
        DriftcheckError: the case cannot be judged, since an adapter or a law is at fault.
    """
    lockstep = oracle.lockstep
    lockstep.refresh()
    target = checks.check(case.signature.check, oracle.schema.plugin_checks)
    verdict = examine_in_fresh_hosts(oracle, case.case, target=target)
    known = tuple(seen.entry for seen in verdict.asymmetries)
    is_known = verdict.divergence is None and bool(known)
    if is_known:  # people must still see what differs
        without_asymmetries = oracle.without_asymmetries()
        verdict = examine_in_fresh_hosts(without_asymmetries, case.case, target=target)
    deaths = _deaths_in_batch(case, lockstep) if verdict.divergence is None and case.batch else {}
    died = ", ".join(f"{name} {kind(d)}: {d.evidence.reason}" for name, d in deaths.items())
    if deaths:
        entries = [oracle.asymmetries.match(divergence_of(name, death)) for name, death in deaths.items()]
        known = tuple(entry for entry in entries if entry is not None)
        is_known = len(known) == len(entries)
    deadline_s = lockstep.limits.deadline_s * PATIENCE
    execution = full_execution(lockstep, case.case, verdict, deadline_s=deadline_s)
    return Replayed(case, execution, verdict.divergence, known, is_known, died)


def observe(case: Case, oracle: Oracle) -> Divergence:
    """Run a case once, and return its divergence with what a function of the author may ask about it.

    Raises:
        CaseError: the case does not show its signature, or no step shows it alone.
        DriftcheckError: the case cannot be judged, since an adapter or a law is at fault.
    """
    replayed = replay(case, oracle)
    found = replayed.divergence
    if found is None or not replayed.is_the_same:
        raise CaseError(
            str(case.path),
            "the case does not diverge as its file says; replay it, and accept a case that does",
        )
    if found.step is None or found.variation is not None or found.check == checks.LAW:
        raise CaseError(
            str(case.path), "no single step shows the divergence, so a function cannot decide what to accept"
        )
    return attrs.evolve(found, observed=observed(oracle.schema, replayed.execution, found.step))


def shown_again(case: Case, session: Session) -> Finding | None:
    """Run a case once, and return it as a finding where it still shows its signature; raises as `replay`."""
    replayed = replay(case, session.oracle)
    if replayed.divergence is None or not replayed.is_the_same or replayed.is_known:
        return None  # of two cases of one signature, a function of the author may cover one
    return found(replayed, session)


def found(replayed: Replayed, session: Session) -> Finding:
    """Return what a replay of a case found as a finding; it must have found a divergence."""
    divergence, case = replayed.divergence, replayed.case
    assert divergence is not None
    return Finding(divergence, case.case, replayed.execution, 1, 1, session.descriptions, batch=case.batch)


def step_through(case: Case, lockstep: Lockstep) -> None:
    """Run a case once in the hosts that are running, to which somebody has attached a debugger."""
    lockstep.probe(case.trace, FULL, deadline_s=lockstep.limits.deadline_s)


def _deaths_in_batch(case: Case, lockstep: Lockstep) -> dict[str, Dead]:
    """Run all traces that the host of a flaky death had run; return which subject dies, and how."""
    lockstep.refresh()
    lockstep.take_unconfirmed_deaths()  # of what ran before
    executions = lockstep.run_all(case.batch)
    deaths = {death.subject: death.outcome for death in lockstep.take_unconfirmed_deaths()}
    return deaths | {
        name: a.death
        for execution in executions
        for name, a in execution.answers.items()
        if a.death is not None
    }
