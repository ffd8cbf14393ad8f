"""
The observer of a run: the caller learns of each event, and may end the run.

Knows what a run reports. Knows nothing of how it searches.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.answer import Execution
from driftcheck.search.statistics import RunStatistics


def _raise(fault: DriftcheckError) -> None:
    raise fault


@attrs.define
class Observer:
    """Functions that a run calls.

    Args:
        progress: receives the statistics and the number of findings so far, every few traces.
        finding: receives each finding as soon as it is confirmed.
        witness: receives the id of each asymmetry that the run has seen, and its shrunk case.
        interrupted: True ends the run.
        fault: receives an error in an adapter, a law or an invariant, which ends the run. If it returns
            instead of raising the error, the run returns what it has found so far.
        executed: receives each trace of the search, as its subjects answered it.
        reached: receives each trace that reached something new, in builds for coverage; traces of sweeps too.
        finishing: True ends the search as the end of its time does, so that what waits is still shrunk.
    """

    progress: Callable[[RunStatistics, int], None] = lambda statistics, findings: None
    finding: Callable[[Finding], None] = lambda finding: None
    witness: Callable[[str, Trace | LawCase], None] = lambda asymmetry, case: None
    interrupted: Callable[[], bool] = lambda: False
    fault: Callable[[DriftcheckError], None] = _raise
    executed: Callable[[Execution], None] = lambda execution: None
    reached: Callable[[Execution], None] = lambda execution: None
    finishing: Callable[[], bool] = lambda: False
