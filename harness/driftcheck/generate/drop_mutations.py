"""
Dropping mutations: cases in which a document has fewer of them.

Hypothesis deletes at most five choices at a time, and a mutation may have more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.core import types as t
from driftcheck.core.trace import Document, LawCase, Trace
from driftcheck.generate import plan as p

Put = Callable[[Document], Trace | LawCase]


class _Replayed:
    """Repeats the recorded choices of a mutation where they still fit, and records those that it makes."""

    def __init__(self, draws: Sequence[int | bool]) -> None:
        self._draws = iter(draws)
        self.drawn: list[int | bool] = []

    def integer(self, lo: int, hi: int) -> int:
        self.drawn.append(min(max(int(next(self._draws, lo)), lo), hi))
        return int(self.drawn[-1])

    def boolean(self, p: float = 0.5) -> bool:
        self.drawn.append(bool(next(self._draws, False)))
        return bool(self.drawn[-1])


def origin_of(type_: t.Payload, document: Document) -> bytes | None:
    """Return the bytes that a document had before its mutations; None where they are not known."""
    if document.value is not None:
        return checked_calls.encode(type_.codec, type_.inner, document.value)
    return document.origin


def with_mutations(type_: t.Payload, document: Document, kept: Sequence[int]) -> Document:
    """Return the document with only these of its mutations; its origin must be known."""
    data = origin = origin_of(type_, document)
    assert data is not None
    names: list[str] = []
    draws: list[tuple[int | bool, ...]] = []
    for number in kept:
        source = _Replayed(document.draws[number])
        name = document.mutations[number]
        mutated = checked_calls.mutate(type_.codec, type_.inner, data, name, source)
        data = mutated.data
        if mutated.applied:
            names += mutated.applied
            draws.append(tuple(source.drawn))
    return Document(data, document.value, tuple(names), document.seed, tuple(draws), origin)


def with_fewer_mutations(plan: p.Plan, case: Trace | LawCase) -> Iterator[Trace | LawCase]:
    """Yield cases in which one document has fewer mutations, the fewest first."""
    for part, document, put in documents_in(plan, case):
        count = len(document.mutations)
        if len(document.draws) != count or origin_of(part.type, document) is None:
            continue
        for size in range(count):
            for kept in combinations(range(count), size):
                yield put(with_mutations(part.type, document, kept))


def documents_in(plan: p.Plan, case: Trace | LawCase) -> list[tuple[p.PayloadDraw, Document, Put]]:
    """List the documents of a case, each with its part of the plan, and a function that replaces it."""
    operations = {o.name: o.parts for o in plan.operations}
    trace = case if isinstance(case, Trace) else case.trace

    def in_step(number: int, n: int, document: Document) -> Trace | LawCase:
        step = trace.steps[number]
        changed = attrs.evolve(step, arguments=_replaced(step.arguments, n, document))
        other = trace.with_steps((*trace.steps[:number], changed, *trace.steps[number + 1 :]))
        return other if isinstance(case, Trace) else attrs.evolve(case, trace=other)

    def in_law(n: int, document: Document) -> Trace | LawCase:
        assert isinstance(case, LawCase)
        return attrs.evolve(case, arguments=_replaced(case.arguments, n, document))

    found: list[tuple[p.PayloadDraw, Document, Put]] = []
    for number, step in enumerate(trace.steps):
        for n, part, document in _written(operations[step.operation], step.arguments):
            found.append((part, document, partial(in_step, number, n)))
    if isinstance(case, LawCase):
        for n, part, document in _written(plan.law(case.law).parts, case.arguments):
            found.append((part, document, partial(in_law, n)))
    return found


def _written(
    parts: Sequence[p.Part], arguments: tuple[Any, ...]
) -> Iterator[tuple[int, p.PayloadDraw, Document]]:
    for n, (part, argument) in enumerate(zip(parts, arguments, strict=True)):
        if isinstance(part, p.PayloadDraw) and isinstance(argument, Document):
            yield n, part, argument


def _replaced(arguments: tuple[Any, ...], n: int, argument: Any) -> tuple[Any, ...]:
    return (*arguments[:n], argument, *arguments[n + 1 :])
