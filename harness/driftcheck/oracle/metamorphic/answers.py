"""
Questions of all metamorphic checks about an answer: how a step ended, and whether two steps ended alike.

Knows answers and outcomes. Knows nothing of how a trace is varied.
"""

from __future__ import annotations

from typing import Any

from driftcheck.contract.schema import Operation
from driftcheck.core.outcome import Accepted, Outcome, kind
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle.compare import Difference, first_difference
from driftcheck.subjects.wire import ACCEPTED, BROKEN, PANICKED, REJECTED, UNMAPPED
from driftcheck.values.encoding import OutsideType, dumps

StepOutcome = Outcome | OutsideType | None  # None: the subject did not reach the step


def accepted_by_all(execution: Execution, number: int) -> bool:
    """Say whether every subject accepted the step of that number."""
    return _ended_by_all(execution, number, ACCEPTED)


def rejected_by_all(execution: Execution, number: int) -> bool:
    """Say whether every subject rejected the step of that number."""
    return _ended_by_all(execution, number, REJECTED)


def _ended_by_all(execution: Execution, number: int, code: int) -> bool:
    return all(
        a.death is None and number < len(a.reply.outcomes) and a.reply.outcomes[number][0] == code
        for a in execution.answers.values()
    )


def outcome_of(answer: Answer, operation: Operation, number: int) -> StepOutcome:
    """Return what a subject did in a step; None if it died in another one."""
    if answer.death is not None:
        return answer.death if answer.died_at == number else None
    return answer.outcome(operation, number)


def kind_of(outcome: StepOutcome) -> str:
    """Return in words how a step ended."""
    if outcome is None:
        return "not reached"
    return "outside its type" if isinstance(outcome, OutsideType) else kind(outcome)


def outcomes_differ(operation: Operation, one: StepOutcome, other: StepOutcome) -> Difference | None:
    """Return the first difference between two outcomes of one operation, or None."""
    if kind_of(one) != kind_of(other):
        return Difference("", kind_of(one), kind_of(other), "")
    if isinstance(one, Accepted) and isinstance(other, Accepted) and operation.result is not None:
        return first_difference(operation.result, one.value, other.value)
    return None


def comparable(outcome: list[Any]) -> list[Any]:
    """Return the part of a plain outcome that is compared; an error text may have a number that changes."""
    return outcome[:1] if outcome[0] in (UNMAPPED, PANICKED, BROKEN) else [dumps(outcome)]
