"""
Where subjects part: the blocks that a diverging case runs, and its agreeing neighbours do not.

A neighbour is a small variation of the case: without a step, with one argument replaced, or with two steps
exchanged. Ranks the blocks of each subject as spectrum-based fault localisation does. Knows verdicts and
coverage. Knows no terminal.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import attrs

from driftcheck.core.trace import Instance, LawCase, Ref, Step, Trace
from driftcheck.generate.cutting import brought_forward, keep_steps, size, with_neighbours_exchanged
from driftcheck.generate.draw import draw
from driftcheck.generate.simplest import Simplifier
from driftcheck.generate.strategy import CaseStrategy, law_cases, traces
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Signature
from driftcheck.search.session import Session
from driftcheck.subjects.coverage import Place

MOST = 3  # places of a subject
MOST_NEIGHBOURS = 150
DRAWN = 30  # cases whose arguments replace those of the case
SEED = 0


@attrs.frozen
class Suspect:
    """A place that the diverging case reached."""

    place: Place
    agreeing: int  # how many of the agreeing neighbours reached it, too


@attrs.frozen
class Suspects:
    """Where the subjects part in one case."""

    places: Mapping[str, tuple[Suspect, ...]]  # by subject, the most suspect first, each of another function
    agreeing: int  # neighbours
    diverging: int  # neighbours that show the case's own signature


@attrs.frozen
class Run:
    """What one case reached."""

    is_agreeing: bool  # otherwise it shows the signature of the case
    reached: Mapping[str, frozenset[Place]]  # by subject


def suspects(session: Session, case: Trace | LawCase, signature: Signature) -> Suspects:
    """Run a diverging case and its neighbours, and rank the places that only it reached.

    Args:
        session: its subjects are built for coverage.
        case: shows the signature.

    Raises:
        DriftcheckError: an adapter or a law is at fault.
    """
    first, others = runs(session, case, signature)
    agreeing = sum(run.is_agreeing for run in others)
    places = {name: ranked(first.reached[name], others, name) for name in first.reached}
    return Suspects(places, agreeing, len(others) - agreeing)


def runs(session: Session, case: Trace | LawCase, signature: Signature) -> tuple[Run, list[Run]]:
    """Run the case and its neighbours; leave out neighbours that diverge in another way."""
    first = Run(False, _reached(session, case, signature)[1])
    others = []
    for neighbour in islice(neighbours(session, case), MOST_NEIGHBOURS):
        found, reached = _reached(session, neighbour, signature)
        if found is None or found.without_cause == signature.without_cause:
            others.append(Run(found is None, reached))
    return first, others


def ranked(case: frozenset[Place], others: Sequence[Run], subject: str) -> tuple[Suspect, ...]:
    """Return the most suspect places of a subject, each of another function."""
    agreeing = Counter(place for run in others if run.is_agreeing for place in run.reached[subject])
    diverging = Counter(place for run in others if not run.is_agreeing for place in run.reached[subject])
    passed = sum(run.is_agreeing for run in others)
    failed = 1 + len(others) - passed

    def suspicion(place: Place) -> float:  # Ochiai
        ran = 1 + diverging[place]
        return ran / math.sqrt(failed * (ran + agreeing[place]))

    found: dict[tuple[str, str], Suspect] = {}
    for place in sorted(case, key=lambda p: (-suspicion(p), p)):
        if passed and agreeing[place] == passed:
            continue  # it runs in every case
        found.setdefault((place.file, place.function), Suspect(place, agreeing[place]))
        if len(found) == MOST:
            break
    return tuple(found.values())


def _reached(
    session: Session, case: Trace | LawCase, signature: Signature
) -> tuple[Signature | None, dict[str, frozenset[Place]]]:
    """Run a case; return its signature, if it diverges, and what all of its executions reached."""
    oracle = session.oracle.without_asymmetries()
    session.lockstep.forget_coverage()
    if isinstance(case, LawCase):
        found = oracle.law(case).divergence
    else:
        target = checks.check(signature.check, session.schema.plugin_checks)
        found = oracle.probe(case, target=target).divergence
    reached = {name: covered.reached() for name, covered in session.lockstep.covered.items()}
    return None if found is None else found.signature, reached


def neighbours(session: Session, case: Trace | LawCase) -> Iterator[Trace | LawCase]:
    """Yield variations of a case, the nearest first, and then other cases."""
    if isinstance(case, LawCase):
        law = next(one for one in session.schema.laws if one.name == case.law)
        strategy: CaseStrategy[Any] = law_cases(session.schema, law, model=session.model)
    else:
        strategy = traces(session.schema, model=session.model, max_steps=2 * len(case.steps) + 2)
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
    yield from with_neighbours_exchanged(case)
    yield from brought_forward(case)
    yield from islice(_with_other_arguments(drawn, case), MOST_NEIGHBOURS // 2)
    yield from drawn


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
