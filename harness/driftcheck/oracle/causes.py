"""
Causes: which mutations a divergence needs, in the words of its codec's features, and which odd values.

Mutations that are not needed are dropped first; without this, five differences of one operation would be one
finding. Knows traces and codecs; whether a smaller trace still shows the same is asked of the caller.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import attrs

from driftcheck.codecs.codec import mutate_bytes
from driftcheck.contract import types as t
from driftcheck.contract.schema import Schema
from driftcheck.oracle.signature import Divergence
from driftcheck.trace import Document, Trace

NOT_FINITE = "not-finite"  # a value holds NaN or an infinity

Examine = Callable[[Trace], Divergence | None]


class _Replayed:
    """Draws for a mutation what it drew before, as far as that still fits."""

    def __init__(self, draws: tuple[int | bool, ...]) -> None:
        self._draws = iter(draws)

    def integer(self, lo: int, hi: int) -> int:
        return min(max(int(next(self._draws, lo)), lo), hi)

    def boolean(self, p: float = 0.5) -> bool:
        return bool(next(self._draws, False))


def with_cause(schema: Schema, trace: Trace, divergence: Divergence, examine: Examine) -> Divergence:
    """Return the divergence with its cause.

    Args:
        examine: returns what a trace with other bytes in it shows first, at or after the same step.
    """
    if divergence.step is None:
        return divergence
    step = trace.steps[divergence.step]
    operation = schema.operation(step.operation)
    cause: set[str] = set()
    for i, (argument, value) in enumerate(zip(operation.arguments, step.arguments, strict=True)):

        def shows_the_same(other: Any, i: int = i) -> bool:
            found = examine(_replaced(trace, divergence.step or 0, i, other))
            return found is not None and _core(found) == _core(divergence)

        type_ = t.bare(argument.type)
        if isinstance(type_, t.Payload) and isinstance(value, Document):
            needed = _needed(type_, value, shows_the_same)
            cause |= type_.codec.all_features(needed.data, type_.inner)
        elif (finite := _finite(value)) is not value and not shows_the_same(finite):
            cause.add(NOT_FINITE)
    return attrs.evolve(divergence, cause=tuple(sorted(cause)))


def _core(divergence: Divergence) -> tuple[object, ...]:
    return divergence.step, attrs.evolve(divergence.signature, cause=())


def _replaced(trace: Trace, number: int, i: int, value: Any) -> Trace:
    step = trace.steps[number]
    arguments = (*step.arguments[:i], value, *step.arguments[i + 1 :])
    steps = (*trace.steps[:number], attrs.evolve(step, arguments=arguments), *trace.steps[number + 1 :])
    return trace.with_steps(steps)


def _finite(value: Any) -> Any:
    """Return a value with 0 for each float that is no number or infinite; itself where it has none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else 0.0
    if attrs.has(type(value)):
        parts = {a.name: getattr(value, a.name) for a in attrs.fields(type(value))}
        changed = {name: new for name, part in parts.items() if (new := _finite(part)) is not part}
        return attrs.evolve(value, **changed) if changed else value
    if isinstance(value, tuple):
        items = tuple(map(_finite, value))
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        values = {key: _finite(item) for key, item in value.items()}
        return values if any(values[key] is not item for key, item in value.items()) else value
    return value


def _needed(type_: t.Payload, document: Document, shows_the_same: Callable[[Document], bool]) -> Document:
    """Return the document with the fewest mutations that shows the same."""
    if document.value is None or len(document.draws) != len(document.mutations):
        return document
    numbered = range(len(document.mutations))
    for size in range(len(document.mutations)):
        for kept in combinations(numbered, size):
            smaller = _remade(type_, document, kept)
            if shows_the_same(smaller):
                return smaller
    return document


def _remade(type_: t.Payload, document: Document, kept: tuple[int, ...]) -> Document:
    data = type_.codec.encode_typed(document.value, type_.inner)
    names: list[str] = []
    for i in kept:
        mutated = mutate_bytes(
            type_.codec, type_.inner, data, (document.mutations[i],), _Replayed(document.draws[i])
        )
        data = mutated.data
        names += mutated.applied
    return Document(data, document.value, tuple(names), document.seed)
