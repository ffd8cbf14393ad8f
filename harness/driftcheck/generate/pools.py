"""
Pools: values that only Python can draw, drawn in advance for the native search.

An argument is drawn from a pool as a whole: a payload, a value of an author's strategy or class, text that
matches a pattern, and values that contain one of these. Decides which arguments these are. Knows nothing of
how a plan is exported.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.generate import plan as p
from driftcheck.generate.coder import Coder, State
from driftcheck.generate.dice import Dice, Undrawable
from driftcheck.values.encoding import writer

POOL = 128  # values
TRIES = 100  # to draw one value


@attrs.frozen(eq=False)
class Pool:
    """Values that were drawn ahead, and how each is encoded."""

    values: tuple[Any, ...]
    encoded: tuple[bytes, ...]


class NoPool(Exception):
    """No value of a part could be drawn."""

    def __str__(self) -> str:
        return f"no value of a pool could be drawn in {TRIES} tries"


def fill(coder: Coder, type_: t.Type, seed: str, size: int = POOL) -> Pool:
    """Draw the values of a pool; the same seed gives the same ones.

    Raises:
        NoPool: the part gives no value.
    """
    dice, write = Dice(), writer(type_)
    values = [_drawn(coder, dice, f"{seed}:{number}") for number in range(size)]
    return Pool(tuple(values), tuple(map(write, values)))


def _drawn(coder: Coder, dice: Dice, seed: str) -> Any:
    for attempt in range(TRIES):
        dice.throw(f"{seed}:{attempt}")
        try:
            return coder.draw(dice, State())
        except Undrawable:
            continue
    raise NoPool


def needs_pool(part: p.Part) -> bool:
    """Say whether only Python can draw a part."""
    match part:
        case p.StrategyDraw() | p.PatternDraw() | p.PayloadDraw() | p.StepsDraw():
            return True
        case p.RecordDraw(type=type_, parts=parts):
            return _has_code(type_.cls) or any(map(needs_pool, parts))
        case p.UnionDraw(parts=alternatives):
            return any(map(needs_pool, alternatives))
        case p.OptionalDraw(part=inner) | p.SequenceDraw(part=inner):
            return needs_pool(inner)
        case p.MappingDraw(key=key, value=value):
            # Python takes 0.0 and -0.0 for the same key, and their bytes differ.
            return holds_float(key) or needs_pool(key) or needs_pool(value)
        case _:
            return False


def holds_float(part: p.Part) -> bool:
    """Say whether a value of a part may contain a float."""
    return isinstance(part, p.FloatDraw | p.ChoiceDraw) or any(map(holds_float, _inside(part)))


def names_in(part: p.Part) -> bool:
    """Say whether a value of a part may contain a name in play, which only its trace knows."""
    return isinstance(part, p.NameDraw | p.DistinctNameDraw) or any(map(names_in, _inside(part)))


def _inside(part: p.Part) -> tuple[p.Part, ...]:
    match part:
        case p.RecordDraw(parts=parts):
            return parts
        case p.UnionDraw(parts=alternatives):
            return alternatives
        case p.OptionalDraw(part=inner) | p.SequenceDraw(part=inner) | p.PayloadDraw(part=inner):
            return (inner,)
        case p.MappingDraw(key=key, value=value):
            return (key, value)
        case _:
            return ()


def _has_code(cls: type) -> bool:
    """Say whether a class changes the values that it is given."""
    if hasattr(cls, "__attrs_post_init__") or hasattr(cls, "__attrs_init__"):
        return True
    return any(a.converter is not None for a in attrs.fields(cls))


def why_left_to_python(plan: p.Plan, schema: Schema) -> str | None:
    """Return why the native search does not draw the traces of a plan, or None if it does.

    It draws those of every contract with state, and of one without state whose arguments need no pool: a pool
    of documents would repeat one-step traces that Python has drawn already.
    """
    parts = [*plan.opening, *(part for o in plan.operations for part in o.parts)]
    pooled = [part for part in parts if needs_pool(part)]
    if plan.is_stateless and pooled:
        return "its traces have one step, with arguments that only Python can draw"
    if any(map(names_in, pooled)):
        return "its names in play are inside values that only Python can draw"
    if any(isinstance(r.part, p.PayloadDraw) for r in plan.rosters):
        return "its names in play are payloads"
    return None
