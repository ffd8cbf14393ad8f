"""
A trace and a variation of it that must give the same results: each subject is compared with itself.

Knows how the steps of the two correspond. Knows nothing of why they must agree.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core.outcome import Accepted
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.checks import Check
from driftcheck.oracle.compare import LONGEST
from driftcheck.oracle.metamorphic.answers import StepOutcome, comparable, outcome_of, outcomes_differ
from driftcheck.oracle.metamorphic.result import CheckResult
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import STATES
from driftcheck.values.literal import literal


def compare(
    schema: Schema,
    lockstep: Lockstep,
    execution: Execution,
    variation: Trace,
    kept: Sequence[int],
    check: Check,
    said: str,
) -> CheckResult:
    """Run a variation of a trace, and compare each step that both have.

    Args:
        kept: for each step of the variation, its number in the trace that was executed.
        check: the check that a difference breaks.
        said: how the variation differs, in words that begin the detail of a divergence.
    """
    (varied,) = lockstep.run_all([variation], STATES)
    for place, number in enumerate(kept):
        operation = schema.operation(execution.trace.steps[number].operation)
        if operation.history or operation.neutral:  # these may return what was done before
            continue
        blamed = tuple(
            name
            for name, answer in execution.answers.items()
            if _ended_differently(answer, number, varied.answers[name], place)
        )
        if blamed:
            before = outcome_of(execution.answers[blamed[0]], operation, number)
            after = outcome_of(varied.answers[blamed[0]], operation, place)
            divergence = Divergence(
                check,
                number,
                operation.name,
                tuple((n, "ended differently" if n in blamed else "unchanged") for n in execution.answers),
                blamed=blamed,
                detail=f"{said}: {_change_in_words(operation, before, after)}",
                variation=varied.trace.with_steps(varied.trace.steps[: place + 1]),
            )
            return CheckResult(1, divergence)
    return CheckResult(1)


def _ended_differently(one: Answer, number: int, other: Answer, place: int) -> bool:
    """Say whether a step ended differently in the variation, at the number `place`."""
    if other.death is not None:
        return other.died_at == place
    a, b = one.reply, other.reply
    if place >= len(b.outcomes) or number >= len(a.outcomes):
        return False
    is_same = comparable(a.outcomes[number]) == comparable(b.outcomes[place])
    return not is_same or a.digests[number] != b.digests[place]


def _change_in_words(operation: Operation, before: StepOutcome, after: StepOutcome) -> str:
    """Say how a step ended in the trace, and how it ends in the variation, which a finding shows."""
    found = outcomes_differ(operation, before, after)
    if found is None:
        return "the state after it differs"
    if isinstance(before, Accepted) and isinstance(after, Accepted):
        whole = literal(before.value), literal(after.value)
        if max(map(len, whole)) <= LONGEST:
            return f"it was {whole[0]}, and is {whole[1]} in the varied trace"
    return f"{found.path or 'it'} was {found.one}, and is {found.other} in the varied trace"
