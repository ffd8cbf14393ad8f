"""
Cutting cases: removing whole steps.

Hypothesis deletes at most five choices at a time, so that it cannot remove a step of six choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar, cast

import attrs

from driftcheck.core.trace import LawCase, Ref, Step, Trace, cut, renumbered, with_their_handles
from driftcheck.generate import plan as p

Case = TypeVar("Case", bound=Trace | LawCase)
Item = TypeVar("Item")


def size(case: Trace | LawCase) -> int:
    """Count the steps of a case, with those in the arguments of a law."""
    if isinstance(case, Trace):
        return len(case.steps)
    return len(case.trace.steps) + sum(len(a) for a in case.arguments if is_run(a))


def keep_steps(case: Case, keep: list[int]) -> Case:
    """Return the case with only these steps (ascending), without those that use a handle of a removed step.

    A step that makes a handle argument of a law must stay; otherwise the case is returned unchanged.
    """
    if isinstance(case, Trace):
        return cast(Case, cut(case, keep))
    prefix = len(case.trace.steps)
    kept = with_their_handles(case.trace, [n for n in keep if n < prefix])
    trace = cut(case.trace, kept)
    new = {old: n for n, old in enumerate(kept)}
    arguments: list[Any] = []
    first = prefix
    for argument in case.arguments:
        if isinstance(argument, Ref):
            if argument.step not in new:
                return case
            argument = Ref(new[argument.step])
        elif is_run(argument):
            inside = [prefix + n - first for n in keep if first <= n < first + len(argument)]
            first += len(argument)
            argument = _cut_run(argument, inside, prefix, dict(new), len(trace.steps))
        arguments.append(argument)
    return attrs.evolve(case, trace=trace, arguments=tuple(arguments))


def brought_forward(case: Trace | LawCase) -> Iterator[Trace]:
    """Yield traces, one step shorter, in which a later step replaces an earlier one of the same operation.

    An example: only the later of two puts stores a long value, and neither put can be removed alone.
    """
    if not isinstance(case, Trace):
        return
    last: dict[tuple[int, str], int] = {}
    for number, step in enumerate(case.steps):
        earlier = last.get((step.instance, step.operation))
        last[step.instance, step.operation] = number
        if earlier is None or any(isinstance(a, Ref) and a.step >= earlier for a in step.arguments):
            continue
        steps = (*case.steps[:earlier], step, *case.steps[earlier + 1 :])
        yield cut(case.with_steps(steps), [n for n in range(len(steps)) if n != number])


def opened_where_moved(case: Trace | LawCase, plan: p.Plan) -> Iterator[Trace]:
    """Yield traces, one step shorter, that open an instance at the schema version to which a step moves it.

    Removing the step alone would leave the instance at its first schema version. Opening it at another one
    changes nothing while the step is there.
    """
    if not isinstance(case, Trace) or not plan.opened_at:
        return
    moves = {o.name: o.moves for o in plan.operations}
    for number, step in enumerate(case.steps):
        place = moves[step.operation]
        if place is None:
            continue
        slot = plan.opened_at[step.instance if len(plan.opened_at) > 1 else 0]
        opening = (*case.opening[:slot], step.arguments[place], *case.opening[slot + 1 :])
        others = [n for n in range(len(case.steps)) if n != number]
        yield cut(attrs.evolve(case, opening=opening), others)


def with_neighbours_exchanged(case: Trace | LawCase) -> Iterator[Trace]:
    """Yield traces in which two steps, one after the other, have changed places.

    A step that takes a handle stays behind the step that makes it.
    """
    if not isinstance(case, Trace):
        return
    for number, (one, other) in enumerate(pairwise(case.steps)):
        if Ref(number) in other.arguments:
            continue
        new = {n: n for n in range(len(case.steps))} | {number: number + 1, number + 1: number}
        steps = [*case.steps[:number], other, one, *case.steps[number + 2 :]]
        yield case.with_steps(tuple(renumbered(step, new) for step in steps))


def is_run(argument: Any) -> bool:
    """Say whether an argument of a law is a run with at least one step."""
    return isinstance(argument, tuple) and bool(argument) and all(isinstance(s, Step) for s in argument)


def _cut_run(
    run: tuple[Step, ...], keep: list[int], prefix: int, new: dict[int, int], first: int
) -> tuple[Step, ...]:
    steps: list[Step] = []
    for number in keep:
        step = run[number - prefix]
        if any(isinstance(a, Ref) and a.step not in new for a in step.arguments):
            continue
        step = renumbered(step, new)
        new[number] = first + len(steps)
        steps.append(step)
    return tuple(steps)


def minimal_subset(items: list[Item], still: Callable[[list[Item]], bool]) -> list[Item]:
    """Return items of which none can be removed, by delta debugging (Zeller's ddmin).

    It tries to remove halves first, then smaller and smaller parts.

    Args:
        still: says whether these items are enough; called about log(n) times for each item that is needed.
    """
    if not items or still([]):
        return []
    parts = 2
    while True:
        parts = min(parts, len(items))
        bounds = [len(items) * n // parts for n in range(parts + 1)]
        for part in reversed(range(parts)):  # late steps are needed less often
            fewer = items[: bounds[part]] + items[bounds[part + 1] :]
            if fewer and still(fewer):
                items = fewer
                parts = max(parts - 1, 2)
                break
        else:
            if parts == len(items):
                return items
            parts *= 2
