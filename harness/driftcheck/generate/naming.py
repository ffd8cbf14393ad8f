"""
Names in play in canonical form, so that equal findings show equal names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations, product
from typing import Any, cast

import attrs

from driftcheck.core.trace import Instance, LawCase, Name, Step, Trace
from driftcheck.generate import plan as p
from driftcheck.generate.coder import identity
from driftcheck.generate.cutting import Case, is_run
from driftcheck.generate.simplest import UNKNOWN, simplest_value

MOST_ORDERED = 4  # names, at most, whose orders are tried one by one


def with_names_in_order(case: Case) -> Case:
    """Make the steps use the names of each roster in their order."""
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

    each_argument(case, note)
    return mapped(case, renumbered, dict(trace.rosters))


def with_instances_in_order(case: Case) -> Case:
    """Number the instances in the order in which the steps first use them, so that equal findings look equal.

    The opening arguments of an instance keep their place.
    """
    order: list[int] = []

    def note(instance: int) -> None:
        if instance not in order:
            order.append(instance)

    def changed(argument: Any) -> Any:
        match argument:
            case Instance(number=number):
                return Instance(order.index(number))
            case _:
                return argument

    for step in each_step(case):
        note(step.instance)
        for argument in step.arguments:
            if isinstance(argument, Instance):
                note(argument.number)
    trace = case if isinstance(case, Trace) else case.trace
    if isinstance(case, LawCase):
        order = [0, *(n for n in order if n)]  # a law has a name for the first instance
    return mapped(
        case, changed, dict(trace.rosters), lambda s: attrs.evolve(s, instance=order.index(s.instance))
    )


def with_simplest_names(case: Case, plan: p.Plan, *, also_used: bool) -> Case:
    """Put the simplest names into the rosters, for all names or only for those that no step uses."""
    trace = case if isinstance(case, Trace) else case.trace
    used: set[tuple[str, int]] = set()

    def note(value: Any) -> None:
        if isinstance(value, Name):
            used.add((value.roster, value.index))

    if not also_used:
        each_argument(case, note)
    parts = {r.key: r.part for r in (*plan.rosters, *(r for law in plan.laws for r in law.rosters))}
    rosters = {}
    for key, names in trace.rosters.items():
        kept = {identity(n) for i, n in enumerate(names) if (key, i) in used}
        simplest = (simplest_value(parts[key], {}, i) for i in range(2 * len(names)))
        fresh = (v for v in simplest if v is not UNKNOWN and identity(v) not in kept)
        rosters[key] = tuple(n if (key, i) in used else next(fresh, n) for i, n in enumerate(names))

    return _over(case, rosters)


def _over(case: Case, rosters: dict[str, tuple[Any, ...]]) -> Case:
    """Return the case with the names of other rosters, at the same indexes."""

    def renamed(value: Any) -> Any:
        if not isinstance(value, Name):
            return value
        return Name(value.roster, value.index, rosters[value.roster][value.index])

    return mapped(case, renamed, rosters)


def in_other_orders(case: Case, plan: p.Plan) -> Iterator[Case]:
    """Yield the case with the simplest names, in every other order.

    Where one name must sort before another, the simplest two names may be right but in the wrong order.
    """
    simplest = with_simplest_names(case, plan, also_used=True)
    trace, before = (c if isinstance(c, Trace) else c.trace for c in (simplest, case))
    for key, names in trace.rosters.items():
        used: dict[int, None] = {}

        def note(value: Any, key: str = key, used: dict[int, None] = used) -> None:
            if isinstance(value, Name) and value.roster == key:
                used[value.index] = None

        each_argument(simplest, note)
        if names == before.rosters[key] or not 2 <= len(used) <= MOST_ORDERED:
            continue
        for order in list(permutations(sorted(used)))[1:]:
            new = dict(zip(sorted(used), order, strict=True))

            def renamed(value: Any, key: str = key, new: dict[int, int] = new) -> Any:
                if not isinstance(value, Name) or value.roster != key:
                    return value
                index = new[value.index]
                return Name(key, index, trace.rosters[key][index])

            yield mapped(simplest, renamed, dict(trace.rosters))


def with_unused_names(case: Case) -> Iterator[Case]:
    """Yield the case with one used name and one unused name exchanged.

    The names of a roster differ, so that Hypothesis cannot change one name into another that is there
    already.
    """
    trace = case if isinstance(case, Trace) else case.trace
    used: set[tuple[str, int]] = set()

    def note(value: Any) -> None:
        if isinstance(value, Name):
            used.add((value.roster, value.index))

    each_argument(case, note)
    for key, names in trace.rosters.items():
        mine = [i for i in range(len(names)) if (key, i) in used]
        others = [i for i in range(len(names)) if (key, i) not in used]
        for one, other in product(mine, others):
            exchanged = list(names)
            exchanged[one], exchanged[other] = names[other], names[one]
            yield _over(case, {**trace.rosters, key: tuple(exchanged)})


def each_argument(case: Trace | LawCase, visit: Callable[[Any], None]) -> None:
    """Visit all arguments in order: of the opening, of the steps, and of the law."""
    trace = case if isinstance(case, Trace) else case.trace
    for argument in trace.opening:
        visit(argument)
    for step in trace.steps:
        for argument in step.arguments:
            visit(argument)
    for argument in case.arguments if isinstance(case, LawCase) else ():
        for inner in [a for s in argument for a in s.arguments] if is_run(argument) else [argument]:
            visit(inner)


def each_step(case: Trace | LawCase) -> Iterator[Step]:
    """Yield all steps in order, with those in the arguments of a law."""
    yield from case.steps if isinstance(case, Trace) else case.trace.steps
    for argument in case.arguments if isinstance(case, LawCase) else ():
        yield from argument if is_run(argument) else ()


def mapped(
    case: Case,
    change: Callable[[Any], Any],
    rosters: dict[str, tuple[Any, ...]],
    over: Callable[[Step], Step] = lambda step: step,
) -> Case:
    """Return the case with all arguments changed, and with other rosters.

    Args:
        over: changes a step in other ways than by its arguments.
    """

    def steps(run: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(attrs.evolve(over(s), arguments=tuple(map(change, s.arguments))) for s in run)

    if isinstance(case, Trace):
        return cast(Case, Trace(steps(case.steps), tuple(map(change, case.opening)), rosters))
    trace = mapped(case.trace, change, rosters, over)
    arguments = tuple(steps(a) if is_run(a) else change(a) for a in case.arguments)
    return attrs.evolve(case, trace=trace, arguments=arguments)
