"""Rejected steps: a step that was rejected changes nothing for the steps after it."""

from __future__ import annotations

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Ref, cut, with_their_handles
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.metamorphic import variation
from driftcheck.oracle.metamorphic.answers import rejected_by_all
from driftcheck.oracle.metamorphic.result import CheckResult


def examine(schema: Schema, lockstep: Lockstep, execution: Execution) -> CheckResult:
    """Run the trace without the steps that every subject rejected.

    A rejected step may use up its handle, so a rejected step that takes a handle stays in the trace.
    A step that takes the handle of a removed step is removed too: it did not run.
    """
    steps = execution.trace.steps
    rejected = [
        n
        for n, step in enumerate(steps)
        if rejected_by_all(execution, n) and not any(isinstance(a, Ref) for a in step.arguments)
    ]
    kept = with_their_handles(execution.trace, [n for n in range(len(steps)) if n not in rejected])
    if not rejected or not kept or kept[-1] < rejected[0]:
        return CheckResult()
    return variation.compare(
        schema,
        lockstep,
        execution,
        cut(execution.trace, kept),
        kept,
        checks.NOT_FORGOTTEN,
        "without the rejected steps before it, the step ended differently",
    )
