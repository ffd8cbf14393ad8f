"""
The run of one contract: draw a case, judge it, shrink it, confirm it, keep it; until the budget ends the run.

Owns the loop and the seeds. Knows nothing of terminals, pytest or files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import cast

import attrs

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.cutting import Case
from driftcheck.generate.draw import draw
from driftcheck.generate.effective_mutations import without_effect
from driftcheck.generate.plan import MAX_STEPS
from driftcheck.generate.shrink import Shrunk, shrink
from driftcheck.generate.strategy import CaseStrategy, LawStrategy, TraceStrategy, law_cases, traces
from driftcheck.lockstep.answer import UnconfirmedDeath
from driftcheck.lockstep.send_ahead import send_ahead
from driftcheck.oracle import checks
from driftcheck.oracle.checks import check
from driftcheck.oracle.oracle import Oracle, Verdict
from driftcheck.oracle.signature import Signature
from driftcheck.search.budget import GRACE_S, Budget, Clock
from driftcheck.search.confirm import confirm_shrunk, unconfirmed_death
from driftcheck.search.known_findings import KnownFindings, MissingWitness, New
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session
from driftcheck.search.statistics import RunStatistics, mutation_names

CHUNK = 1_000  # traces; then each law has its turn
LAW_SHARE = 10  # so many traces for one case of each law
STRICT = 64  # the replies of one trace in so many are read strictly; it costs as much as drawing two traces
SAMPLE = 8  # one trace in so many is run with states and varied; see docs/decisions.md
SHRINK_SETTLE_S = 0.02  # for a death in another thread than the step's; short, since a shrink waits often
PROGRESS_EVERY = 64  # traces

Probe = Callable[[Case, checks.Check | None], Verdict | None]  # judges a case while it is made smaller


@attrs.frozen(eq=False)
class Explored:
    """The result of a run of one contract."""

    contract: str
    seed: int
    statistics: RunStatistics
    findings: tuple[Finding, ...]
    witnesses: Mapping[str, Trace | LawCase]  # the shrunk case of each asymmetry that was seen, by id
    seconds: float
    ended_by: str  # "traces", "time", "interrupt", "exhausted", "finding" or "fault"
    hosts_spent: int
    killed: int = 0  # hosts that somebody else has killed; no findings
    passed_over: int = 0  # with `fail_fast`: divergences seen while the only finding was shrunk


def explore(
    session: Session,
    budget: Budget,
    *,
    seed: int,
    fail_fast: bool = False,
    corpus: Sequence[str] = (),
    observer: Observer | None = None,
    max_steps: int | None = None,
    laws: bool = True,
    witnesses: bool = True,
) -> Explored:
    """Search one contract for divergences.

    Args:
        session: the contract and its subjects.
        budget: ends the run.
        seed: with a budget in traces, the same seed gives the same findings.
        fail_fast: end with the first finding, and only count the other divergences that were seen by then.
        corpus: glob patterns of real documents to draw from.
        observer: learns of each event, and may interrupt the run.
        max_steps: the most steps of a trace; 50 where it is None.
        laws: also search with cases of each law.
        witnesses: shrink the first case of each asymmetry.

    Raises:
        DriftcheckError: an adapter, a law or an invariant is at fault, and `observer.fault` raises it.
    """
    explorer = _Explorer(session, budget, seed, observer, fail_fast=fail_fast, wants_witnesses=witnesses)
    return explorer.run(corpus, max_steps or MAX_STEPS, laws=laws)


def explore_law(
    session: Session, law: str, budget: Budget, *, seed: int, observer: Observer | None = None
) -> Explored:
    """Search for cases that break one law of a contract; `max_traces` of the budget counts these cases."""
    return _Explorer(session, budget, seed, observer).run_law(law)


def derived_seed(seed: int, *parts: object) -> int:
    """Derive a seed, so that no two parts of a run draw the same cases."""
    text = ":".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class _Explorer:
    """Runs one contract: draws cases, judges them, shrinks what is new, confirms it and keeps it."""

    def __init__(
        self,
        session: Session,
        budget: Budget,
        seed: int,
        observer: Observer | None,
        *,
        fail_fast: bool = False,
        wants_witnesses: bool = False,
    ) -> None:
        self._session = session
        self._oracle: Oracle = session.oracle
        self._budget = budget
        self._clock = Clock(budget)
        self._seed = seed
        self._fail_fast = fail_fast
        self._observer = observer or Observer()
        self._wants_witnesses = wants_witnesses
        self._statistics = RunStatistics()
        self._known = KnownFindings()
        self._last_seen: dict[Signature, Verdict] = {}  # of each divergence that is not confirmed yet
        self._findings: list[Finding] = []
        self._unconfirmed_deaths: list[UnconfirmedDeath] = []  # that are not findings yet
        self._passed_over = 0

    def run(self, corpus: Sequence[str], max_steps: int, *, laws: bool) -> Explored:
        """Search with traces, and with cases of each law if `laws`, until a budget ends the run."""
        schema, model = self._session.schema, self._session.model
        strategy = traces(schema, max_steps=max_steps, model=model, corpus=tuple(corpus))
        of_laws = [(law.name, law_cases(schema, law, model=model)) for law in schema.laws if laws]
        try:
            exhausted = self._search(strategy, of_laws)
        except DriftcheckError as fault:
            return self._break_off(fault)
        return self._close("exhausted" if exhausted else "traces")

    def run_law(self, law: str) -> Explored:
        """Search with cases of one law until a budget ends the run."""
        schema = self._session.schema
        spec = next(one for one in schema.laws if one.name == law)
        strategy = law_cases(schema, spec, model=self._session.model)
        left, chunk = self._budget.max_traces, 0
        try:
            while (left is None or left > 0) and not self._is_stopped():
                self._search_law(law, strategy, CHUNK if left is None else min(CHUNK, left), chunk)
                left = None if left is None else left - CHUNK
                chunk += 1
        except DriftcheckError as fault:
            return self._break_off(fault)
        return self._close("traces")

    def _search(self, strategy: TraceStrategy, laws: Sequence[tuple[str, LawStrategy]]) -> bool:
        """Search until a budget ends it; return whether nothing new was left to draw."""
        chunk, exhausted = 0, False
        while not self._is_over() and not exhausted:
            count = CHUNK
            if self._budget.max_traces is not None:
                count = min(CHUNK, self._budget.max_traces - self._statistics.traces)
            exhausted = self._search_traces(strategy, count, chunk) and not self._budget.max_time_s
            self._keep_unconfirmed_deaths()
            for name, cases in laws:
                if not self._is_stopped():
                    self._search_law(name, cases, max(1, count // LAW_SHARE), chunk)
            chunk += 1
        return exhausted

    def _search_traces(self, strategy: TraceStrategy, count: int, chunk: int) -> bool:
        """Judge so many traces; return whether the strategy has fewer new ones."""
        seed = derived_seed(self._seed, chunk)
        judged = 0
        for trace in send_ahead(islice(draw(strategy, seed), count), self._session.lockstep.ahead):
            if self._is_stopped():
                return False
            judged += 1
            new = self._new_in(self._judge(trace), wants_witness=not self._clock.is_half_over())
            if new is not None:
                self._report(strategy, trace, new, self._probe, seed)
        return judged < count

    def _search_law(self, name: str, strategy: LawStrategy, count: int, chunk: int) -> None:
        """Judge so many cases of a law."""
        seed = derived_seed(self._seed, chunk, name)
        for case in islice(draw(strategy, seed), count):
            if self._is_stopped():
                return
            verdict = self._oracle.law(case)
            self._statistics.count_law(name, verdict)
            new = self._new_in(verdict, wants_witness=not self._clock.is_half_over())
            if new is not None:
                self._report(strategy, case, new, self._probe_law, seed)

    def _judge(self, trace: Trace) -> Verdict:
        """Judge and count a trace that was drawn."""
        number = self._statistics.traces
        verdict = self._oracle.explore(
            trace, sampled=number % SAMPLE == 0, found_before=self._known.signatures
        )
        if number % STRICT == 0 and verdict.execution is not None:
            self._oracle.check_replies(verdict.execution)
        self._statistics.count_trace(self._session.schema, trace, verdict)
        if self._statistics.traces % PROGRESS_EVERY == 0:
            self._observer.progress(self._statistics, len(self._findings))
        self._unconfirmed_deaths += verdict.unconfirmed_deaths
        if verdict.divergence is not None and verdict.divergence.signature not in self._known.signatures:
            verdict = self._oracle.rule_out_nondeterminism(verdict)
            self._unconfirmed_deaths += verdict.unconfirmed_deaths
        return verdict

    def _probe(self, trace: Trace, target: checks.Check | None) -> Verdict | None:
        """Judge a trace while a divergence of this check is shrunk; None: the verdict is not reliable."""
        settle_s = SHRINK_SETTLE_S if target == checks.CRASH else 0.0
        verdict = self._oracle.probe(trace, settle_s=settle_s, varying=target == checks.NOT_DETERMINISTIC)
        if target != checks.HANG and _hangs(verdict):
            return None  # under the short deadline of a shrink, a slow step looks like a hang
        return verdict

    def _probe_law(self, case: LawCase, target: checks.Check | None) -> Verdict | None:
        return self._oracle.law(case)

    def _new_in(self, verdict: Verdict, *, wants_witness: bool) -> New | None:
        """Return what a verdict shows for the first time, and remember the verdict until it is confirmed."""
        new = self._known.new_in(verdict, wants_witness=self._wants_witnesses and wants_witness)
        if isinstance(new, Signature):
            self._last_seen[new] = verdict
        return new

    def _report(
        self, strategy: CaseStrategy[Case], case: Case, new: New, probe: Probe[Case], seed: int
    ) -> None:
        """Shrink and keep what a case shows, then what else was seen while it was shrunk."""
        waiting = {new: case}
        while waiting:
            new, case = next(iter(waiting.items()))
            del waiting[new]
            if self._known.has(new):
                continue
            if self._has_ended_fast():
                self._passed_over += isinstance(new, Signature)
                continue
            shrunk = self._shrink(strategy, case, new, probe, seed)
            match new:
                case MissingWitness(asymmetry):
                    self._keep_witness(asymmetry, shrunk)
                case Signature():
                    self._keep(new, shrunk)
            for other, first in shrunk.others.items():
                waiting.setdefault(cast(New, other), first)

    def _shrink(
        self, strategy: CaseStrategy[Case], case: Case, new: New, probe: Probe[Case], seed: int
    ) -> Shrunk[Case]:
        target, grace_s = None, 0.0
        if isinstance(new, Signature):
            target, grace_s = check(new.check, self._session.schema.plugin_checks), GRACE_S

        def judge(smaller: Case) -> New | None:
            verdict = probe(smaller, target)
            return None if verdict is None else self._new_in(verdict, wants_witness=True)

        def stop() -> bool:
            return self._observer.interrupted() or self._clock.is_over(grace_s)

        return shrink(strategy, case, judge, new, seed=seed, stop=stop)

    def _keep_witness(self, asymmetry: str, shrunk: Shrunk[Case]) -> None:
        self._known.witnesses[asymmetry] = shrunk.case
        if isinstance(shrunk.original, Trace):
            self._statistics.mark_exercised(shrunk.original, asymmetry)
        self._observer.witness(asymmetry, shrunk.case)

    def _keep(self, signature: Signature, shrunk: Shrunk[Case]) -> None:
        """Confirm a shrunk case and keep it."""
        self._known.signatures.add(signature)
        if isinstance(shrunk.original, Trace):
            self._statistics.mark_exercised(shrunk.original)
        confirmation = confirm_shrunk(self._session, shrunk, self._last_seen.pop(signature), self._known)
        self._unconfirmed_deaths += confirmation.unconfirmed_deaths
        if confirmation.finding is not None:
            self._add(confirmation.finding)

    def _add(self, finding: Finding) -> None:
        self._known.signatures.add(finding.signature)
        self._findings.append(finding)
        take_deaths = self._session.lockstep.take_unconfirmed_deaths
        self._unconfirmed_deaths += take_deaths()
        self._observer.finding(finding)
        take_deaths()  # of cases that the observer has replayed in these hosts

    def _keep_unconfirmed_deaths(self) -> None:
        """Keep each death that did not recur when its trace ran alone, with the batch of its host."""
        deaths = [*self._unconfirmed_deaths, *self._session.lockstep.take_unconfirmed_deaths()]
        self._unconfirmed_deaths.clear()
        for death in deaths:
            finding = unconfirmed_death(self._session, death)
            if finding.signature in self._known.signatures:
                continue
            if self._has_ended_fast():
                self._known.signatures.add(finding.signature)
                self._passed_over += 1
            else:
                self._add(finding)

    def _is_stopped(self) -> bool:
        return self._observer.interrupted() or self._clock.is_over() or self._has_ended_fast()

    def _has_ended_fast(self) -> bool:
        return self._fail_fast and bool(self._findings)

    def _is_over(self) -> bool:
        most = self._budget.max_traces
        return (most is not None and self._statistics.traces >= most) or self._is_stopped()

    def _close(self, ended_by: str) -> Explored:
        self._keep_unconfirmed_deaths()
        if self._observer.interrupted():
            ended_by = "interrupt"
        elif self._has_ended_fast():
            ended_by = "finding"
        elif self._clock.is_over():
            ended_by = "time"
        return self._explored(ended_by)

    def _break_off(self, fault: DriftcheckError) -> Explored:
        """Close a run whose hosts, or whose judges, are not reliable any more."""
        self._observer.fault(fault)
        return self._explored("fault")

    def _explored(self, ended_by: str) -> Explored:
        schema, statistics = self._session.schema, self._statistics
        never = [name for name in mutation_names(schema) if not statistics.payloads[name]]
        statistics.without_effect = without_effect(schema, never)
        return Explored(
            contract=schema.name,
            seed=self._seed,
            statistics=statistics,
            findings=tuple(self._findings),
            witnesses=dict(self._known.witnesses),
            seconds=self._clock.seconds,
            ended_by=ended_by,
            hosts_spent=self._session.lockstep.hosts_spent,
            killed=self._session.lockstep.killed,
            passed_over=self._passed_over,
        )


def _hangs(verdict: Verdict) -> bool:
    return verdict.divergence is not None and verdict.divergence.check == checks.HANG
