"""
Questions: the rows of a contract's matrix, and what to draw for each.

Reads a schema and its plan. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.generate import plan as p
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.restrict_plan import Only
from driftcheck.matrix import cells


@attrs.frozen
class Question:
    """A row that has no documents yet."""

    operation: str
    made: str
    only: Only
    argument: str = ""


def questions(schema: Schema) -> tuple[Question, ...]:
    """List the rows of a contract: its operations in their order, with all mutations of each payload."""
    planned = {o.name: o.parts for o in compile_plan(schema).operations}
    found: list[Question] = []
    for operation in schema.operations:
        payloads = {
            a.name: part
            for a, part in zip(operation.arguments, planned[operation.name], strict=True)
            if isinstance(part, p.PayloadDraw)
        }
        made = cells.WELL_FORMED if payloads else cells.VALUES
        found.append(Question(operation.name, made, Only(operation.name)))
        for argument, part in payloads.items():
            shown = argument if len(payloads) > 1 else ""
            found += (
                Question(operation.name, made, only, shown)
                for made, only in _made(operation.name, argument, part)
            )
    return tuple(found)


def _made(operation: str, argument: str, part: p.PayloadDraw) -> Iterator[tuple[str, Only]]:
    """Yield the ways to make a payload that is not just well-formed."""
    if part.corpus:
        yield cells.REAL, Only(operation, argument, "seed")
    for name in dict.fromkeys(part.names):
        yield name, Only(operation, argument, mutation=name)
    yield cells.RAW, Only(operation, argument, "raw")
