"""
One step: the word for how each subject ended it, and a divergence with these words as its shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftcheck.contract.schema import Operation
from driftcheck.core.outcome import Outcome, kind
from driftcheck.oracle.checks import Check
from driftcheck.oracle.signature import Divergence
from driftcheck.values.encoding import OutsideType

Outcomes = Mapping[str, Outcome | OutsideType]  # by subject


def kind_of(outcome: Outcome | OutsideType) -> str:
    """Return the word for how a step ended."""
    return "outside its type" if isinstance(outcome, OutsideType) else kind(outcome)


def divergence_at(
    check: Check, number: int | None, operation: Operation, outcomes: Outcomes, **more: Any
) -> Divergence:
    """Make a divergence at the step of that number; None is the opening."""
    shape = tuple((name, kind_of(outcome)) for name, outcome in outcomes.items())
    return Divergence(check, number, operation.name, shape, **more)
