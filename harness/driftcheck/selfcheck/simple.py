"""
The simplest input: each operation once with its simplest arguments, and with empty documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import attrs

from driftcheck.codecs.checked_calls import encode
from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Document, Ref, Trace, cut
from driftcheck.generate import plan as p
from driftcheck.generate.draw import draw
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.simplest import UNKNOWN, simplest_value, simplified
from driftcheck.generate.strategy import traces

MOST_DRAWN = 300  # traces, to see each operation once


def simplest_traces(schema: Schema, model: type | None, seed: int) -> list[Trace]:
    """Return for each operation a trace that ends in its simplest call, and one with empty documents.

    An argument stays as it was drawn where its simplest value is unknown, as with an author's own strategy.
    """
    plan = compile_plan(schema, malformed=0.0)
    parts = {o.name: o.parts for o in plan.operations}
    found: list[Trace] = []
    for trace in _one_of_each(schema, model, seed):
        simple = simplified(plan, trace, keep=set())
        empty = _with_documents(simple, parts, is_empty=True)
        well_formed = _with_documents(simple, parts, is_empty=False)
        found += [empty] if empty == well_formed else [empty, well_formed]
    return found


def _one_of_each(schema: Schema, model: type | None, seed: int) -> Iterator[Trace]:
    """Draw traces until each operation was seen; yield that step with the steps that make its handles."""
    left = {o.name for o in schema.operations}
    for trace in islice(draw(traces(schema, model=model, malformed=0.0), seed), MOST_DRAWN):
        for number, step in enumerate(trace.steps):
            if step.operation in left:
                left.discard(step.operation)
                yield cut(trace, _needed(trace, number))
        if not left:
            break


def _needed(trace: Trace, number: int) -> list[int]:
    """Return a step with the steps whose handles it takes, in order."""
    needed = {number}
    for at in range(number, -1, -1):
        if at in needed:
            needed |= {a.step for a in trace.steps[at].arguments if isinstance(a, Ref)}
    return sorted(needed)


def _with_documents(trace: Trace, parts: dict[str, tuple[p.Part, ...]], *, is_empty: bool) -> Trace:
    """Return the trace with other documents: empty ones, or the simplest well-formed ones."""

    def other(part: p.Part, argument: Any) -> Any:
        if not isinstance(part, p.PayloadDraw):
            return argument
        if is_empty:
            return Document(b"")
        value = simplest_value(part.part, trace.rosters)
        if value is UNKNOWN:
            return argument
        return Document(encode(part.type.codec, part.type.inner, value), value)

    steps = [
        attrs.evolve(s, arguments=tuple(map(other, parts[s.operation], s.arguments))) for s in trace.steps
    ]
    return trace.with_steps(tuple(steps))
