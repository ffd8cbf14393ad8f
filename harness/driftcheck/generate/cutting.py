"""
Cases cut down by whole steps, which a shrinker of choices cannot do.

It deletes at most five choices at a time, so a step of six would stay for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import attrs

from driftcheck.core.trace import LawCase, Ref, Step, Trace, cut
from driftcheck.generate import plan as p
from driftcheck.generate.coder import identity

Case = TypeVar("Case", bound=Trace | LawCase)
Item = TypeVar("Item")


def size(case: Trace | LawCase) -> int:
    """Count the steps of a case, those of a law's runs included."""
    if isinstance(case, Trace):
        return len(case.steps)
    return len(case.trace.steps) + sum(len(a) for a in case.arguments if is_run(a))


def keep_steps(case: Case, keep: list[int]) -> Case:
    """Return the case with only these of its steps (ascending), and those that use what others made gone too.

    A handle argument of a law stays what it is as long as its step does; else the case is returned unchanged.
    """
    if isinstance(case, Trace):
        return cast(Case, cut(case, keep))
    prefix = len(case.trace.steps)
    trace, kept = _cut(case.trace, [n for n in keep if n < prefix])
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
    """Yield traces, one step shorter, in which a step takes the place of the one of its operation before it.

    A value that only a later step makes long enough may do as well from the start, where cutting finds that
    neither of the two steps can go.
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

    Without the step alone it would stay where it was opened; and to open it elsewhere changes nothing while
    the step is there.
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


def is_run(argument: Any) -> bool:
    """Say whether an argument of a law is a run of steps that has any."""
    return isinstance(argument, tuple) and bool(argument) and all(isinstance(s, Step) for s in argument)


def _cut(trace: Trace, keep: list[int]) -> tuple[Trace, list[int]]:
    """Cut a trace; return it and the old numbers of its steps."""
    kept: list[int] = []
    for number in keep:
        refs = [a.step for a in trace.steps[number].arguments if isinstance(a, Ref)]
        if all(r in kept for r in refs):
            kept.append(number)
    return cut(trace, kept), kept


def _cut_run(
    run: tuple[Step, ...], keep: list[int], prefix: int, new: dict[int, int], first: int
) -> tuple[Step, ...]:
    steps: list[Step] = []
    for number in keep:
        step = run[number - prefix]
        if any(isinstance(a, Ref) and a.step not in new for a in step.arguments):
            continue
        arguments = tuple(Ref(new[a.step]) if isinstance(a, Ref) else a for a in step.arguments)
        new[number] = first + len(steps)
        steps.append(attrs.evolve(step, arguments=arguments))
    return tuple(steps)


def minimal_subset(items: list[Item], still: Callable[[list[Item]], bool]) -> list[Item]:
    """Return items of which none can be left out (ddmin: halves first, then ever smaller parts).

    Args:
        still: says whether these are enough; asked about log(n) times for each of the n items that matters.
    """
    if not items or still([]):
        return []
    parts = 2
    while True:
        parts = min(parts, len(items))
        bounds = [len(items) * n // parts for n in range(parts + 1)]
        for part in reversed(range(parts)):  # what comes late matters less often
            fewer = items[: bounds[part]] + items[bounds[part + 1] :]
            if fewer and still(fewer):
                items = fewer
                parts = max(parts - 1, 2)
                break
        else:
            if parts == len(items):
                return items
            parts *= 2


def same_case(one: Trace | LawCase, other: Trace | LawCase) -> bool:
    """Say whether two cases are the same in all their bits."""
    return bool(identity(one) == identity(other))
