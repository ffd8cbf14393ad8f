"""
Feedback: what the steps of a trace have shown, for the traces that are drawn next.

Reads the answer of one subject, since all agree. Knows nothing of how cases are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Trace
from driftcheck.generate.guidance import Seen
from driftcheck.generate.guide import Guide
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.subjects.wire import ACCEPTED, REJECTED

PARTS = 6  # of a result, whose rough size counts
LARGE = 4  # bits of the numbers that count as one


class Feedback:
    """Tells the guide of a search what traces have shown."""

    def __init__(self, schema: Schema, lockstep: Lockstep, guide: Guide) -> None:
        self._schema = schema
        self._lockstep = lockstep
        self._guide = guide

    def give(self, execution: Execution, *, is_equal: bool) -> bool:
        """Tell what a trace has shown; return whether something of it was new."""
        answer = next(iter(execution.answers.values()))
        seen = seen_in(self._schema, execution.trace, answer)
        is_new = self._guide.learn(execution.trace, seen, may_keep=is_equal)
        self._guide.prefixes.shorten(self._run)
        return is_new

    def _run(self, trace: Trace) -> Sequence[Seen]:
        """Run a trace on one subject, a native one if there is any, since a model takes much longer."""
        asked = min(self._lockstep.subjects, key=lambda one: one.language == "python").name
        ran = self._lockstep.run_each({asked: trace})[asked]
        return seen_in(self._schema, trace, ran) if ran.death is None else ()


def seen_in(schema: Schema, trace: Trace, answer: Answer) -> list[Seen]:
    """Say what each step of a trace has shown, as a subject answered it."""
    reply = answer.reply
    queries = {o.name for o in schema.operations if o.query}
    found = []
    before: Any = None
    for step, outcome, digest in zip(trace.steps, reply.outcomes, reply.digests, strict=False):
        is_accepted = outcome[0] == ACCEPTED
        has_changed = step.operation not in queries
        if digest is not None and before is not None:
            has_changed = digest != before
        value = outcome[1] if is_accepted else None
        result = rough_size(value, 2) if is_accepted else outcome[1] if outcome[0] == REJECTED else None
        what = (step.operation, outcome[0], result, has_changed)
        is_judged = is_accepted or outcome[0] == REJECTED
        found.append(Seen(is_accepted, is_judged, is_accepted and has_changed, what, value))
        before = digest
    return found


def rough_size(value: Any, depth: int) -> Any:
    """Return what is said of a plain result: of numbers the bits, of text and bytes whether it is empty."""
    match value:
        case None | bool():
            return value
        case int():
            return (min(value.bit_length(), LARGE), value < 0)
        case str() | bytes():
            return bool(value)
        case list() | tuple():
            inner = [rough_size(one, depth - 1) for one in value[:PARTS]] if depth else ()
            return (min(len(value).bit_length(), LARGE), *inner)
        case dict():
            return ("pairs", min(len(value).bit_length(), LARGE))
        case _:
            return type(value).__name__
