"""
One operation as guided traces draw it: with each argument as the plan says, well-formed, or at an edge.

Knows nothing of traces, or of what a search has seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from driftcheck.generate import plan as p
from driftcheck.generate.coder import Coder, State
from driftcheck.generate.dice import Source
from driftcheck.generate.documents import compile_payload
from driftcheck.generate.edges import edge_part
from driftcheck.generate.strategy import Interpreter
from driftcheck.generate.values import compile_part


@attrs.frozen(eq=False)
class GuidedOperation:
    """An operation, and how each of its arguments is drawn."""

    name: str
    parts: tuple[p.Part, ...]
    draws: tuple[Callable[[Source, State], Any], ...]
    coders: tuple[Coder, ...]
    well_formed: tuple[Callable[[Source, State], Any] | None, ...]  # of payloads
    edges: tuple[Callable[[Source, State], Any] | None, ...]  # values at a constraint
    faults: tuple[str | None, ...]
    makes: str | None
    peer: int | None  # the number of the argument
    name_at: int | None
    asks: bool
    is_bound: bool  # it takes or makes a handle, so it cannot be repeated on other instances


def compile_operation(interpreter: Interpreter, planned: p.PlannedOperation) -> GuidedOperation:
    coders = tuple(map(interpreter.argument, planned.parts))
    return GuidedOperation(
        planned.name,
        planned.parts,
        tuple(coder.draw for coder in coders),
        coders,
        tuple(_well_formed(part) for part in planned.parts),
        tuple(edges_of(part) for part in planned.parts),
        planned.faults,
        planned.makes,
        next((n for n, part in enumerate(planned.parts) if isinstance(part, p.PeerDraw)), None),
        next((n for n, part in enumerate(planned.parts) if isinstance(part, p.NameDraw)), None),
        planned.asks,
        bool(planned.needs) or planned.makes is not None,
    )


def _well_formed(part: p.Part) -> Callable[[Source, State], Any] | None:
    """Return what draws a payload without mutations."""
    if not isinstance(part, p.PayloadDraw) or not part.more:
        return None
    kinds = tuple(kind for kind in part.kinds if kind != "raw") or part.kinds
    return compile_payload(attrs.evolve(part, kinds=kinds, more=())).draw


def edges_of(part: p.Part) -> Callable[[Source, State], Any] | None:
    edges = edge_part(part)
    return None if edges is None else compile_part(edges).draw


def is_reusable(part: p.Part) -> bool:
    return isinstance(part, p.IntDraw | p.TextDraw | p.BytesDraw | p.FloatDraw | p.ChoiceDraw | p.PatternDraw)


def type_of(part: p.Part) -> type:
    match part:
        case p.IntDraw():
            return int
        case p.TextDraw() | p.PatternDraw():
            return str
        case p.BytesDraw():
            return bytes
        case _:
            return type(None)
