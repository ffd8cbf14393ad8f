"""Idempotence: a step that the contract calls idempotent changes nothing more when it is repeated at once."""

from __future__ import annotations

from driftcheck.contract.schema import Schema
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.metamorphic.answers import accepted_by_all
from driftcheck.oracle.metamorphic.result import CheckResult
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import STATES


def examine(schema: Schema, lockstep: Lockstep, execution: Execution) -> CheckResult:
    """Run the trace up to each idempotent step, and that step twice."""
    steps = execution.trace.steps
    idempotent = {o.name for o in schema.operations if o.idempotent}
    numbers = [n for n, step in enumerate(steps) if step.operation in idempotent]
    numbers = [n for n in numbers if accepted_by_all(execution, n)]
    if not numbers:
        return CheckResult()
    repeated = [execution.trace.with_steps((*steps[: n + 1], steps[n])) for n in numbers]
    for number, twice in zip(numbers, lockstep.run_all(repeated, STATES), strict=True):
        blamed = [name for name, answer in twice.answers.items() if _changed_again(answer, number + 1)]
        if blamed:
            divergence = Divergence(
                checks.NOT_IDEMPOTENT,
                number,
                steps[number].operation,
                tuple((name, "changed again" if name in blamed else "accepted") for name in twice.answers),
                blamed=tuple(blamed),
                detail="the same step, repeated at once, changed the state again or ended differently",
                variation=twice.trace,
            )
            return CheckResult(len(numbers), divergence)
    return CheckResult(len(numbers))


def _changed_again(answer: Answer, number: int) -> bool:
    """Say whether the step at `number`, which repeats the one before, did not end as that one did."""
    if answer.death is not None:
        return answer.died_at == number
    reply = answer.reply
    if reply.outcomes[number][0] != reply.outcomes[number - 1][0]:
        return True
    return reply.states is not None and reply.states[number + 1] != reply.states[number]
