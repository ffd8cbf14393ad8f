"""
All metamorphic checks of one contract, in the order in which their divergences are reported.

Runs variations through lockstep. Knows nothing of causes or asymmetries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.metamorphic import determinism, exchange, idempotence, neutrality, rejected_steps
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import STATES

_IN_ORDER = (
    (checks.NOT_IDEMPOTENT, idempotence.examine),
    (checks.NOT_FORGOTTEN, rejected_steps.examine),
    (checks.NOT_NEUTRAL, neutrality.examine),
)


@attrs.frozen
class SuiteResult:
    """The first divergence that a variation showed, and how often each check varied the trace."""

    divergence: Divergence | None
    variations: Mapping[str, int]  # by code of the check


class MetamorphicChecks:
    """Varies and judges the traces of one contract."""

    def __init__(self, schema: Schema, lockstep: Lockstep) -> None:
        self.schema = schema
        self.lockstep = lockstep

    def examine(self, execution: Execution, again: Sequence[Execution]) -> SuiteResult:
        """Vary a trace on which all subjects agree.

        Args:
            execution: made with states.
            again: of the same trace.
        """
        variations: Counter[str] = Counter({checks.NOT_DETERMINISTIC.code: len(again)})
        found = determinism.examine([execution, *again])
        if found is not None:
            return SuiteResult(found, variations)
        for check, examine in _IN_ORDER:
            result = examine(self.schema, self.lockstep, execution)
            variations[check.code] += result.variations
            if result.divergence is not None:
                return SuiteResult(result.divergence, +variations)
        return SuiteResult(self.misread_payload(execution), +variations)

    def misread_payload(self, execution: Execution) -> Divergence | None:
        """Return the first payload that a subject does not read as it was written."""
        return exchange.examine(self.schema, self.lockstep, execution)

    def again(self, trace: Trace, repeats: int, *, without: Collection[str] = ()) -> list[Execution]:
        """Run a trace some more times.

        Args:
            without: the names of subjects that do not take part.
        """
        return self.lockstep.run_all([trace] * repeats, STATES, without=without)
