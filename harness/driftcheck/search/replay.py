"""
Replay: a case run again, by whoever has its file, and what came of it side by side.

Runs nothing but what the case's contract and subjects are. Knows no terminal and writes nothing.
"""

from __future__ import annotations

import attrs

from driftcheck.core.outcome import kind
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings import show, words
from driftcheck.findings.case import Case
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.lockstep.recovery import PATIENCE, SETTLE_S
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetry
from driftcheck.oracle.oracle import Oracle, Verdict
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import FULL


@attrs.frozen(eq=False)
class Replayed:
    """What came of a case."""

    case: Case
    execution: Execution  # made in mode FULL; of a law: the steps before it and the calls that it made
    divergence: Divergence | None
    known: tuple[Asymmetry, ...] = ()  # known differences that were met
    is_known: bool = False  # nothing but known differences was found; the divergence is the first of them
    died_in_batch: str = ""  # which subject died how, where only the whole batch of the case shows it

    @property
    def diverges(self) -> bool:
        """Say whether anything was found, be it what the case says or not."""
        return self.divergence is not None or bool(self.died_in_batch)

    @property
    def is_the_same(self) -> bool:
        """Say whether what the case says was found."""
        if self.divergence is None:
            return bool(self.died_in_batch)
        return self.divergence.signature == self.case.signature


def replay(case: Case, oracle: Oracle) -> Replayed:
    """Run a case in fresh hosts, once.

    Raises:
        DriftcheckError: it cannot be judged, since an adapter or a law is at fault.
    """
    lockstep = oracle.lockstep
    lockstep.refresh()
    verdict = _judged(oracle, case)
    known = tuple(met.entry for met in verdict.asymmetries)
    is_known = verdict.divergence is None and bool(known)
    if is_known:
        bare = Oracle(oracle.schema, lockstep)  # it must still be seen what differs
        verdict = _judged(bare, case)
    died = _batch(case, oracle) if verdict.divergence is None and case.batch else ""
    trace = _trace(case, verdict)
    deadline_s = lockstep.limits.deadline_s * PATIENCE
    execution = lockstep.probe(trace, FULL, deadline_s=deadline_s, settle_s=SETTLE_S, fresh=True)
    return Replayed(case, execution, verdict.divergence, known, is_known, died)


def _judged(oracle: Oracle, case: Case) -> Verdict:
    if isinstance(case.case, LawCase):
        return oracle.law(case.case)
    deadline_s = oracle.lockstep.limits.deadline_s * PATIENCE
    varying = case.signature.check == checks.NOT_DETERMINISTIC.code
    return oracle.confirm(case.case, deadline_s=deadline_s, settle_s=SETTLE_S, varying=varying)


def recurs(case: Case, oracle: Oracle) -> bool:
    """Say whether a case still shows its signature; raises DriftcheckError as `replay`."""
    return replay(case, oracle).is_the_same


def step_through(case: Case, lockstep: Lockstep) -> None:
    """Run a case once in the hosts that stand, to which somebody has attached a debugger."""
    lockstep.probe(case.trace, FULL, deadline_s=lockstep.limits.deadline_s)


def _trace(case: Case, verdict: Verdict) -> Trace:
    """Return the trace to show: of a law, with the calls that it made on the subject that is to blame."""
    if not verdict.law_trials:
        shown = verdict.divergence.variation if verdict.divergence is not None else None
        return shown or case.trace
    blamed = (
        verdict.divergence.blamed[0] if verdict.divergence is not None else next(iter(verdict.law_trials))
    )
    return verdict.law_trials[blamed].trace


def _batch(case: Case, oracle: Oracle) -> str:
    """Run what the host of a flaky death had run, and say who died of it."""
    lockstep = oracle.lockstep
    lockstep.refresh()
    lockstep.take_unconfirmed_deaths()  # of what ran before
    executions = lockstep.run_all(case.batch)
    deaths = {death.subject: death.outcome for death in lockstep.take_unconfirmed_deaths()}
    deaths |= {
        name: a.death
        for execution in executions
        for name, a in execution.answers.items()
        if a.death is not None
    }
    return ", ".join(f"{name} {kind(d)}: {d.evidence.reason}" for name, d in deaths.items())


def render(replayed: Replayed, *, colour: bool = False) -> str:
    """Return a replay as text, without a newline at its end.

    Args:
        colour: with ANSI colours.
    """
    case, found = replayed.case, replayed.divergence
    schema = case.schema
    parts = [
        [f"{schema.name}: {case.path}"],
        [] if found is None else words.facts(show.told(schema, found, case.case), show.COLUMNS),
        show.steps(schema, replayed.execution, found),
        [] if found is None else show.states(schema, replayed.execution, found),
        [] if found is None else show.evidence(found),
        [line for sentence in _verdict(replayed) for line in words.wrapped(sentence, show.COLUMNS)],
    ]
    lines = "\n\n".join("\n".join(part) for part in parts if part).split("\n")
    return "\n".join(show.coloured(lines) if colour else lines)


def _verdict(replayed: Replayed) -> list[str]:
    found, case = replayed.divergence, replayed.case
    sentences = [f"known difference {entry.id}: {entry.reason}" for entry in replayed.known]
    if replayed.died_in_batch:
        sentences.append(
            f"alone it agrees, among the traces of its batch it does not: {replayed.died_in_batch}"
        )
    elif found is None:
        sentences.append("agrees: it does not diverge any more")
    elif replayed.is_known:
        sentences.append(f"diverges, as is known: {found.check}, {found.check.says}")
    elif replayed.is_the_same:
        sentences.append(f"diverges, as the case says: {found.check}, {found.check.says}")
    else:
        sentences.append(f"diverges, but not as the case says: {found.check}, {found.check.says}")
    if case.fingerprint and case.fingerprint != case.schema.fingerprint:
        sentences.append("the contract has changed since the case was made; it still fits")
    return sentences
