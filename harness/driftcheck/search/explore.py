"""
The run of one contract. Until its budget ends, it draws a case, glances at it, and lets triage work on what
diverges.

Owns the loop. Knows nothing of terminals, pytest or files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.trace import LawCase, Trace
from driftcheck.generate.draw import draw
from driftcheck.generate.plan import MAX_STEPS
from driftcheck.generate.strategy import LawStrategy, TraceStrategy, law_cases
from driftcheck.lockstep.native import NativeSearch
from driftcheck.lockstep.send_ahead import send_ahead
from driftcheck.lockstep.sweep import PYTHON_EACH
from driftcheck.oracle.oracle import Glance, Oracle, Verdict
from driftcheck.oracle.signature import Divergence
from driftcheck.search.budget import GRACE_S, REST_S, Budget, Clock
from driftcheck.search.drawing import Drawing, derived_seed, drawing_of
from driftcheck.search.explored import Explored
from driftcheck.search.glances import Glances
from driftcheck.search.observer import Observer
from driftcheck.search.samples import Samples
from driftcheck.search.session import Session
from driftcheck.search.shares import Shares
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.steering import Steering
from driftcheck.search.sweeps import Sighted
from driftcheck.search.triage import Triage

CHUNK = 1_000  # traces of one seed
FIRST_BATCH = 4  # traces that are drawn before any of them was run
STRICT = 64  # one trace in 64 has its replies read strictly, which costs as much as drawing two traces
PROGRESS_EVERY = 64  # traces


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
    native: NativeSearch | None = None,
    begin_with: Sequence[Trace] = (),
    known: Sequence[Divergence] = (),
) -> Explored:
    """Search one contract for divergences.

    Args:
        session: the contract and its subjects.
        budget: ends the run.
        seed: with a budget in traces, the same seed gives the same findings.
        fail_fast: end with the first finding, and only count the other divergences that were seen by then.
        corpus: glob patterns of real documents to draw from.
        observer: learns of each event, and may interrupt the run.
        max_steps: the most steps of a trace; 50 if it is None.
        laws: also search with cases of each law.
        witnesses: shrink the first case of each asymmetry.
        native: draws the traces of sweeps, which take half of the search; some contracts have none.
        begin_with: traces to judge and to learn from, before any is drawn.
        known: divergences that are findings already, so that they are not reported again.

    Raises:
        DriftcheckError: an adapter, a law or an invariant is at fault, and `observer.fault` raises it.
    """
    explorer = _Explorer(
        session, budget, seed, observer, fail_fast=fail_fast, wants_witnesses=witnesses, known=known
    )
    return explorer.run(corpus, max_steps or MAX_STEPS, begin_with, laws=laws, native=native)


def explore_law(
    session: Session, law: str, budget: Budget, *, seed: int, observer: Observer | None = None
) -> Explored:
    """Search for cases that break one law of a contract; `max_traces` of the budget counts these cases."""
    return _Explorer(session, budget, seed, observer).run_law(law)


class _Explorer:
    """Runs one contract: draws cases, glances at them, and lets triage work on what diverges."""

    def __init__(
        self,
        session: Session,
        budget: Budget,
        seed: int,
        observer: Observer | None,
        *,
        fail_fast: bool = False,
        wants_witnesses: bool = False,
        known: Sequence[Divergence] = (),
    ) -> None:
        self._session = session
        self._oracle: Oracle = session.oracle
        self._budget = budget
        self._clock = Clock(budget)
        self._seed = seed
        self._observer = observer or Observer()
        self._statistics = RunStatistics()
        self._samples = Samples()
        self._law_seconds = self._examined_seconds = 0.0
        self._shares = Shares(in_seconds=budget.max_traces is None)
        self._steering = Steering(session.schema, self._statistics.sighted)
        self._triage = Triage(
            session,
            self._statistics,
            self._shares,
            self._observer,
            is_late=lambda: self._is_time_over(REST_S),
            is_over=self._is_grace_over,
            stops_at_first=fail_fast,
            wants_witnesses=wants_witnesses,
            learn=self._steering.learn,
            known=known,
        )

        self._glances = Glances(self._oracle, self._statistics, self._shares, self._steering, self._triage)

    def run(
        self,
        corpus: Sequence[str],
        max_steps: int,
        begin_with: Sequence[Trace],
        *,
        laws: bool,
        native: NativeSearch | None,
    ) -> Explored:
        """Search with traces, and with cases of each law if `laws`, until a budget ends the run."""
        drawing = drawing_of(
            self._session,
            self._seed,
            corpus=corpus,
            max_steps=max_steps,
            laws=laws,
            native=native,
            in_seconds=self._budget.max_traces is None,
        )
        try:
            self._judge_all(begin_with, drawing, self._seed)
            exhausted = self._search(drawing)
            self._triage.finish()
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
            self._triage.finish()
        except DriftcheckError as fault:
            return self._break_off(fault)
        return self._close("traces")

    def _search(self, drawing: Drawing) -> bool:
        """Search until a budget ends it; return whether nothing new was left to draw."""
        chunk, exhausted = 0, False
        while not self._is_over() and not exhausted:
            count = CHUNK
            if self._budget.max_traces is not None:
                count = min(CHUNK, self._budget.max_traces - self._statistics.traces)
            before = self._statistics.drawn
            exhausted = self._search_traces(drawing, count, chunk) and not self._budget.max_time_s
            self._triage.keep_unconfirmed_deaths()
            self._give_laws_their_turns(drawing, before + count)  # also if there were fewer traces to draw
            chunk += 1
        return exhausted

    def _give_laws_their_turns(self, drawing: Drawing, traces: int) -> None:
        """Judge the cases of laws that are due after a number of traces."""
        turns = drawing.law_turns
        while not self._is_stopped():
            name = next(turns.due(traces, time_taken=self._part_of_time(self._law_seconds)), None)
            if name is None:
                return
            law = drawing.laws[name]
            case = next(law.cases, None)
            if case is None:  # nothing new is left to draw
                turns.end(name, is_decided=True, is_broken=False)
                continue
            started = self._clock.seconds
            verdict = self._judge_law(name, case, law.strategy, law.seed)
            self._law_seconds += self._clock.seconds - started
            turns.end(name, is_decided=bool(verdict.exercised.laws), is_broken=verdict.divergence is not None)

    def _search_traces(self, drawing: Drawing, count: int, chunk: int) -> bool:
        """Judge `count` traces; return whether the strategy has fewer new ones."""
        seed = derived_seed(self._seed, chunk)
        drawn = islice(draw(drawing.guided, seed, self._steering), count)

        def take_turns() -> None:
            self._give_laws_their_turns(drawing, self._statistics.drawn)
            self._sweep(drawing)

        judged = self._judge_all(drawn, drawing, seed, then=take_turns)
        return judged < count and not self._is_over()

    def _judge_all(
        self,
        some: Iterable[Trace],
        drawing: Drawing,
        seed: int,
        *,
        then: Callable[[], None] = lambda: None,
    ) -> int:
        """Judge traces until the run ends; return how many.

        Args:
            then: called after each.
        """
        judged = 0
        send = partial(self._session.lockstep.ahead, without=drawing.spared)
        for trace in send_ahead(some, send, first=FIRST_BATCH):
            if self._is_over():  # sweeps count, too
                break
            judged += 1
            self._judge(trace, drawing, seed)
            self._shares.end_search()
            self._triage.work()
            then()
        return judged

    def _search_law(self, name: str, strategy: LawStrategy, count: int, chunk: int) -> None:
        """Judge `count` cases of a law."""
        seed = derived_seed(self._seed, chunk, name)
        for case in islice(draw(strategy, seed), count):
            if self._is_stopped():
                return
            self._judge_law(name, case, strategy, seed)

    def _judge_law(self, name: str, case: LawCase, strategy: LawStrategy, seed: int) -> Verdict:
        verdict = self._oracle.law(case)
        self._shares.add_cases(1)
        self._statistics.count_law(name)
        self._triage.report(verdict, case, strategy, seed)
        self._shares.end_search()
        self._triage.work()
        return verdict

    def _judge(self, trace: Trace, drawing: Drawing, seed: int) -> None:
        """Glance at a trace that was drawn; sample those that do not diverge."""
        strategy, number = drawing.strategy, self._statistics.drawn
        glance = self._glances.at(trace, without=drawing.spared)
        self._statistics.count_execution(self._session.schema, glance.execution)
        self._observer.executed(glance.execution)
        if glance.execution.reaches_new:
            self._observer.reached(glance.execution)
        is_new = False
        if not strategy.interpreter.plan.is_stateless:
            is_new = drawing.feedback.give(glance.execution, is_equal=glance.divergence is None)
        if self._statistics.drawn % PROGRESS_EVERY == 0:
            self._observer.progress(self._statistics, len(self._triage.findings))
        is_sampled = self._samples.wants(
            number, is_new=is_new, time_taken=self._part_of_time(self._examined_seconds)
        )
        if drawing.spared:
            if glance.divergence is None and not is_sampled and number % PYTHON_EACH:
                return
            glance = self._glances.at_all(trace, strategy, seen=glance)
        if number % STRICT == 0:
            self._oracle.check_replies(glance.execution)
        glance_behind = self._glances.offer(glance, strategy, seed)
        if glance_behind is not None and glance_behind.divergence is None and is_sampled:
            self._examine(glance_behind, number, strategy, seed)

    def _examine(self, glance: Glance, number: int, strategy: TraceStrategy, seed: int) -> None:
        """Examine the trace of a glance that shows no divergence."""
        started = self._clock.seconds
        verdict = self._oracle.examine(glance)
        self._examined_seconds += self._clock.seconds - started
        if verdict.divergence is not None:
            self._samples.found(number)
        self._triage.report(verdict, glance.execution.trace, strategy, seed)

    def _sweep(self, drawing: Drawing) -> None:
        """Have the hosts draw traces themselves while that is due, and judge what they cannot settle."""
        sweeps, statistics = drawing.sweeps, self._statistics
        while (
            sweeps is not None
            and sweeps.is_due(statistics.drawn, self._shares.searched)
            and not self._is_over()
        ):
            most = self._budget.max_traces
            left = None if most is None else most - statistics.traces
            sighted = sweeps.next(left, statistics.drawn)
            before = self._clock.seconds
            self._judge_swept(sighted, drawing.strategy)
            sweeps.add_seconds(self._clock.seconds - before)
            self._observer.progress(statistics, len(self._triage.findings))
            self._shares.end_search()
            self._triage.work()

    def _judge_swept(self, sighted: Sighted, strategy: TraceStrategy) -> None:
        """Count a sweep, and judge those of its traces that it has not settled."""
        if sighted.is_counted:
            self._statistics.count_sweep(self._session.schema, sighted.swept)
        seed, has_died = derived_seed(self._seed, "sweeps"), False
        for trace in send_ahead(sighted.again, self._session.lockstep.ahead):
            if self._is_stopped():
                return
            glance = self._glances.at_all(trace, strategy)
            if glance.execution.reaches_new:
                self._observer.reached(glance.execution)
            has_died |= any(answer.death is not None for answer in glance.execution.answers.values())
            if not sighted.is_counted:
                self._statistics.count_execution(self._session.schema, glance.execution)
            self._glances.offer(glance, strategy, seed)
        if not has_died:
            self._triage.unconfirmed_deaths += sighted.unconfirmed()
        for trace in send_ahead(sighted.reaching, self._session.lockstep.ahead):
            if self._is_stopped():
                return
            self._observer.reached(self._session.lockstep.run(trace))

    def _part_of_time(self, seconds: float) -> float:
        """Return the part of the run that some seconds are; 0 where its time is not limited."""
        return 0.0 if self._budget.max_time_s is None else seconds / max(self._clock.seconds, 1e-9)

    def _is_grace_over(self) -> bool:
        return self._observer.interrupted() or self._is_time_over(GRACE_S)

    def _is_stopped(self) -> bool:
        return self._observer.interrupted() or self._is_time_over() or self._triage.has_ended

    def _is_time_over(self, grace_s: float = 0.0) -> bool:
        if self._observer.finishing():
            self._clock.end()
        return self._clock.is_over(grace_s)

    def _is_over(self) -> bool:
        most = self._budget.max_traces
        return (most is not None and self._statistics.traces >= most) or self._is_stopped()

    def _close(self, ended_by: str) -> Explored:
        self._triage.keep_unconfirmed_deaths()
        if self._observer.interrupted():
            ended_by = "interrupt"
        elif self._triage.has_ended:
            ended_by = "finding"
        elif self._clock.is_over():
            ended_by = "time"
        return self._explored(ended_by)

    def _break_off(self, fault: DriftcheckError) -> Explored:
        """Close a run in which an adapter, a law or an invariant is at fault; keep what it has seen."""
        with suppress(DriftcheckError):
            self._triage.finish()
        self._observer.fault(fault)
        return self._explored("fault")

    def _explored(self, ended_by: str) -> Explored:
        return Explored(
            contract=self._session.schema.name,
            seed=self._seed,
            statistics=self._statistics,
            findings=tuple(self._triage.findings),
            witnesses=dict(self._triage.known.witnesses),
            seconds=self._clock.seconds,
            ended_by=ended_by,
            hosts_spent=self._session.lockstep.hosts_spent,
            killed=self._session.lockstep.killed,
            more=dict(self._triage.more),
            passed_over=self._triage.passed_over,
            unexamined=self._triage.unexamined,
            drawn_rarely=self._steering.drawn_rarely,
        )
