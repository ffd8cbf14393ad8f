"""
The neighbours of a case: small variations, such as the case without a step or with another argument.

Knows how cases are drawn and lifted. Knows nothing of what neighbours are used for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Instance, LawCase, Ref, Step, Trace
from driftcheck.generate._conjecture import Choice, replay
from driftcheck.generate.coder import CannotLift
from driftcheck.generate.cutting import brought_forward, keep_steps, size, with_neighbours_exchanged
from driftcheck.generate.draw import draw
from driftcheck.generate.simplest import Simplifier
from driftcheck.generate.strategy import CaseStrategy, law_cases, traces

DRAWN = 30  # cases whose arguments replace those of the case
MOST_OF_A_KIND = 50  # so that each kind of variation has its share
SEED = 0


def neighbours(schema: Schema, case: Trace | LawCase, model: type | None) -> Iterator[Trace | LawCase]:
    """Yield variations of a case, the nearest first, and then other cases; each once.

    Args:
        schema: the contract of the case.
        model: decides on Skip, if there is one.
    """
    if isinstance(case, LawCase):
        law = next(one for one in schema.laws if one.name == case.law)
        strategy: CaseStrategy[Any] = law_cases(schema, law, model=model)
    else:
        strategy = traces(schema, model=model, max_steps=2 * len(case.steps) + 2)
    seen = {repr(case)}  # arguments need not be hashable
    for neighbour in _variations(strategy, case):
        if (text := repr(neighbour)) not in seen:
            seen.add(text)
            yield neighbour


def _variations(strategy: CaseStrategy[Any], case: Trace | LawCase) -> Iterator[Trace | LawCase]:
    drawn = list(islice(draw(strategy, SEED), DRAWN))
    count = size(case)
    for number in reversed(range(count)):
        yield keep_steps(case, [n for n in range(count) if n != number])
    simplifier = Simplifier(strategy.interpreter.plan, case)
    places = set(simplifier.places())
    for place in sorted(places):
        yield simplifier.simplified(places - {place})
    yield from islice(_with_another_choice(strategy, case), MOST_OF_A_KIND)
    yield from with_neighbours_exchanged(case)
    yield from brought_forward(case)
    yield from islice(_with_other_arguments(drawn, case), MOST_OF_A_KIND)
    yield from drawn


def _with_another_choice(strategy: CaseStrategy[Any], case: Trace | LawCase) -> Iterator[Trace | LawCase]:
    """Yield cases that are drawn with one other choice, also deep in a document; the last choices first."""
    try:
        choices = strategy.lift(case)
    except CannotLift:
        return
    for number in reversed(range(len(choices))):
        for other in _other_choices(choices[number]):
            neighbour = replay(strategy, (*choices[:number], other, *choices[number + 1 :]))
            if neighbour is not None:
                yield neighbour


def _other_choices(choice: Choice) -> Iterator[Choice]:
    """Yield choices that are close to one, the simplest first."""
    match choice:
        case bool():
            yield not choice
        case int():
            yield from (n for n in (0, choice + 1, choice - 1) if n != choice)
        case float():
            yield 0.0
        case str():
            yield from (choice[:-1], choice + choice[:1])
        case bytes():
            yield from (choice[:-1], choice + choice[:1])


def _with_other_arguments(drawn: Sequence[Any], case: Trace | LawCase) -> Iterator[Trace | LawCase]:
    """Yield cases with one argument, of the law or of a step, that another case has in this place."""
    arguments: dict[str, list[tuple[Any, ...]]] = {}
    for other in (*drawn, case):
        for step in _trace(other).steps:
            arguments.setdefault(step.operation, []).append(step.arguments)
    trace = _trace(case)
    for turn, other in enumerate(drawn):
        if isinstance(case, LawCase):
            for place, value in enumerate(other.arguments):
                if not _refers(value):
                    yield attrs.evolve(case, arguments=_replaced(case.arguments, place, value))
        for number, step in enumerate(trace.steps):
            options = arguments[step.operation]
            for place in range(len(step.arguments)):
                value = options[-1 - (turn + place) % len(options)][place]
                if not _refers(value):
                    new = attrs.evolve(step, arguments=_replaced(step.arguments, place, value))
                    yield _with_steps(case, _replaced(trace.steps, number, new))


def _refers(value: Any) -> bool:
    """Say whether a value means something else in another case."""
    if isinstance(value, tuple):
        return any(isinstance(one, Step) and any(map(_refers, one.arguments)) for one in value)
    return isinstance(value, (Ref, Instance))


def _replaced(items: tuple[Any, ...], place: int, item: Any) -> tuple[Any, ...]:
    return (*items[:place], item, *items[place + 1 :])


def _trace(case: Trace | LawCase) -> Trace:
    return case if isinstance(case, Trace) else case.trace


def _with_steps(case: Trace | LawCase, steps: tuple[Step, ...]) -> Trace | LawCase:
    if isinstance(case, Trace):
        return case.with_steps(steps)
    return attrs.evolve(case, trace=case.trace.with_steps(steps))
