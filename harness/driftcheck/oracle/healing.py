"""
Healing: whether a variant of a step no longer shows a divergence.

Knows outcomes; knows nothing of how variants are made.
"""

from __future__ import annotations

from driftcheck.contract.schema import Operation
from driftcheck.core.outcome import Accepted, NotReached, Unsupported
from driftcheck.oracle import checks
from driftcheck.oracle.compare import differences
from driftcheck.oracle.signature import Divergence, without_numbers
from driftcheck.oracle.step import Outcomes
from driftcheck.values.encoding import OutsideType

OF_HEALING = (checks.ACCEPT_REJECT, checks.REJECTION_CLASS, checks.VALUE, checks.OUTSIDE_TYPE, checks.DETAIL)


def is_healed(divergence: Divergence, operation: Operation, outcomes: Outcomes) -> bool:
    """Say whether the divergence is gone from the outcomes of a step.

    Where no subject accepts the step, the variant is broken in another way, so that it says nothing.
    """
    able = [o for o in outcomes.values() if not isinstance(o, Unsupported | NotReached)]
    accepted = [o.value for o in able if isinstance(o, Accepted)]
    if not accepted:
        return False
    match divergence.check:
        case checks.ACCEPT_REJECT:
            return len(accepted) == len(able) or any(isinstance(o, OutsideType) for o in able)
        case checks.OUTSIDE_TYPE:
            return not any(isinstance(o, OutsideType) for o in able)
        case checks.VALUE:
            return len(accepted) == len(able) and not _differ_at(divergence.path, operation, accepted)
    return divergence.check in OF_HEALING and len(accepted) == len(able)


def _differ_at(path: str, operation: Operation, values: list[object]) -> bool:
    assert operation.result is not None
    first, *others = values
    found = (differences(operation.result, first, other) for other in others)
    return any(without_numbers(one.path) == without_numbers(path) for each in found for one in each)
