"""
The simplest input: each operation once, with the least that its types allow, and with documents of no bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from driftcheck.codecs.checked_calls import encode
from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Document, Ref, Trace, cut
from driftcheck.generate import plan as p
from driftcheck.generate.engine import search
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.simplest import UNKNOWN, simplest_value, simplified
from driftcheck.generate.strategy import traces

MOST_DRAWN = 300  # traces, to meet each operation in


def simplest_traces(schema: Schema, model: type | None, seed: int) -> list[Trace]:
    """Return for each operation a trace that ends in its simplest call, and one without any bytes to read.

    What cannot be told, as values of an author's own strategy, is as it was drawn.
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
    """Draw traces until each operation is met; yield them cut to that step and the makers of its handles."""
    left = {o.name for o in schema.operations}
    met: list[Trace] = []

    def look(trace: Trace, shrinking: bool) -> None:
        for number, step in enumerate(trace.steps):
            if step.operation in left:
                left.discard(step.operation)
                met.append(cut(trace, _needed(trace, number)))

    strategy = traces(schema, model=model, malformed=0.0)
    search(strategy, look, seed=seed, max_cases=MOST_DRAWN, stop=lambda: not left)
    yield from met


def _needed(trace: Trace, number: int) -> list[int]:
    """Return a step with the steps whose handles it takes, in order."""
    needed = {number}
    for at in range(number, -1, -1):
        if at in needed:
            needed |= {a.step for a in trace.steps[at].arguments if isinstance(a, Ref)}
    return sorted(needed)


def _with_documents(trace: Trace, parts: dict[str, tuple[p.Part, ...]], *, is_empty: bool) -> Trace:
    """Return the trace with other documents: of no bytes, or the simplest that is well-formed."""

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
