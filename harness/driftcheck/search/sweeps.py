"""
The sweeps of a run: when the hosts draw traces themselves, how many, and which of these are looked at again.

Owns the seeds, the pools and the size of a sweep. Knows nothing of verdicts: what a sweep cannot decide goes
to the oracle like any other trace.
"""

from __future__ import annotations

import time

import attrs

from driftcheck.core.outcome import was_killed
from driftcheck.core.trace import Trace
from driftcheck.generate.native_traces import NativeTraces
from driftcheck.generate.plan_export import export_plan
from driftcheck.generate.pools import NoPool, why_left_to_python
from driftcheck.generate.strategy import TraceStrategy
from driftcheck.lockstep.answer import UnconfirmedDeath
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.lockstep.native import NativeSearch, SweepPlan
from driftcheck.lockstep.sweep import PYTHON_EACH, Swept

SHARE = 0.3  # of the work of the search
FIRST_S = 1.0  # that the search takes before its first sweep, since guidance and steering learn meanwhile
TURN = 1_000  # with a budget in traces: as many are swept as were drawn, in turns of this many
SMALLEST, LARGEST = 16, 256  # traces of a sweep; see docs/explanation/measurements.md
SOON_S, LATE_S = 0.05, 0.3  # a sweep takes between these times, so that all else keeps its turn
MODEL = 2.0  # sweeps take up to this many times as long, so that a slow model is asked, too
POOLED = 16_384  # traces that are drawn from the same pools
CROWDED = (
    32  # traces of a sweep that differ; more are not looked at, since steering passes over what is known
)
REACHING = 32  # traces of a sweep that are kept for what they reached; a later turn finds the others again
REST = 64  # traces that are drawn here after a crowded sweep, and twice as many after the next one


@attrs.frozen(eq=False)
class Sighted:
    """A sweep, and what is looked at again."""

    swept: Swept
    is_counted: bool  # False if its traces are run again, or if it is so crowded that some are not looked at
    again: tuple[Trace, ...] = ()
    reaching: tuple[Trace, ...] = ()  # those that reached something new

    def unconfirmed(self) -> tuple[UnconfirmedDeath, ...]:
        """Return the deaths of the sweep, for the case that none recurs when its traces are run again."""
        return tuple(
            UnconfirmedDeath(d.subject, d.outcome, self.again, min(d.number, len(self.again) - 1))
            for d in self.swept.deaths
            if not was_killed(d.outcome)
        )


class _NoTrace(Exception):
    """The plan gives no trace."""


class Sweeps:
    """The sweeps of one run.

    Args:
        native: draws the traces.
        lockstep: the subjects.
        strategy: of the traces.
        seed: the same seed gives the same traces.
        in_seconds: sweeps get their share of the time; otherwise as many traces are swept as are drawn.
    """

    def __init__(
        self,
        native: NativeSearch,
        lockstep: Lockstep,
        strategy: TraceStrategy,
        seed: int,
        *,
        in_seconds: bool,
    ) -> None:
        self._native = native
        self._lockstep = lockstep
        self._interpreter = strategy.interpreter
        self._seed = seed
        self._in_seconds = in_seconds
        plan, schema = strategy.interpreter.plan, strategy.interpreter.schema
        self.why_not = why_left_to_python(plan, schema)  # None if there are sweeps
        self._plans: dict[int, tuple[SweepPlan, NativeTraces]] = {}
        self._done = 0  # traces
        self._size = LARGEST if not in_seconds else SMALLEST
        self._seconds = 0.0  # of all sweeps
        self._natively = 0.0  # seconds of these in which hosts drew and ran traces
        self._last_s = 0.0  # of the last one, with what was looked at again
        self._rests_until, self._rest = 0, REST  # traces that are drawn here
        self._owed = 0
        self._is_settled = True

    def is_due(self, drawn: int, searched_s: float) -> bool:
        """Say whether a sweep is next.

        Args:
            drawn: traces that were drawn here so far.
            searched_s: that the search has taken so far, with its sweeps.
        """
        if self.why_not is not None or drawn < self._rests_until or not self._has_subjects():
            return False
        if self._in_seconds:
            return searched_s >= FIRST_S and self._seconds < SHARE * searched_s
        self._owed = max(self._owed, drawn // TURN * TURN)
        return self._done < self._owed

    def _has_subjects(self) -> bool:
        """Say whether two subjects run all traces of a sweep, since one alone differs from nothing."""
        return sum(s.language != "python" for s in self._lockstep.subjects) >= 2

    def next(self, most: int | None, drawn: int) -> Sighted:
        """Make a sweep.

        Args:
            most: traces, at least 1; None if only this class limits them.
            drawn: traces that were drawn here so far.

        Raises:
            HostFailed, HostKilled, WrongLibrary: a host cannot start.
        """
        began = time.monotonic()
        if self._last_s:
            self._resize()
        self._last_s = 0.0
        count = self._size if most is None else min(self._size, most)
        if not self._in_seconds:
            count = min(count, self._owed - self._done)
        try:
            plan, traces = self._plan()
        except (NoPool, _NoTrace) as error:  # the dice may still draw something
            self.why_not = str(error)
            return Sighted(Swept(()), False)
        trace_seeds = [(self._seed + self._done + n) % 2**64 for n in range(count)]
        self._done += count
        swept = self._lockstep.sweep(plan, trace_seeds, without=self._left_out())
        self._natively += time.monotonic() - began
        self._is_settled = not swept.deaths
        sighted = self._looked_at(swept, plan, traces, drawn)
        self.add_seconds(time.monotonic() - began)
        return sighted

    def add_seconds(self, seconds: float) -> None:
        """Count time that looking at a sweep has taken."""
        self._seconds += seconds
        self._last_s += seconds

    def _left_out(self) -> tuple[str, ...]:
        """Return the subjects that do not sweep: a model that skips steps is asked of traces without them."""
        if self._interpreter.model is None:
            return ()
        return tuple(s.name for s in self._lockstep.subjects if s.language == "python")

    def _looked_at(self, swept: Swept, plan: SweepPlan, traces: NativeTraces, drawn: int) -> Sighted:
        reached = [self._trace(plan, traces, seed) for seed in swept.reaching[:REACHING]]
        reaching = tuple(map(self._interpreter.without_skipped, reached))
        if swept.deaths:
            every = tuple(self._trace(plan, traces, seed) for seed in swept.trace_seeds)
            return Sighted(swept, False, every, reaching)
        is_crowded = len(swept.differing) > CROWDED
        self._rest = 2 * self._rest if is_crowded else REST
        if is_crowded:
            self._rests_until = drawn + self._rest // 2
            self._owed = self._done
        again = swept.differing[:CROWDED]
        if self._left_out() and (not self._in_seconds or self._seconds <= MODEL * self._natively):
            again = tuple(dict.fromkeys((*again, *swept.trace_seeds[::PYTHON_EACH])))
        looked_at = tuple(self._trace(plan, traces, seed) for seed in again)
        return Sighted(swept, not is_crowded, looked_at, reaching)

    def _trace(self, plan: SweepPlan, traces: NativeTraces, seed: int) -> Trace:
        """Return the trace of a seed, with the steps that a model skips."""
        return traces.read(plan.describe(seed))

    def _plan(self) -> tuple[SweepPlan, NativeTraces]:
        """Return the plan, with fresh pools from time to time if it has any."""
        number = self._done // POOLED
        if number not in self._plans:
            before = next(iter(self._plans.values()), None)
            exported = export_plan(self._interpreter, self._seed + number)
            if before is not None and not exported.pools:
                self._plans = {number: before}
            else:
                plan = self._native.plan(exported.data, self._interpreter.max_steps)
                try:
                    plan.describe(self._seed)
                except ValueError as error:
                    raise _NoTrace(str(error)) from None
                self._plans = {number: (plan, NativeTraces(self._interpreter, exported))}
        return self._plans[number]

    def _resize(self) -> None:
        """Choose the size of the next sweep: smaller after a death, since all of its traces are run again."""
        if not self._is_settled:
            self._size = max(SMALLEST, self._size // 4)
        elif not self._in_seconds or self._last_s < SOON_S:
            self._size = min(LARGEST, self._size * 2)
        elif self._last_s > LATE_S:
            self._size = max(SMALLEST, self._size // 2)
