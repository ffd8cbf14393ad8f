"""
Triage: turns the divergences that a search has seen into findings, one piece of work at a time.

A divergence is examined for its cause, shrunk, and confirmed. The search decides when triage may work.
Knows nothing of how cases are drawn, or of budgets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import attrs

from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.findings.root_causes import are_one, are_one_bug
from driftcheck.generate.shrink import MAX_SHRINK_CALLS, Shrunk, shrink
from driftcheck.generate.strategy import CaseStrategy
from driftcheck.lockstep.answer import UnconfirmedDeath
from driftcheck.oracle import checks
from driftcheck.oracle.causes import with_all_features
from driftcheck.oracle.checks import Check, check
from driftcheck.oracle.oracle import Glance, Verdict
from driftcheck.oracle.reasons import say_the_same
from driftcheck.oracle.relations import OF_BOOLEANS
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.search.argument_relations import needs_of
from driftcheck.search.confirm import confirm_shrunk, unconfirmed_death
from driftcheck.search.known_findings import KnownFindings, MissingWitness, New
from driftcheck.search.observer import Observer
from driftcheck.search.queue import DivergenceQueue, Sighting, words_of
from driftcheck.search.repairs import with_repairs
from driftcheck.search.session import Session
from driftcheck.search.shared_states import with_same_states
from driftcheck.search.shares import CASES_OF_AN_EXAMINATION, Shares
from driftcheck.search.statistics import RunStatistics

SHRINK_SETTLE_S = 0.02  # for a death in another thread than the step's; short, since a shrink waits often
MOST_OF_ONE_BUG = 3  # findings; further divergences of the same root cause are only counted
SLICE = 500  # calls of the judge; a longer shrink goes on when its turn comes again


@attrs.define(eq=False)
class _Job:
    """A new divergence, or an asymmetry without a witness, with the smallest case so far."""

    new: New
    found: Divergence | None  # None: an asymmetry
    case: Trace | LawCase
    original: Trace | LawCase
    strategy: CaseStrategy[Any]
    seed: int
    verdict: Verdict  # the last one that showed it
    is_direct: bool = False  # a glance shows it
    calls: int = 0
    reasons: set[str] = attrs.field(factory=set)  # what the subjects said about cases with the whole cause
    relations: set[str] = attrs.field(factory=set)  # of the values in such cases


class Triage:
    """The divergences of one run on their way to findings.

    Args:
        is_late: returns True to have what waits examined, and no second shrink begun.
        is_over: called before each judged case; True ends a shrink with the smallest case so far.
        stops_at_first: one finding is enough; other divergences are only counted.
        learn: receives each divergence that was examined, with its cause, known ones included.
        known: divergences that are findings already, of an earlier run or of another process.
    """

    def __init__(
        self,
        session: Session,
        statistics: RunStatistics,
        shares: Shares,
        observer: Observer,
        *,
        is_late: Callable[[], bool],
        is_over: Callable[[], bool],
        stops_at_first: bool,
        wants_witnesses: bool,
        learn: Callable[[Divergence], None] = lambda known: None,
        known: Sequence[Divergence] = (),
    ) -> None:
        self.known = KnownFindings({divergence.signature for divergence in known})
        self.findings: list[Finding] = []
        self.unconfirmed_deaths: list[UnconfirmedDeath] = []
        self.passed_over = 0
        self.more: Counter[Signature] = Counter()  # divergences that were not shrunk, by a finding like them
        self._session = session
        self._oracle = session.oracle
        self._statistics = statistics
        self._shares = shares
        self._observer = observer
        self._is_late = is_late
        self._is_over = is_over
        self._stops_at_first = stops_at_first
        self._wants_witnesses = wants_witnesses
        self._learn = learn
        self._found_before = known
        self._queue = DivergenceQueue()
        self._jobs: dict[New, _Job] = {}
        self._said: set[tuple[Signature, str]] = set()  # what was examined, with the words of the subjects

    @property
    def has_ended(self) -> bool:
        """Say whether the one finding that is wanted was found."""
        return self._stops_at_first and bool(self.findings)

    @property
    def unexamined(self) -> int:
        """Return how many divergences wait to be examined, so that the run cannot say what they are."""
        return 0 if self.has_ended else self._queue.needed

    def offer(self, sighting: Sighting) -> bool:
        """Take a divergence that a glance has shown; return whether it is probably new."""
        return self._queue.offer(sighting)

    def work(self) -> None:
        """Examine or shrink for as long as the shares of the run allow it."""
        while not self._is_over() and not self.has_ended:
            if self._shares.allow_new() or self._stops_at_first:
                with self._shares.examination(again=False):
                    if self._examine_next(first_ones=True) or self._shrink_next():
                        continue
            if self._shares.allow_again():
                with self._shares.examination(again=True):
                    if self._examine_next(first_ones=False) or self._shrink_next(witnesses=True):
                        continue
            return

    def finish(self) -> None:
        """Examine and shrink everything that waits, until the run is over."""
        has_begun = False
        while not self._is_over() and not self.has_ended:
            if self._examine_next(first_ones=True):
                continue
            if (has_begun and self._is_late()) or not self._shrink_next():
                break
            has_begun = True
        may_shrink_witnesses = not self._shares.in_seconds  # otherwise the next contract needs the time
        while may_shrink_witnesses and not self._is_over() and self._shrink_next(witnesses=True):
            pass
        for job in [*self._jobs.values()]:
            del self._jobs[job.new]
            if self.has_ended:
                self.passed_over += isinstance(job.new, Signature)
            elif isinstance(job.new, Signature) and not self._is_one_of_many(job.found):
                self._keep(job, Shrunk(job.new, job.case, job.original, job.calls, is_minimal=False))

    def report(self, verdict: Verdict, case: Trace | LawCase, strategy: CaseStrategy[Any], seed: int) -> None:
        """Take a complete verdict of a case; a new divergence in it waits to be shrunk."""
        self._statistics.count_verdict(verdict)
        for seen in verdict.asymmetries:
            self._learn(seen.divergence)
        if verdict.divergence is not None:
            self._learn(verdict.divergence)
        self.unconfirmed_deaths += verdict.unconfirmed_deaths
        self._add_job(verdict, case, strategy, seed)

    def _examine_next(self, *, first_ones: bool) -> bool:
        """Examine one divergence; return whether there was one."""
        sighting = self._queue.next(first_ones=first_ones)
        if sighting is None:
            return False
        if not first_ones and self._says_nothing_new(sighting):
            return True
        self._shares.add_cases(CASES_OF_AN_EXAMINATION)
        verdict = self._oracle.examine(sighting.glance, self.known.signatures)
        if verdict.divergence is not None and not verdict.divergence.cause:
            self._said.add((verdict.divergence.signature.without_cause, verdict.divergence.reason))
        self.report(verdict, sighting.trace, sighting.strategy, sighting.seed)
        return True

    def _says_nothing_new(self, sighting: Sighting) -> bool:
        """Say whether a divergence ends in a known frame, or a step without mutations in known words.

        One run with error texts shows the words. Otherwise bugs that differ in nothing else wait very long.
        """
        found = sighting.divergence
        if found.frame:
            known = {*self.known.signatures, *(one for one in self._jobs if isinstance(one, Signature))}
            return any(one.without_cause == found.signature.without_cause for one in known)
        if found.check not in checks.WITH_ERROR_TEXT or any(words_of(sighting)):
            return False
        self._shares.add_cases(1)
        glance = self._oracle.probe_quickly(sighting.trace, found)
        if glance.divergence is None or not glance.divergence.reason:
            return False
        said = (found.signature.without_cause, glance.divergence.reason)
        is_known = said in self._said
        self._said.add(said)
        return is_known

    def _add_job(
        self, verdict: Verdict, case: Trace | LawCase, strategy: CaseStrategy[Any], seed: int
    ) -> None:
        self.known.note_witnesses(verdict, case)
        for seen in verdict.asymmetries if self._wants_witnesses else ():
            missing = MissingWitness(seen.entry.id)
            if seen.entry.id not in self.known.shrunk_witnesses:
                self._jobs.setdefault(missing, _Job(missing, None, case, case, strategy, seed, verdict))
        if self._is_known(verdict.divergence):
            return
        if isinstance(case, Trace):
            verdict = self._oracle.rule_out_nondeterminism(verdict)
            self.unconfirmed_deaths += verdict.unconfirmed_deaths
        found = verdict.divergence
        if found is None or self._is_known(found) or self._is_one_of_many(found):
            return
        job = _Job(found.signature, found, case, case, strategy, seed, verdict)
        job.reasons.add(found.reason)
        job.relations.add(found.relation)
        job.is_direct = isinstance(case, Trace) and self._shows_at_once(found, case, verdict)
        self._jobs[found.signature] = job

    def _is_known(self, found: Divergence | None) -> bool:
        return found is None or found.signature in self.known.signatures or found.signature in self._jobs

    def _is_one_of_many(self, found: Divergence | None) -> bool:
        """Say whether the root cause of a divergence has enough findings; then count the divergence."""
        if found is None:
            return False
        divergences = [*self._found_before, *(finding.divergence for finding in self.findings)]
        alike = [one.signature for one in divergences if are_one(one, found)]
        is_one = len(alike) >= MOST_OF_ONE_BUG
        if is_one:
            self.more[alike[0]] += 1
        return is_one

    def _shows_at_once(self, found: Divergence, case: Trace, verdict: Verdict) -> bool:
        """Say whether a glance at the trace shows the divergence, so that no asymmetry comes before it.

        Without a cause, the glance must also show the same error texts or relation. In a document with two
        bugs, a mutation that the divergence does not need may bring the error text of the other bug.
        """
        if verdict.asymmetries or found.check == checks.NOT_DETERMINISTIC or found.variation is not None:
            return False
        settle_s = _settle_s(found.check)
        glanced = self._oracle.probe_quickly(case, found, settle_s=settle_s).divergence
        if glanced is None or glanced.signature.without_cause != found.signature.without_cause:
            return False
        return bool(found.cause) or glanced.signature == found.signature

    def _shrink_next(self, *, witnesses: bool = False) -> bool:
        """Shrink one case for a while; return whether there was one."""
        jobs = [job for job in self._jobs.values() if isinstance(job.new, MissingWitness) == witnesses]
        if not jobs:
            return False
        job = min(jobs, key=lambda one: one.calls)
        if self._is_one_of_many(job.found):
            del self._jobs[job.new]
            return True
        judge = _Judge(self._session, self.known, job)
        shrunk = self._shrink(job, judge)
        job.calls += shrunk.calls
        self._shares.add_cases(shrunk.calls)
        is_done = shrunk.is_minimal or not shrunk.recurs or job.calls >= MAX_SHRINK_CALLS
        if is_done or self._is_over():
            self._end(job, shrunk)
        else:
            job.case = shrunk.case
        for signature, case in shrunk.others.items():
            self._take(judge.others[signature], case, job)
        return True

    def _end(self, job: _Job, shrunk: Shrunk[Any]) -> None:
        """Keep what a job has led to."""
        del self._jobs[job.new]
        self._shares.add_cases(CASES_OF_AN_EXAMINATION)
        if isinstance(job.new, MissingWitness):
            self._keep_witness(job.new.asymmetry, job, shrunk)
        else:
            self._keep(job, attrs.evolve(shrunk, original=job.original))

    def _shrink(self, job: _Job, judge: _Judge) -> Shrunk[Any]:
        most = MAX_SHRINK_CALLS if self._stops_at_first else SLICE
        return shrink(
            job.strategy,
            job.case,
            judge,
            job.new,
            seed=job.seed,
            max_calls=min(most, MAX_SHRINK_CALLS - job.calls),
            stop=self._is_over,
        )

    def _take(self, seen: Glance | Verdict, case: Trace | LawCase, job: _Job) -> None:
        """Take another divergence, which a case showed while this one was shrunk."""
        if self.has_ended:
            self.passed_over += 1
        elif isinstance(seen, Verdict):
            self._add_job(seen, case, job.strategy, job.seed)
        elif seen.divergence is not None:
            self.offer(Sighting(seen, seen.divergence, job.strategy, job.seed))

    def _keep_witness(self, asymmetry: str, job: _Job, shrunk: Shrunk[Any]) -> None:
        self.known.witnesses[asymmetry] = shrunk.case
        self.known.shrunk_witnesses.add(asymmetry)
        if isinstance(job.original, Trace):
            self._statistics.mark_exercised(job.original, asymmetry)
        self._observer.witness(asymmetry, shrunk.case)

    def _keep(self, job: _Job, shrunk: Shrunk[Any]) -> None:
        """Confirm a shrunk case and keep it."""
        assert isinstance(job.new, Signature)
        if isinstance(job.original, Trace):
            self._statistics.mark_exercised(job.original)
        confirmation = confirm_shrunk(self._session, shrunk, job.verdict, self.known)
        self.known.signatures.add(job.new)
        self.unconfirmed_deaths += confirmation.unconfirmed_deaths
        if confirmation.known is not None:
            self.more[confirmation.known] += 1
        if confirmation.finding is not None:
            finding = self._with_needs(confirmation.finding)
            if not (finding.is_flaky or self._is_over()):
                finding, runs = with_repairs(self._session, finding)
                self._shares.add_cases(runs)
                finding = self._with_same_states(finding)
            self._add(finding)

    def _with_needs(self, finding: Finding) -> Finding:
        """Return a finding with what it needs of its numbers, where no feature is its cause."""
        found, case = finding.divergence, finding.case
        is_plain = not (found.cause or finding.is_flaky or found.check == checks.HANG)
        if not isinstance(case, Trace) or found.step is None or found.variation is not None:
            return finding
        if not is_plain or self._is_over():
            return finding
        settle_s, before = _settle_s(found.check), found.signature.without_cause

        def shows(variation: Trace) -> bool:
            seen = self._oracle.probe_quickly(variation, found, settle_s=settle_s).divergence
            return seen is not None and (seen.step, seen.relation, seen.signature.without_cause) == (
                found.step,
                found.relation,
                before,
            )

        return attrs.evolve(finding, needs=needs_of(self._session.schema, case, found.step, shows))

    def _with_same_states(self, finding: Finding) -> Finding:
        """Return a finding with another one that diverges at the same states, if it is like none already."""
        if any(are_one_bug(one, finding) for one in self.findings):
            return finding
        first_ones = [one for one in self.findings if one.belongs_to is None]
        finding, runs = with_same_states(self._session, finding, first_ones)
        self._shares.add_cases(runs)
        return finding

    def _add(self, finding: Finding) -> None:
        alike = (f.signature for f in self.findings if are_one_bug(f, finding))
        finding = attrs.evolve(finding, belongs_to=next(alike, None))
        self.known.signatures.add(finding.signature)
        self.findings.append(finding)
        take_deaths = self._session.lockstep.take_unconfirmed_deaths
        self.unconfirmed_deaths += take_deaths()
        self._observer.finding(finding)
        take_deaths()  # of cases that the observer has replayed in these hosts

    def keep_unconfirmed_deaths(self) -> None:
        """Keep each death that did not recur when its trace ran alone, with the batch of its host."""
        deaths = [*self.unconfirmed_deaths, *self._session.lockstep.take_unconfirmed_deaths()]
        self.unconfirmed_deaths.clear()
        for death in deaths:
            finding = unconfirmed_death(self._session, death)
            if finding.signature in self.known.signatures:
                continue
            entry = self._session.asymmetries.match(finding.divergence)
            if entry is not None:
                self._statistics.known[entry.id] += 1
                continue
            if self.has_ended:
                self.known.signatures.add(finding.signature)
                self.passed_over += 1
            else:
                self._add(finding)


class _Judge:
    """Says what a case shows while another is shrunk: the divergence of a job, or another one.

    The cause may become smaller, as long as nothing else changes; `_is_wanted` says how far.
    """

    def __init__(self, session: Session, known: KnownFindings, job: _Job) -> None:
        self._oracle = session.oracle
        self._schema = session.schema
        self._known = known
        self._job = job
        self.others: dict[Hashable, Glance | Verdict] = {}  # what else was returned, where it was first seen
        self._check: Check | None = None
        if isinstance(job.new, Signature):
            self._check = check(job.new.check, session.schema.plugin_checks)

    def __call__(self, case: Any) -> New | None:
        if isinstance(case, LawCase):
            return self._told(self._oracle.law(case))
        if not self._job.is_direct:
            return self._told(self._probed(case))
        assert isinstance(self._job.new, Signature)
        assert self._job.found is not None
        glance = self._oracle.probe_quickly(case, self._job.found, settle_s=_settle_s(self._check))
        found = glance.divergence
        if found is None or self._is_doubtful(found):
            return None
        if found.signature.without_cause != self._job.new.without_cause:
            self.others.setdefault(found.signature, glance)
            return found.signature
        whole = with_all_features(self._schema, case, found)
        if self._oracle.asymmetries.match(whole) is None:
            if self._is_wanted(whole):
                return self._job.new
            if set(whole.cause) <= set(self._job.new.cause):  # something else tells the two apart
                self.others.setdefault(found.signature, glance)
                return found.signature
        return self._told(self._probed(case))

    def _probed(self, case: Trace) -> Verdict | None:
        verdict = self._oracle.probe(case, settle_s=_settle_s(self._check), target=self._check)
        return None if self._is_doubtful(verdict.divergence) else verdict

    def _is_doubtful(self, found: Divergence | None) -> bool:
        """Say whether it is a hang, which under the short deadline of a shrink may be a slow step."""
        return found is not None and found.check == checks.HANG and self._check != checks.HANG

    def _told(self, verdict: Verdict | None) -> New | None:
        if verdict is None:
            return None
        new, found = self._job.new, verdict.divergence
        if isinstance(new, MissingWitness):
            ids = [one.entry.id for one in verdict.asymmetries]
            if new.asymmetry in ids:
                return new
            missing = next((MissingWitness(id_) for id_ in ids if id_ not in self._known.witnesses), None)
            if missing is not None:
                self.others.setdefault(missing, verdict)
                return missing
        if found is None:
            return None
        if isinstance(new, Signature) and self._is_wanted(found):
            self._job.verdict = verdict
            return new
        if found.signature in self._known.signatures:
            return None
        self.others.setdefault(found.signature, verdict)
        return found.signature

    def _is_wanted(self, found: Divergence) -> bool:
        """Say whether a divergence is the one that is shrunk, or the same with a smaller cause.

        With a smaller cause, the subjects must say what they said with the whole one. It may be the cause of
        a known finding only if the words of the subjects, or the relation of the values, show that the two
        are the same. Two booleans differ only in two ways, so that their relation shows nothing.
        """
        job, signature = self._job, found.signature
        if signature == job.new:
            job.reasons.add(found.reason)
            job.relations.add(found.relation)
            return True
        assert isinstance(job.new, Signature)
        says_the_same = any(one == found.reason or say_the_same(one, found.reason) for one in job.reasons)
        if not job.new.is_explained_by(signature) or not says_the_same:
            return False
        is_telling = found.relation in job.relations and found.relation not in ("", *OF_BOOLEANS)
        return bool(found.reason) or is_telling or signature not in self._known.signatures


def _settle_s(target: Check | None) -> float:
    return SHRINK_SETTLE_S if target == checks.CRASH else 0.0
