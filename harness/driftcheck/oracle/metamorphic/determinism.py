"""Determinism: a subject that runs one trace twice gives the same answer both times."""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle import checks
from driftcheck.oracle.metamorphic.answers import comparable
from driftcheck.oracle.signature import Divergence


def examine(executions: Sequence[Execution]) -> Divergence | None:
    """Compare the first of several executions of one trace with the others, each subject with itself."""
    first, *others = executions
    if not first.trace.steps:
        return None
    differing: dict[str, int] = {}
    for name, answer in first.answers.items():
        for other in others:
            step = _first_change(answer, other.answers[name])
            if step is not None:
                differing[name] = min(step, differing.get(name, step))
    if not differing:
        return None
    step = min(*differing.values(), len(first.trace.steps) - 1)
    return Divergence(
        checks.NOT_DETERMINISTIC,
        step,
        first.trace.steps[step].operation,
        tuple((name, "nondeterministic" if name in differing else "deterministic") for name in first.answers),
        blamed=tuple(differing),
        detail=f"run twice on the same trace, {' and '.join(differing)} answered differently",
    )


def _first_change(one: Answer, other: Answer) -> int | None:
    """Return the first step at which two answers of one subject differ, or None."""
    if one.raw == other.raw or one.death is not None:
        return None
    if other.death is not None:
        return other.died_at or 0
    a, b = one.reply, other.reply
    for number, (x, y) in enumerate(zip(a.outcomes, b.outcomes, strict=False)):
        if comparable(x) != comparable(y) or a.digests[number] != b.digests[number]:
            return number
    return None if len(a.outcomes) == len(b.outcomes) else min(len(a.outcomes), len(b.outcomes))
