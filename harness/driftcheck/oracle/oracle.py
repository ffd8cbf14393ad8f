"""
The oracle: one case, all subjects, one verdict.

Brings together judge, metamorphic checks, laws, causes and asymmetries. Knows hosts only through lockstep.
Knows nothing of how cases are drawn, kept or printed, and keeps no counts: they are part of the verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import ProtocolFault, SubjectUnsound
from driftcheck.core.outcome import Crashed, Exhausted, Hung
from driftcheck.core.trace import LawCase, Trace, cut
from driftcheck.lockstep.answer import Execution, UnconfirmedDeath
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks, plugin_checks
from driftcheck.oracle.agreement import OUTCOMES
from driftcheck.oracle.asymmetries import OUTCOME_CHECKS, Asymmetries, Asymmetry
from driftcheck.oracle.blame import Electorate
from driftcheck.oracle.causes import VariantResult, with_all_features, with_cause
from driftcheck.oracle.exercised import Exercised
from driftcheck.oracle.judge import Judge
from driftcheck.oracle.laws import Laws, LawTrial
from driftcheck.oracle.metamorphic import determinism
from driftcheck.oracle.metamorphic.suite import MetamorphicChecks
from driftcheck.oracle.predicates import observed
from driftcheck.oracle.promises import AdapterBroken
from driftcheck.oracle.reasons import reason
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.subjects.wire import DIGESTS, FULL, STATES
from driftcheck.values.canonical import NotCanonical, check_canonical

REPEATS = 2  # of a trace that diverges or is sampled, to see whether a subject is nondeterministic
SHRINK_DEADLINE_S = 0.1  # for one step while a finding is shrunk, at least
REPEATS_SHRINKING = 6  # nondeterminism must show at nearly every try, or it cannot be shrunk
REPEATS_NONDETERMINISM = 66  # Go walks a map of two entries the other way round once in eight times


@attrs.frozen(eq=False)
class SeenAsymmetry:
    """An asymmetry, and the divergence in which it was seen."""

    entry: Asymmetry
    divergence: Divergence


@attrs.frozen(eq=False)
class Glance:
    """What one fast run of a trace shows."""

    execution: Execution
    divergence: Divergence | None  # the first one, without its cause; an asymmetry may cover it
    unconfirmed_deaths: tuple[UnconfirmedDeath, ...] = ()  # since the last call that did not recur
    death: Divergence | None = None  # the first one, which may come after the divergence


@attrs.frozen(eq=False)
class Verdict:
    """What a case shows."""

    divergence: Divergence | None = None  # the first one that no asymmetry covers
    asymmetries: tuple[SeenAsymmetry, ...] = ()  # those that were seen before it
    not_judged_from: int | None = None  # the rest of the trace, from this step, was not judged
    execution: Execution | None = attrs.field(default=None, repr=False)  # of a trace
    law_trials: Mapping[str, LawTrial] | None = attrs.field(default=None, repr=False)  # of a law case
    exercised: Exercised = attrs.field(factory=Exercised, repr=False)
    # Of `explore` and `rule_out_nondeterminism`: deaths since their last call that did not recur.
    unconfirmed_deaths: tuple[UnconfirmedDeath, ...] = ()


class Oracle:
    """Judges cases of one contract.

    Args:
        schema: the contract.
        lockstep: its subjects.
        asymmetries: divergences that are accepted.
        electorate: decides whom to blame where subjects differ.
    """

    def __init__(
        self,
        schema: Schema,
        lockstep: Lockstep,
        asymmetries: Asymmetries | None = None,
        electorate: Electorate | None = None,
    ) -> None:
        self.schema = schema
        self.lockstep = lockstep
        self.asymmetries = asymmetries or Asymmetries()
        self._electorate = electorate
        self.judge = Judge(schema, lockstep.wire, electorate)
        self.metamorphic = MetamorphicChecks(schema, lockstep)
        self.laws = Laws(schema, lockstep)
        # While a finding is shrunk, each try that hangs takes this long. A contract that allows its steps
        # more time needs more here, too.
        deadline_s = lockstep.limits.deadline_s
        self.shrink_deadline_s = min(deadline_s, max(SHRINK_DEADLINE_S, deadline_s / 10))

    def without_asymmetries(self) -> Oracle:
        """Return an oracle of the same subjects that accepts no divergence."""
        return Oracle(self.schema, self.lockstep, electorate=self._electorate)

    def glance(self, trace: Trace, *, without: Collection[str] = ()) -> Glance:
        """Run a trace once, as fast as possible, and compare the answers.

        Args:
            without: the names of subjects that do not take part.

        Raises:
            SubjectUnsound: an adapter reports that it is broken.
        """
        execution = self.lockstep.run(trace, without=without)
        found, death = self._judged(execution, 0), self.judge.death_in(execution)
        return Glance(execution, found, self.lockstep.take_unconfirmed_deaths(), death)

    def explore(self, trace: Trace, *, sampled: bool, found_before: Collection[Signature] = ()) -> Verdict:
        """Judge a trace: with a glance, and completely where it diverges.

        Args:
            sampled: also judge it completely where a glance shows no divergence.
            found_before: as for `examine`.

        Raises:
            SubjectUnsound: an adapter reports that it is broken.
        """
        glance = self.glance(trace)
        if glance.divergence is None and not sampled:
            return Verdict(execution=glance.execution, unconfirmed_deaths=glance.unconfirmed_deaths)
        verdict = self.examine(glance, found_before)
        deaths = glance.unconfirmed_deaths + verdict.unconfirmed_deaths
        return attrs.evolve(verdict, unconfirmed_deaths=deaths)

    def examine(self, glance: Glance, found_before: Collection[Signature] = ()) -> Verdict:
        """Judge completely what a glance has shown: with states, repeats, causes and asymmetries.

        If it showed no divergence, also run the metamorphic checks.

        Args:
            found_before: signatures that are known. A divergence that may have one of them is examined only
                up to its step.
        """
        execution, found = glance.execution, glance.divergence
        if found is not None and found.check in checks.DEATHS:  # a death has no path that needs the states
            verdict = self._judge_with_states(execution, REPEATS)
            is_first = verdict.divergence is None or verdict.divergence.check in checks.DEATHS
            return verdict if is_first else self._verdict_of_death(found, execution)
        self.lockstep.collect()
        deaths = self.lockstep.take_unconfirmed_deaths()
        verdict = self._second_look(execution, found, found_before)
        self.lockstep.take_unconfirmed_deaths()  # of traces that the host ran earlier, and are not known
        return attrs.evolve(verdict, unconfirmed_deaths=deaths)

    def _second_look(
        self, execution: Execution, found: Divergence | None, found_before: Collection[Signature]
    ) -> Verdict:
        """Judge a trace again with its states."""
        trace = execution.trace
        if found is not None and found.step is not None and _may_be_of(found, found_before):
            verdict = self._run_again(cut(trace, list(range(found.step + 1))), None)
            if verdict.divergence is not None and verdict.divergence.signature in found_before:
                return attrs.evolve(verdict, execution=execution)
        verdict = self._run_again(trace, execution)
        if found is not None and verdict.divergence is None and not verdict.asymmetries:
            # The divergence was seen once. Whether it is flaky, the confirmation decides.
            return Verdict(found, execution=execution, exercised=verdict.exercised)
        return verdict

    def _run_again(self, trace: Trace, earlier: Execution | None) -> Verdict:
        """Run a trace with its states, repeat it, and judge it."""
        execution, *again = self.lockstep.run_all([trace] * (1 + REPEATS), STATES)
        return self._judge_with_states(execution, REPEATS, again, earlier)

    def rule_out_nondeterminism(self, verdict: Verdict) -> Verdict:
        """Repeat the trace of a new divergence, so that nondeterminism is not reported as something else."""
        found, execution = verdict.divergence, verdict.execution
        if found is None or execution is None or found.check == checks.NOT_DETERMINISTIC:
            return attrs.evolve(verdict, unconfirmed_deaths=())
        deaths = self.lockstep.take_unconfirmed_deaths()
        nondeterminism = self._nondeterminism(execution.trace, found, without=self._spared(found))
        if nondeterminism is not None and self._spared(found):
            nondeterminism = self._nondeterminism(execution.trace, found)  # which names all subjects
        if nondeterminism is not None:
            verdict = self._verdict_of_nondeterminism(nondeterminism, execution)
        self.lockstep.take_unconfirmed_deaths()  # of traces that the host ran earlier, and are not known
        return attrs.evolve(verdict, unconfirmed_deaths=deaths)

    def check_replies(self, execution: Execution) -> None:
        """Read the replies strictly: a mistake that all SDKs share is invisible to comparison.

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

    def probe(self, trace: Trace, *, settle_s: float = 0.0, target: checks.Check | None = None) -> Verdict:
        """Judge a trace while a finding is shrunk: completely, with deaths taken at face value.

        Args:
            settle_s: how long to wait, after the last step, for a process that dies late.
            target: what to look for; a death comes first, nondeterminism only if it is the target.
        """
        execution = self.lockstep.probe(trace, STATES, deadline_s=self.shrink_deadline_s, settle_s=settle_s)
        return self._judge_probed(execution, target)

    def probe_quickly(self, trace: Trace, wanted: Divergence, *, settle_s: float = 0.0) -> Glance:
        """Glance at a trace while a finding is shrunk, with deaths taken at face value.

        Args:
            wanted: what to look for. Where its check has error texts, these give the reason of the
                divergence. If it is between others than those in Python, these run only what still shows one.
        """
        target, deadline_s = wanted.check, self.shrink_deadline_s
        spared = self._spared(wanted)
        if spared:
            execution = self.lockstep.probe(trace, deadline_s=deadline_s, without=spared)
            if self._judged(execution, 0) is None:
                return Glance(execution, None)
        with_texts = target in checks.WITH_ERROR_TEXT
        mode = FULL if with_texts else DIGESTS if self.schema.state is None else STATES
        execution = self.lockstep.probe(trace, mode, deadline_s=deadline_s, settle_s=settle_s)
        found = self.judge.death_in(execution) if target in checks.DEATHS else None
        found = found or self._judged(execution, 0)
        if found is not None and with_texts:
            found = self._with_reason(execution, found)
        return Glance(execution, found)

    def confirm(
        self, trace: Trace, *, deadline_s: float, settle_s: float, target: checks.Check | None = None
    ) -> Verdict:
        """Judge a trace in fresh hosts; the arguments are those of `probe`."""
        execution = self.lockstep.probe(trace, STATES, deadline_s=deadline_s, settle_s=settle_s, fresh=True)
        return self._judge_probed(execution, target)

    def _judge_probed(self, execution: Execution, target: checks.Check | None) -> Verdict:
        if target in checks.DEATHS and (death := self.judge.death_in(execution)) is not None:
            return self._verdict_of_death(death, execution)
        if target == checks.NOT_DETERMINISTIC:
            return self._verdict_of_nondeterminism(self._nondeterminism(execution.trace), execution)
        return self._judge_with_states(execution, REPEATS_SHRINKING)

    def law(self, case: LawCase) -> Verdict:
        """Judge a case of a law.

        Raises:
            ContractError: the law itself raises, or does not end.
        """
        divergence, trials = self.laws.examine(case)
        exercised = Exercised()
        if all(trial.holds is not None for trial in trials.values()):
            exercised.laws[case.law] += 1
        entry = None if divergence is None else self.asymmetries.match(divergence)
        if divergence is None or entry is None:
            return Verdict(divergence, law_trials=trials, exercised=exercised)
        return Verdict(None, (SeenAsymmetry(entry, divergence),), law_trials=trials, exercised=exercised)

    def _judged(
        self, execution: Execution, start: int, known_paths: frozenset[str] = frozenset()
    ) -> Divergence | None:
        try:
            found = self.judge.examine(execution, start, known_paths)
        except AdapterBroken as broken:
            raise SubjectUnsound(
                self.schema.name,
                broken.subject,
                f"in operation {broken.operation!r} its adapter reports itself as broken: {broken.text}",
            ) from None
        found = plugin_checks.earlier(found, plugin_checks.examine(self.schema, execution, start))
        if found is not None and found.step is not None and self.asymmetries.ask_about(found.operation):
            found = attrs.evolve(found, observed=observed(self.schema, execution, found.step))
        return found

    def _spared(self, found: Divergence) -> tuple[str, ...]:
        """Return the subjects in Python, which take longer, if a glance at the others shows a divergence."""
        spared = self.lockstep.in_python
        others = [group for group in found.disagreement if not set(group) <= set(spared)]
        is_shown = len(others) > 1 and not found.is_death and found.variation is None
        return spared if is_shown else ()

    def _nondeterminism(
        self, trace: Trace, found: Divergence | None = None, *, without: Collection[str] = ()
    ) -> Divergence | None:
        """Repeat a trace until a subject is nondeterministic, at or before the step of `found`."""
        if found is not None and found.step is not None and not found.is_death:
            trace = cut(trace, list(range(found.step + 1)))
        (first,) = self.lockstep.run_all([trace], STATES, without=without)
        if _has_died(first):
            return None
        for _ in range(0, REPEATS_NONDETERMINISM, REPEATS_SHRINKING):
            again = self.metamorphic.again(trace, REPEATS_SHRINKING, without=without)
            nondeterminism = determinism.examine([first, *again])
            if nondeterminism is not None and (found is None or not _is_after(nondeterminism, found)):
                return nondeterminism
        return None

    def _verdict_of_death(self, found: Divergence, execution: Execution) -> Verdict:
        """Judge an execution by a death in it, whatever diverges before it."""
        entry = self.asymmetries.match(found)
        if entry is None:
            return Verdict(found, execution=execution)
        return Verdict(None, (SeenAsymmetry(entry, found),), found.step, execution)

    def _verdict_of_nondeterminism(self, found: Divergence | None, execution: Execution) -> Verdict:
        """Judge an execution by its nondeterminism; after one that is accepted nothing is judged."""
        entry = None if found is None else self._entry_for(execution.trace, found)
        if found is None or entry is None:
            return Verdict(found, execution=execution)
        return Verdict(None, (SeenAsymmetry(entry, found),), found.step, execution)

    def _entry_for(self, trace: Trace, found: Divergence) -> Asymmetry | None:
        """Return the entry that covers a divergence of a whole trace.

        No variant shows what nondeterminism needs, so that an entry of it may name any feature of its step.
        """
        entry = self.asymmetries.match(found)
        if entry is None and found.check == checks.NOT_DETERMINISTIC:
            entry = self.asymmetries.match(with_all_features(self.schema, trace, found))
        return entry

    def _judge_with_states(
        self,
        execution: Execution,
        repeats: int,
        again: Sequence[Execution] = (),
        earlier: Execution | None = None,
    ) -> Verdict:
        """Judge an execution that was made with states.

        Args:
            repeats: how often to repeat its trace, if that is not done yet.
            again: the repeated executions.
            earlier: of the same trace, made without states.
        """
        exercised = Exercised()
        verdict = self._judge_steps(execution, repeats, again, exercised)
        if verdict is None:
            verdict = self._judge_variations(execution, repeats, again, earlier, exercised)
        return attrs.evolve(verdict, exercised=exercised)

    def _judge_steps(
        self, execution: Execution, repeats: int, again: Sequence[Execution], exercised: Exercised
    ) -> Verdict | None:
        """Judge each step, past the asymmetries; None if nothing was found."""
        known: list[SeenAsymmetry] = []
        start = 0
        known_paths: frozenset[str] = frozenset()  # paths of step `start` that are known to differ
        while True:
            found = self._judged(execution, start, known_paths)
            states = self.judge.states_checked(execution, start, found)
            exercised.invariants.update({one.name: states for one in self.schema.invariants})
            if found is None:
                return Verdict(None, tuple(known), execution=execution) if known else None
            if not known and not _has_died(execution):
                again = again or self.metamorphic.again(execution.trace, repeats)
                exercised.variations[checks.NOT_DETERMINISTIC.code] += len(again)
                nondeterminism = determinism.examine([execution, *again])
                if nondeterminism is not None and not _is_after(nondeterminism, found):
                    return self._verdict_of_nondeterminism(nondeterminism, execution)
            caused = found
            if found.check not in checks.OF_SCHEMAS:
                examine = partial(self._examine_variant, start, known_paths, found.step)
                caused = with_cause(self.schema, execution.trace, found, examine, self._is_accepted)
            caused = self._with_error_text(execution.trace, caused)
            entry = self.asymmetries.match(caused)
            if entry is None:
                return Verdict(caused, tuple(known), execution=execution)
            known.append(SeenAsymmetry(entry, caused))
            if found.step is None or found.moves_state or found.is_death:
                return Verdict(None, tuple(known), found.step, execution)
            here = known_paths if found.step == start else frozenset()
            if found.check in (checks.VALUE, checks.DETAIL):
                known_paths, start = here | {found.signature.path}, found.step
            elif found.check in OUTCOME_CHECKS and OUTCOMES not in here:
                known_paths, start = here | {OUTCOMES}, found.step  # those that accept may still differ
            else:
                known_paths, start = frozenset(), found.step + 1

    def _judge_variations(
        self,
        execution: Execution,
        repeats: int,
        again: Sequence[Execution],
        earlier: Execution | None,
        exercised: Exercised,
    ) -> Verdict:
        """Run the metamorphic checks on a trace in which no step diverges."""
        found = None
        if earlier is not None and not earlier.is_equal and execution.is_equal:
            more = self.metamorphic.again(execution.trace, REPEATS_SHRINKING)
            exercised.variations[checks.NOT_DETERMINISTIC.code] += len(more)
            found = determinism.examine([execution, *more])
        if found is None:
            again = again or self.metamorphic.again(execution.trace, repeats)
            result = self.metamorphic.examine(execution, again)
            exercised.variations.update(result.variations)
            found = result.divergence
        if found is not None and found.check in checks.OF_WRITING:
            examine = self._examine_written_variant
            found = with_cause(self.schema, execution.trace, found, examine, self._is_accepted)
        entry = None if found is None else self._entry_for(execution.trace, found)
        if found is None or entry is None:
            return Verdict(found, execution=execution)
        return Verdict(None, (SeenAsymmetry(entry, found),), execution=execution)

    def _with_error_text(self, trace: Trace, divergence: Divergence) -> Divergence:
        """Return the divergence with what its subjects say about the step."""
        if divergence.reason or divergence.check not in checks.WITH_ERROR_TEXT:
            return divergence
        execution = self.lockstep.probe(trace, FULL, deadline_s=self.shrink_deadline_s)
        return self._with_reason(execution, divergence)

    def _with_reason(self, execution: Execution, divergence: Divergence) -> Divergence:
        if divergence.step is None:
            return divergence
        return attrs.evolve(divergence, reason=reason(self.schema, execution, divergence))

    def _is_accepted(self, divergence: Divergence) -> bool:
        return self.asymmetries.match(divergence) is not None

    def _examine_variant(
        self, start: int, known_paths: frozenset[str], step: int | None, trace: Trace
    ) -> VariantResult:
        execution = self.lockstep.probe(trace, FULL, deadline_s=self.shrink_deadline_s)
        found = self._judged(execution, start, known_paths)
        if found is not None and found.check in checks.WITH_ERROR_TEXT:
            found = self._with_reason(execution, found)
        return VariantResult(found, self.judge.kinds(execution, step))

    def _examine_written_variant(self, trace: Trace) -> VariantResult:
        execution = self.lockstep.probe(trace, STATES, deadline_s=self.shrink_deadline_s)
        return VariantResult(
            self._judged(execution, 0) or self.metamorphic.misread_payload(execution), kinds={}
        )


def _may_be_of(found: Divergence, before: Collection[Signature]) -> bool:
    """Say whether a divergence may have one of these signatures, before its cause and path are known."""
    return any(one.check == found.check.code and one.operation == found.operation for one in before)


def _is_after(nondeterminism: Divergence, found: Divergence) -> bool:
    """Say whether the nondeterminism begins after a divergence, so that it did not cause it."""
    return found.step is not None and (nondeterminism.step or 0) > found.step


def _has_died(execution: Execution) -> bool:
    return any(isinstance(a.death, Crashed | Hung | Exhausted) for a in execution.answers.values())
