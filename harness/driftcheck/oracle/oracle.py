"""
The oracle: one case, all subjects, one verdict.

Brings together judge, derived traces, laws, causes and known differences. Knows hosts only through lockstep,
and nothing of how cases are drawn, kept or printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import ProtocolFault, SubjectUnsound
from driftcheck.core.outcome import Crashed, Exhausted, Hung
from driftcheck.core.trace import LawCase, Trace, cut
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks, plugin_checks
from driftcheck.oracle.agreement import OUTCOMES
from driftcheck.oracle.asymmetries import COMPARED, Asymmetries, Asymmetry
from driftcheck.oracle.causes import Shown, with_cause
from driftcheck.oracle.judge import Judge
from driftcheck.oracle.laws import Laws, Tried
from driftcheck.oracle.metamorphic import MetamorphicChecks
from driftcheck.oracle.promises import AdapterBroken
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.subjects.wire import STATES
from driftcheck.values.canonical import NotCanonical, check_canonical

STRICT = 64  # the replies of one trace in so many are read strictly; it costs as much as drawing two traces
SAMPLE = 8  # one trace in so many is run with states and varied; see docs/decisions.md
REPEATS = 2  # of a trace that diverges or is sampled, to see whether a subject varies by itself
SHRINK_DEADLINE_S = 0.1  # for one step while a finding is shrunk, at least
REPEATS_SHRINKING = 6  # what varies by chance must show at nearly every try, or it cannot be shrunk
REPEATS_VARYING = 66  # Go walks a map of two entries the other way round once in eight times


@attrs.frozen(eq=False)
class SeenAsymmetry:
    """A known difference, and how it was met."""

    entry: Asymmetry
    divergence: Divergence


@attrs.frozen(eq=False)
class Verdict:
    """What a case shows."""

    divergence: Divergence | None = None  # the first one that no asymmetry covers
    known: tuple[SeenAsymmetry, ...] = ()  # what was met before it
    not_judged_from: int | None = None  # the rest of the trace, from this step, was not judged
    execution: Execution | None = attrs.field(default=None, repr=False)  # of a trace
    tried: Mapping[str, Tried] | None = attrs.field(default=None, repr=False)  # of a law case


class Oracle:
    """Judges cases of one contract.

    Args:
        schema: the contract.
        lockstep: its subjects.
        asymmetries: known differences.
    """

    def __init__(self, schema: Schema, lockstep: Lockstep, asymmetries: Asymmetries | None = None) -> None:
        self.schema = schema
        self.lockstep = lockstep
        self.asymmetries = asymmetries or Asymmetries()
        self.judge = Judge(schema, lockstep.wire)
        self.metamorphic = MetamorphicChecks(schema, lockstep)
        self.laws = Laws(schema, lockstep)
        self.laws_decided: Counter[str] = Counter()
        # While a finding is shrunk a hang costs this at every try; who allows a step more, needs more here.
        deadline_s = lockstep.limits.deadline_s
        self.shrink_deadline_s = min(deadline_s, max(SHRINK_DEADLINE_S, deadline_s / 10))

    def explore(self, trace: Trace, *, sampled: bool, found_before: Collection[Signature] = ()) -> Verdict:
        """Judge a trace on the way: as quick as it goes where all agree.

        Args:
            sampled: also hold its states against the invariants, and vary it.
            found_before: what shows one of these is looked at again only as far as that; in a long run it may
                come in most traces.

        Raises:
            SubjectUnsound: an adapter says that it is at fault itself.
        """
        execution = self.lockstep.run(trace)
        found = self._judged(execution, 0)
        if found is None and not sampled:
            return Verdict(execution=execution)
        if found is not None and found.check in checks.DEATHS:
            return self._judge_with_states(execution, REPEATS)  # a death has no path that needs the states
        self.lockstep.collect()
        if found is not None and found.step is not None and _may_be_of(found, found_before):
            verdict = self._looked_at_again(cut(trace, list(range(found.step + 1))), None)
            if verdict.divergence is not None and verdict.divergence.signature in found_before:
                return attrs.evolve(verdict, execution=execution)
        verdict = self._looked_at_again(trace, execution)
        if found is not None and verdict.divergence is None and not verdict.known:
            return Verdict(
                found, execution=execution
            )  # it came once: whether it is flaky is for others to find out
        return verdict

    def _looked_at_again(self, trace: Trace, earlier: Execution | None) -> Verdict:
        """Judge a trace with its states, and repeat it."""
        unconfirmed_deaths = len(self.lockstep.unconfirmed_deaths)
        closer, *again = self.lockstep.run_all([trace] * (1 + REPEATS), STATES)
        verdict = self._judge_with_states(closer, REPEATS, again, earlier)
        self._leave_out_unconfirmed(unconfirmed_deaths)
        return verdict

    def _leave_out_unconfirmed(self, first: int) -> None:
        """Forget deaths that a second look met: they come of traces before it, which are not at hand."""
        unconfirmed_deaths = self.lockstep.unconfirmed_deaths
        unconfirmed_deaths[first:] = [death for death in unconfirmed_deaths[first:] if death.was_killed]

    def rule_out_nondeterminism(self, verdict: Verdict) -> Verdict:
        """Look closer at what is to be a finding: a subject that varies seldom is not blamed for the rest."""
        found, execution = verdict.divergence, verdict.execution
        if found is None or execution is None or found.check == checks.NOT_DETERMINISTIC:
            return verdict
        unconfirmed_deaths = len(self.lockstep.unconfirmed_deaths)
        (first,) = self.lockstep.run_all([execution.trace], STATES)
        varies = self._varies(first, found)
        self._leave_out_unconfirmed(unconfirmed_deaths)
        return verdict if varies is None else self._of_varying(varies, execution)

    def check_replies(self, execution: Execution) -> None:
        """Read a run's replies strictly: a slip that all SDKs share is invisible to comparison.

        Raises:
            ProtocolFault: a reply, or a state in it, is not in the canonical form.
        """
        for name, answer in execution.answers.items():
            try:
                check_canonical(answer.raw)
                for state in answer.reply.states or ():
                    if state is not None:
                        check_canonical(state)
            except NotCanonical as fault:
                raise ProtocolFault(name, f"its reply is not canonical CBOR: {fault}") from None

    def probe(self, trace: Trace, *, settle_s: float = 0.0, varying: bool = False) -> Verdict:
        """Judge a trace while a finding is shrunk: thoroughly, with deaths taken at face value.

        Args:
            settle_s: how long to wait, after the last step, for what dies late.
            varying: the finding is that a subject varies by itself; nothing else is looked for.
        """
        execution = self.lockstep.probe(trace, STATES, deadline_s=self.shrink_deadline_s, settle_s=settle_s)
        return (
            self._of_varying(self._varies(execution), execution)
            if varying
            else self._judge_with_states(execution, REPEATS_SHRINKING)
        )

    def confirm(self, trace: Trace, *, deadline_s: float, settle_s: float, varying: bool = False) -> Verdict:
        """Judge a trace in fresh hosts; the arguments are those of `probe`."""
        execution = self.lockstep.probe(trace, STATES, deadline_s=deadline_s, settle_s=settle_s, fresh=True)
        return (
            self._of_varying(self._varies(execution), execution)
            if varying
            else self._judge_with_states(execution, REPEATS_SHRINKING)
        )

    def law(self, case: LawCase) -> Verdict:
        """Judge a case of a law.

        Raises:
            ContractError: the law itself raises, or does not end.
        """
        divergence, tried = self.laws.examine(case)
        if all(one.holds is not None for one in tried.values()):
            self.laws_decided[case.law] += 1
        entry = None if divergence is None else self.asymmetries.match(divergence)
        if divergence is None or entry is None:
            return Verdict(divergence, tried=tried)
        return Verdict(None, (SeenAsymmetry(entry, divergence),), tried=tried)

    def _judged(
        self, execution: Execution, start: int, passed: frozenset[str] = frozenset()
    ) -> Divergence | None:
        try:
            found = self.judge.examine(execution, start, passed)
        except AdapterBroken as broken:
            raise SubjectUnsound(
                self.schema.name,
                broken.subject,
                f"in operation {broken.operation!r} its adapter says that it is broken: {broken.text}",
            ) from None
        return plugin_checks.earlier(found, plugin_checks.examine(self.schema, execution, start))

    def _varies(self, execution: Execution, found: Divergence | None = None) -> Divergence | None:
        """Repeat a trace until a subject varies by itself, and not only after a difference that was found."""
        if _has_died(execution):
            return None
        for _ in range(0, REPEATS_VARYING, REPEATS_SHRINKING):
            varies = self.metamorphic.not_deterministic(
                [execution], self.metamorphic.again(execution.trace, REPEATS_SHRINKING)
            )
            if varies is not None and (found is None or not _is_after(varies, found)):
                return varies
        return None

    def _of_varying(self, varies: Divergence | None, execution: Execution) -> Verdict:
        """Judge a run whose subject varies by itself, or not; behind what is known to nothing is judged."""
        entry = None if varies is None else self.asymmetries.match(varies)
        if varies is None or entry is None:
            return Verdict(varies, execution=execution)
        return Verdict(None, (SeenAsymmetry(entry, varies),), varies.step, execution)

    def _judge_with_states(
        self,
        execution: Execution,
        repeats: int,
        again: Sequence[Execution] = (),
        earlier: Execution | None = None,
    ) -> Verdict:
        """Judge a run that was made with states.

        Args:
            repeats: how often to repeat its trace, where that is not done yet.
            again: the repeated runs.
            earlier: of the same trace, made without states.
        """
        known: list[SeenAsymmetry] = []
        start = 0
        passed: frozenset[str] = frozenset()  # paths of step `start` that are known to differ
        varies: Divergence | None = None
        while (found := self._judged(execution, start, passed)) is not None:
            if not known and not _has_died(execution):
                again = again or self.metamorphic.again(execution.trace, repeats)
                varies = self.metamorphic.not_deterministic([execution], again)
                if varies is not None and not _is_after(varies, found):
                    return self._of_varying(varies, execution)
            caused = found
            if found.check not in checks.OF_SCHEMAS:
                shown = partial(self._shown, start, passed, found.step)
                caused = with_cause(self.schema, execution.trace, found, shown, self._is_known)
            entry = self.asymmetries.match(caused)
            if entry is None:
                return Verdict(caused, tuple(known), execution=execution)
            known.append(SeenAsymmetry(entry, caused))
            if found.step is None or found.moves_state or found.is_death:
                return Verdict(None, tuple(known), found.step, execution)
            here = passed if found.step == start else frozenset()
            if found.check in (checks.VALUE, checks.DETAIL):
                passed, start = here | {found.signature.path}, found.step
            elif found.check in COMPARED and OUTCOMES not in here:
                passed, start = here | {OUTCOMES}, found.step  # those that accept may still differ
            else:
                passed, start = frozenset(), found.step + 1
        if known:
            return Verdict(None, tuple(known), execution=execution)
        if earlier is not None and not earlier.is_equal and execution.is_equal:
            more = self.metamorphic.again(execution.trace, REPEATS_SHRINKING)
            varies = self.metamorphic.not_deterministic([execution], more)
        found = varies or self.metamorphic.examine(
            execution, again or self.metamorphic.again(execution.trace, repeats)
        )
        if found is not None and found.check in checks.OF_WRITING:
            found = with_cause(self.schema, execution.trace, found, self._shown_in_writing, self._is_known)
        entry = None if found is None else self.asymmetries.match(found)
        if found is None or entry is None:
            return Verdict(found, execution=execution)
        return Verdict(None, (SeenAsymmetry(entry, found),), execution=execution)

    def _is_known(self, divergence: Divergence) -> bool:
        return self.asymmetries.match(divergence) is not None

    def _shown(self, start: int, passed: frozenset[str], step: int | None, trace: Trace) -> Shown:
        execution = self.lockstep.probe(trace, STATES, deadline_s=self.shrink_deadline_s)
        return Shown(self._judged(execution, start, passed), self.judge.kinds(execution, step))

    def _shown_in_writing(self, trace: Trace) -> Shown:
        execution = self.lockstep.probe(trace, STATES, deadline_s=self.shrink_deadline_s)
        return Shown(self._judged(execution, 0) or self.metamorphic.not_read(execution), {})


def _may_be_of(found: Divergence, before: Collection[Signature]) -> bool:
    """Say whether a divergence, whose cause and path are not known yet, may be one of those."""
    return any(one.check == found.check.code and one.operation == found.operation for one in before)


def _is_after(varies: Divergence, found: Divergence) -> bool:
    """Say whether what varies comes only after a difference: it has not made it and must not hide it."""
    return found.step is not None and (varies.step or 0) > found.step


def _has_died(execution: Execution) -> bool:
    return any(isinstance(a.death, Crashed | Hung | Exhausted) for a in execution.answers.values())
