"""
The run: draw, run, judge, shrink, confirm, go on; until a budget ends it.

Owns budgets, seeds and what counts as new. Knows a session, the search and findings; nothing of terminals,
pytest or files.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import attrs

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.effective_mutations import without_effect
from driftcheck.generate.engine import Found, search
from driftcheck.generate.strategy import LawStrategy, TraceStrategy, law_cases, traces
from driftcheck.lockstep.answer import UnconfirmedDeath
from driftcheck.oracle import checks
from driftcheck.oracle.checks import check
from driftcheck.oracle.oracle import SAMPLE, STRICT, Oracle, Verdict
from driftcheck.oracle.signature import Signature
from driftcheck.search.confirm import came_once, confirm, unconfirmed_death
from driftcheck.search.session import Session
from driftcheck.search.statistics import RunStatistics, mutation_names

CHUNK = 1_000  # traces; then each law has its turn
LAW_SHARE = 10  # one case of each law to so many traces
SHRINK_SETTLE_S = 0.02  # for a death that is not of the step's own thread; short, since a shrink waits often
GRACE_S = 30.0  # beyond the budget in time, for a finding that is being shrunk


@attrs.frozen
class Budget:
    """When to end: counts shape what is found, time only ends it."""

    max_traces: int | None = None
    max_time_s: float | None = None


@attrs.frozen
class Known:
    """Stands for the signature of a known difference while its smallest witness is looked for."""

    asymmetry: str  # id


@attrs.frozen(eq=False)
class Explored:
    """What a run of one contract came to."""

    contract: str
    seed: int
    statistics: RunStatistics
    findings: tuple[Finding, ...]
    witnesses: Mapping[str, Trace | LawCase]  # the smallest case met of each known difference, by id
    seconds: float
    ended_by: str  # "traces", "time", "interrupt", "exhausted", "finding" or "fault"
    hosts_spent: int
    passed_over: int = 0  # other divergences that were met before the first finding was shrunk and ended it


def _raised(fault: DriftcheckError) -> None:
    raise fault


@attrs.define
class Watch:
    """What a caller may follow, and how it may end a run."""

    progress: Callable[[RunStatistics, int], None] = lambda statistics, findings: None
    finding: Callable[[Finding], None] = lambda finding: None
    witness: Callable[[str, Trace | LawCase], None] = lambda asymmetry, case: None
    interrupted: Callable[[], bool] = lambda: False
    fault: Callable[[DriftcheckError], None] = _raised  # where it returns, what was done until then counts


def explore(
    session: Session,
    budget: Budget,
    *,
    seed: int,
    fail_fast: bool = False,
    corpus: Sequence[str] = (),
    watch: Watch | None = None,
    max_steps: int | None = None,
    laws: bool = True,
    witnesses: bool = True,
) -> Explored:
    """Search one contract for divergences.

    Args:
        session: the contract and its subjects.
        budget: without traces and time it ends only when interrupted.
        seed: the same one, with a budget in traces, gives the same findings.
        fail_fast: end with the first finding, shrunk; what else was met by then is counted, and no finding.
        seeds: glob patterns of further real documents.
        watch: follows the run and may interrupt it.
        max_steps: of a trace; the plan's own number where None.
        laws: give each law its turn.
        witnesses: shrink the first case of each known difference, to be shown.

    Raises:
        DriftcheckError: an adapter, a law or an invariant is at fault, and `watch.fault` raises it.
    """
    explorer = _Explorer(session, budget, seed, fail_fast, watch or Watch(), witnesses)
    return explorer.run(corpus, max_steps, [law.name for law in session.schema.laws] if laws else [])


def explore_law(
    session: Session, law: str, budget: Budget, *, seed: int, watch: Watch | None = None
) -> Explored:
    """Search one law of a contract for cases in which it is broken; the budget's traces count its cases."""
    return _Explorer(session, budget, seed, False, watch or Watch(), False).run_law(law)


def derived_seed(seed: int, *parts: object) -> int:
    """Derive a seed, so that no two shards or chunks repeat each other."""
    text = ":".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class _Explorer:
    def __init__(
        self,
        session: Session,
        budget: Budget,
        seed: int,
        fail_fast: bool,
        watch: Watch,
        wants_witnesses: bool,
    ) -> None:
        self.session = session
        self.oracle: Oracle = session.oracle
        self.budget = budget
        self.seed = seed
        self.fail_fast = fail_fast
        self.watch = watch
        self.wants_witnesses = wants_witnesses
        self.statistics = RunStatistics()
        self.known: set[Signature] = set()
        self.seen: dict[Signature, Verdict] = {}  # what is not kept yet
        self.findings: list[Finding] = []
        self.unconfirmed_deaths: list[UnconfirmedDeath] = []  # that no finding tells of yet
        self.passed_over = 0
        self.witnesses: dict[str, Trace | LawCase] = {}
        self.started = time.monotonic()
        self.target: checks.Check | None = None  # what is being shrunk at the moment

    def run(self, corpus: Sequence[str], max_steps: int | None, law_names: Sequence[str]) -> Explored:
        schema, model = self.session.schema, self.session.model
        more: dict[str, Any] = {} if max_steps is None else {"max_steps": max_steps}
        strategy = traces(schema, model=model, corpus=tuple(corpus), **more)
        laws = [
            (law.name, law_cases(schema, law, model=model)) for law in schema.laws if law.name in law_names
        ]
        try:
            exhausted = self.search_traces(strategy, laws)
        except DriftcheckError as fault:
            return self.break_off(fault)
        return self.close("exhausted" if exhausted else "traces")

    def search_traces(self, strategy: TraceStrategy, laws: Sequence[tuple[str, LawStrategy]]) -> bool:
        """Search until a budget ends it; return whether there was nothing new left to draw."""
        chunk, exhausted = 0, False
        while not self.is_over() and not exhausted:
            left = CHUNK
            if self.budget.max_traces is not None:
                left = min(CHUNK, self.budget.max_traces - self.statistics.traces)
            result = search(
                strategy,
                self.judge,
                seed=derived_seed(self.seed, chunk),
                max_cases=left,
                stop=self.is_stopped,
                ahead=self.session.lockstep.ahead,
                begins=self.aim,
                found=self.keep,
            )
            self.keep_unconfirmed_deaths()
            exhausted = result.is_exhausted and not self.budget.max_time_s
            for name, cases in laws:
                if not self.is_stopped():
                    self.law(name, cases, max(1, left // LAW_SHARE), chunk)
            chunk += 1
        return exhausted

    def run_law(self, law: str) -> Explored:
        schema = self.session.schema
        spec = next(one for one in schema.laws if one.name == law)
        strategy = law_cases(schema, spec, model=self.session.model)
        left, chunk = self.budget.max_traces, 0
        try:
            while (left is None or left > 0) and not self.is_stopped():
                self.law(law, strategy, CHUNK if left is None else min(CHUNK, left), chunk)
                left = None if left is None else left - CHUNK
                chunk += 1
        except DriftcheckError as fault:
            return self.break_off(fault)
        return self.close("traces")

    def law(self, name: str, strategy: LawStrategy, cases: int, chunk: int) -> None:
        result = search(
            strategy,
            self.judge_law,
            seed=derived_seed(self.seed, chunk, name),
            max_cases=cases,
            stop=self.is_stopped,
            begins=self.aim,
            found=self.keep,
        )
        self.statistics.law_cases[name] += result.cases

    def keep_unconfirmed_deaths(self) -> None:
        """Keep the deaths that did not recur when their trace ran alone, each with its batch."""
        deaths = [*self.unconfirmed_deaths, *self.session.lockstep.take_unconfirmed_deaths()]
        self.unconfirmed_deaths.clear()
        for death in deaths:
            finding = unconfirmed_death(self.session, death)
            if finding.signature not in self.known:
                self.known.add(finding.signature)
                if self.has_ended_fast():
                    self.passed_over += 1
                    continue
                self.findings.append(finding)
                self.watch.finding(finding)

    def close(self, ended_by: str) -> Explored:
        self.keep_unconfirmed_deaths()
        if self.watch.interrupted():
            ended_by = "interrupt"
        elif self.has_ended_fast():
            ended_by = "finding"
        elif self.is_out_of_time():
            ended_by = "time"
        return self.explored(ended_by)

    def break_off(self, fault: DriftcheckError) -> Explored:
        """Close where the hosts, or what judges them, cannot be relied on any more."""
        self.watch.fault(fault)
        return self.explored("fault")

    def explored(self, ended_by: str) -> Explored:
        schema = self.session.schema
        never = [name for name in mutation_names(schema) if not self.statistics.payloads[name]]
        self.statistics.without_effect = without_effect(schema, never)
        return Explored(
            contract=schema.name,
            seed=self.seed,
            statistics=self.statistics,
            findings=tuple(self.findings),
            witnesses=dict(self.witnesses),
            seconds=time.monotonic() - self.started,
            ended_by=ended_by,
            hosts_spent=self.session.lockstep.hosts_spent,
            passed_over=self.passed_over,
        )

    def is_out_of_time(self, grace_s: float = 0.0) -> bool:
        limit = self.budget.max_time_s
        return limit is not None and time.monotonic() - self.started >= limit + grace_s

    def is_half_over(self) -> bool:
        """Say whether half of the time is spent: the other half is for what nobody knows of yet."""
        limit = self.budget.max_time_s
        return limit is not None and time.monotonic() - self.started >= limit / 2

    def is_stopped(self) -> bool:
        if self.watch.interrupted():
            return True
        if self.target is not None:
            return self.is_out_of_time(GRACE_S)
        return self.is_out_of_time() or self.has_ended_fast()

    def has_ended_fast(self) -> bool:
        return self.fail_fast and bool(self.findings)

    def is_over(self) -> bool:
        spent = self.budget.max_traces is not None and self.statistics.traces >= self.budget.max_traces
        return spent or self.is_stopped()

    def judge(self, trace: Trace, shrinking: bool) -> Hashable | None:
        if shrinking:
            settle_s = SHRINK_SETTLE_S if self.target == checks.CRASH else 0.0
            varying = self.target == checks.NOT_DETERMINISTIC
            verdict = self.oracle.probe(trace, settle_s=settle_s, varying=varying)
            if self.target != checks.HANG and _hangs(verdict):
                return None  # under the short deadline of a shrink it may be but slow; a real one comes again
            return self.new(verdict, shrinking)
        is_sampled = self.statistics.traces % SAMPLE == 0
        verdict = self.oracle.explore(trace, sampled=is_sampled, found_before=self.known)
        if self.statistics.traces % STRICT == 0 and verdict.execution is not None:
            self.oracle.check_replies(verdict.execution)
        self.count(trace, verdict)
        self.unconfirmed_deaths += verdict.unconfirmed_deaths
        if verdict.divergence is not None and verdict.divergence.signature not in self.known:
            verdict = self.oracle.rule_out_nondeterminism(verdict)
            self.unconfirmed_deaths += verdict.unconfirmed_deaths
        return self.new(verdict, shrinking)

    def judge_law(self, case: LawCase, shrinking: bool) -> Hashable | None:
        verdict = self.oracle.law(case)
        if not shrinking:
            self.statistics.add(verdict.exercised)
            self.count_known(verdict)
        return self.new(verdict, shrinking)

    def new(self, verdict: Verdict, shrinking: bool) -> Signature | Known | None:
        """Return what is not known yet: a divergence, else an asymmetry that has no witness."""
        if verdict.divergence is not None:
            signature = verdict.divergence.signature
            if signature not in self.known:
                self.seen[signature] = verdict
                return signature
        if not self.wants_witnesses or (not shrinking and self.is_half_over()):
            return None
        return next(
            (Known(m.entry.id) for m in verdict.asymmetries if m.entry.id not in self.witnesses), None
        )

    def count(self, trace: Trace, verdict: Verdict) -> None:
        assert verdict.execution is not None
        first = next(iter(verdict.execution.answers.values()))
        self.statistics.count(self.session.schema, trace, first)
        if not verdict.execution.is_equal:
            self.statistics.deaths += sum(a.death is not None for a in verdict.execution.answers.values())
            self.statistics.count_unsupported(trace, verdict.execution.answers)
        self.statistics.add(verdict.exercised)
        self.count_known(verdict)
        if verdict.not_judged_from is not None:
            self.statistics.not_judged += len(trace.steps) - verdict.not_judged_from - 1
        if self.statistics.traces % 64 == 0:
            self.watch.progress(self.statistics, len(self.findings))

    def count_known(self, verdict: Verdict) -> None:
        for met in verdict.asymmetries:
            self.statistics.known[met.entry.id] += 1
            self.statistics.first_seen.setdefault(met.entry.id, self.statistics.traces)
            self.statistics.disagreement[met.divergence.disagreement] += 1

    def aim(self, signature: Hashable) -> None:
        """Learn what is shrunk from now on."""
        if isinstance(signature, Signature) and not self.has_ended_fast():
            self.target = check(signature.check, self.session.schema.plugin_checks)

    def keep(self, found: Found[Trace] | Found[LawCase]) -> None:
        """Confirm a shrunk case and keep it."""
        self.target = None
        if self.has_ended_fast():  # met on the way to the first finding, and not shrunk
            self.passed_over += isinstance(found.signature, Signature)
            return
        if isinstance(found.signature, Known):
            self.witnesses[found.signature.asymmetry] = found.case
            if isinstance(found.original, Trace):
                self.statistics.mark_exercised(found.original, found.signature.asymmetry)
            self.watch.witness(found.signature.asymmetry, found.case)
            return
        assert isinstance(found.signature, Signature)
        self.known.add(found.signature)
        if isinstance(found.original, Trace):
            self.statistics.mark_exercised(found.original)
        finding = confirm(self.session, found.case, found.signature)
        if finding is None:  # what was shrunk does not recur: perhaps what was drawn does
            finding = confirm(self.session, found.original, found.signature)
        if finding is None:
            verdict = self.oracle.rule_out_nondeterminism(self.seen[found.signature])
            self.unconfirmed_deaths += verdict.unconfirmed_deaths
            told = None if verdict.divergence is None else verdict.divergence.signature
            if told is None or (told != found.signature and told in self.known):
                del self.seen[found.signature]  # it came of what is known to vary
                return
            self.known.add(told)
            finding = came_once(self.session, found.original, verdict)
        del self.seen[found.signature]  # the others are of cases that still wait to be shrunk
        self.findings.append(finding)
        self.watch.finding(finding)


def _hangs(verdict: Verdict) -> bool:
    return verdict.divergence is not None and verdict.divergence.check == checks.HANG
