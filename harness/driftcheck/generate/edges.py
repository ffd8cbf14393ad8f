"""
Edges: parts of a plan that draw only values at a constraint.

For a length, a count or a number these are the least and the greatest value, and the value next to each. Each
value of such a part is one of the part that it was made of. Knows nothing of how choices are drawn.
"""

from __future__ import annotations

import math

import attrs

from driftcheck.generate import plan as p
from driftcheck.generate.distributions import LONG, MANY, Alphabet, Pinned, Span

MOST = 4 * MANY  # items at the greatest count; a longer sequence would take the time of many traces
FULL, NONE = 1 - 2**-12, 2**-12  # probabilities of one more item


def edge_part(part: p.Part) -> p.Part | None:
    """Return a part that draws the edges of another one; None where it has none."""
    match part:
        case p.IntDraw(lo=lo, hi=hi):
            return attrs.evolve(part, slots=_sides(lo, hi)) if hi > lo else None
        case p.FloatDraw(lo=lo, hi=hi):
            edges = [edge for edge in (lo, hi) if math.isfinite(edge)]
            return attrs.evolve(part, slots=tuple(map(Pinned, edges))) if edges else None
        case p.BytesDraw(min_len=lo, max_len=hi):
            return attrs.evolve(part, slots=_lengths(lo, hi))
        case p.TextDraw(min_len=lo, max_len=hi):
            alphabets: tuple[Alphabet, ...] = ("ascii", "any")
            return attrs.evolve(part, slots=tuple((a, *span) for span in _lengths(lo, hi) for a in alphabets))
        case p.SequenceDraw(max_len=hi):
            return attrs.evolve(part, slots=_counts(hi))
        case p.MappingDraw(max_len=hi):
            return attrs.evolve(part, slots=_counts(hi))
        case p.OptionalDraw(part=inner):
            there = edge_part(inner)
            return attrs.evolve(part, part=there) if there is not None else None
        case p.RecordDraw(parts=parts):
            found = [edge_part(one) for one in parts]
            if not any(found):
                return None
            return attrs.evolve(
                part, parts=tuple(edge or one for edge, one in zip(found, parts, strict=True))
            )
        case _:
            return None


def _sides(lo: int, hi: int) -> tuple[Span, ...]:
    sides = dict.fromkeys((lo, min(lo + 1, hi), max(hi - 1, lo), hi))
    return tuple((side, side) for side in sides)


def _lengths(lo: int, hi: int | None) -> tuple[tuple[int, int | None], ...]:
    return _sides(lo, min(hi, max(lo, LONG)) if hi is not None else lo + 1)


def _counts(hi: int | None) -> tuple[float, ...]:
    return (NONE, FULL) if hi is not None and hi <= MOST else (NONE,)
