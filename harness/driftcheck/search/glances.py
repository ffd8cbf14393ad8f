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
        glance = self._oracle.glance(trace, without=without)
        if not without or glance.divergence is None:  # else all subjects are asked, and that counts
            self._count_divergence(trace, glance.divergence)
        self._shares.add_cases(1)
        self._triage.unconfirmed_deaths += glance.unconfirmed_deaths
        return glance

    def at_all(self, glance: Glance, strategy: TraceStrategy) -> Glance:
        """Glance at a trace in all subjects, without the steps that the model skips.

        Args:
            glance: at the whole trace, in some subjects.
        """
        trace = strategy.interpreter.without_skipped(glance.execution.trace)
        every = self.at(trace)
        if every.divergence is None and trace is glance.execution.trace:
            # What was seen once may be flaky; the confirmation decides.
            return attrs.evolve(every, divergence=glance.divergence, death=glance.death)
        return every

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
