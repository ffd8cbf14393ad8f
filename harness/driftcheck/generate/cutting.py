"""
Cases cut down by whole steps, and put into a canonical form: what a shrinker of choices cannot do.

It deletes at most five choices at a time, so a step of six would stay for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import attrs

from driftcheck.generate.coder import identity
from driftcheck.trace import LawCase, Name, Ref, Step, Trace, cut

Case = TypeVar("Case", bound=Trace | LawCase)


def size(case: Trace | LawCase) -> int:
    """Count the steps of a case, those of a law's runs included."""
    if isinstance(case, Trace):
        return len(case.steps)
    return len(case.trace.steps) + sum(len(a) for a in case.arguments if _is_run(a))


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
        elif _is_run(argument):
            inside = [prefix + n - first for n in keep if first <= n < first + len(argument)]
            first += len(argument)
            argument = _cut_run(argument, inside, prefix, dict(new), len(trace.steps))
        arguments.append(argument)
    return attrs.evolve(case, trace=trace, arguments=tuple(arguments))


def _is_run(argument: Any) -> bool:
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


def minimise_steps(case: Case, still: Callable[[Case], bool]) -> Case:
    """Cut a case to steps of which none can be dropped (ddmin, from halves down to single steps).

    `still` says whether a smaller case shows the same; it is asked about log(n) times where few steps matter.
    """
    parts = 2
    while (count := size(case)) > 0:
        parts = min(parts, count)
        smaller = next((c for c in _without_a_part(case, parts) if still(c)), None)
        if smaller is not None:
            case = smaller
            parts = max(parts - 1, 2)
        elif parts >= count:
            return case
        else:
            parts *= 2
    return case


def _without_a_part(case: Case, parts: int) -> Iterator[Case]:
    """Yield the case without one of its equal parts, the last one first: later steps matter less."""
    count = size(case)
    if parts == 2:
        yield keep_steps(case, [])
    for part in reversed(range(parts)):
        low, high = count * part // parts, count * (part + 1) // parts
        smaller = keep_steps(case, [n for n in range(count) if not low <= n < high])
        if size(smaller) < count:
            yield smaller


def with_names_in_order(case: Case) -> Case:
    """Use the names of each roster in their order, so that equal findings show equal names."""
    trace = case if isinstance(case, Trace) else case.trace
    order: dict[str, list[int]] = {key: [] for key in trace.rosters}

    def note(value: Any) -> None:
        if isinstance(value, Name) and value.index not in order[value.roster]:
            order[value.roster].append(value.index)

    def renumbered(value: Any) -> Any:
        if not isinstance(value, Name):
            return value
        index = order[value.roster].index(value.index)
        return Name(value.roster, index, trace.rosters[value.roster][index])

    _each(case, note)
    return _mapped(case, renumbered)


def _each(case: Trace | LawCase, visit: Callable[[Any], None]) -> None:
    """Visit all arguments in order."""
    trace = case if isinstance(case, Trace) else case.trace
    for argument in trace.opening:
        visit(argument)
    for step in trace.steps:
        for argument in step.arguments:
            visit(argument)
    for argument in case.arguments if isinstance(case, LawCase) else ():
        for inner in [a for s in argument for a in s.arguments] if _is_run(argument) else [argument]:
            visit(inner)


def _mapped(case: Case, change: Callable[[Any], Any]) -> Case:
    def steps(run: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(attrs.evolve(s, arguments=tuple(map(change, s.arguments))) for s in run)

    if isinstance(case, Trace):
        return cast(Case, Trace(steps(case.steps), tuple(map(change, case.opening)), case.rosters))
    trace = _mapped(case.trace, change)
    arguments = tuple(steps(a) if _is_run(a) else change(a) for a in case.arguments)
    return attrs.evolve(case, trace=trace, arguments=arguments)


def same_case(one: Trace | LawCase, other: Trace | LawCase) -> bool:
    """Say whether two cases are the same in all their bits."""
    return bool(identity(one) == identity(other))
