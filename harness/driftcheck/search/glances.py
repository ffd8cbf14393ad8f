"""
Glances: a trace is run once and compared, and what diverges is offered to triage.

Knows which subjects take part, and what comes after a divergence that is known. Knows nothing of where traces
come from, or of budgets.
"""

from __future__ import annotations

from collections.abc import Collection

import attrs

from driftcheck.core.trace import Trace, cut
from driftcheck.generate.strategy import TraceStrategy
from driftcheck.oracle.causes import features_of
from driftcheck.oracle.oracle import Glance, Oracle
from driftcheck.oracle.signature import Divergence
from driftcheck.search.queue import Sighting
from driftcheck.search.shares import Shares
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.steering import Steering
from driftcheck.search.triage import Triage
from driftcheck.subjects.wire import UNSUPPORTED

BEHIND = 4  # known divergences of one trace that are removed, to see what comes after them


@attrs.frozen(eq=False)
class Glances:
    """The glances of one run, which it counts."""

    _oracle: Oracle
    _statistics: RunStatistics
    _shares: Shares
    _steering: Steering
    _triage: Triage

    def at(self, trace: Trace, *, without: Collection[str] = ()) -> Glance:
        """Glance at a trace.

        Args:
            without: the names of subjects that do not take part.
        """
        return self._counted(self._oracle.glance(trace, without=without), is_whole=not without)

    def at_all(self, trace: Trace, strategy: TraceStrategy, seen: Glance | None = None) -> Glance:
        """Glance at a trace in all subjects, without the steps that the model skips.

        All subjects run the whole trace first, because few traces have a step that the model skips.

        Args:
            trace: may have such steps.
            seen: at the trace, in some subjects.
        """
        every = self._oracle.glance(trace)
        if self._may_have_skipped(every):
            shorter = strategy.interpreter.without_skipped(trace)
            if shorter is not trace:
                return self._counted(self._oracle.glance(shorter))
        if seen is not None and every.divergence is None:
            # What was seen once may be flaky; the confirmation decides.
            return attrs.evolve(self._counted(every), divergence=seen.divergence, death=seen.death)
        return self._counted(every)

    def _may_have_skipped(self, glance: Glance) -> bool:
        """Say whether a subject in Python does not support a step."""
        answers = glance.execution.answers
        names = [name for name in self._oracle.lockstep.in_python if name in answers]
        return any(o[0] == UNSUPPORTED for name in names for o in answers[name].reply.outcomes)

    def _counted(self, glance: Glance, *, is_whole: bool = True) -> Glance:
        """Return a glance, and count it."""
        if is_whole or glance.divergence is None:  # else all subjects are asked, and that counts
            self._count_divergence(glance.execution.trace, glance.divergence)
        self._shares.add_cases(1)
        self._triage.unconfirmed_deaths += glance.unconfirmed_deaths
        return glance

    def offer(self, glance: Glance, strategy: TraceStrategy, seed: int) -> Glance | None:
        """Offer to triage what diverges; return what comes after known divergences, None if nothing does."""
        for _ in range(BEHIND):
            if glance.divergence is None:
                break
            sighting = Sighting(glance, glance.divergence, strategy, seed)
            death = glance.death
            if death is not None and not glance.divergence.is_death:
                self._triage.offer(Sighting(attrs.evolve(glance, divergence=death), death, strategy, seed))
            if self._triage.offer(sighting):
                return None
            shorter = _without_step(sighting)
            if shorter is None:
                return None
            glance = self.at(shorter)
        return glance

    def _count_divergence(self, trace: Trace, found: Divergence | None) -> None:
        features: frozenset[str] = frozenset()
        if found is not None and found.step is not None:
            features = frozenset(features_of(self._oracle.schema, trace.steps[found.step]))
        self._steering.count(trace, found, features)
        if found is not None:
            self._statistics.count_divergence(found, features)


def _without_step(sighting: Sighting) -> Trace | None:
    """Return the trace without the step that diverges, to see what comes after it; None if nothing does."""
    step, trace = sighting.divergence.step, sighting.trace
    if step is None or step + 1 == len(trace.steps):
        return None
    return cut(trace, [number for number in range(len(trace.steps)) if number != step])
