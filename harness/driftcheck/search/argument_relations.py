"""
Conditions on the integers of a diverging call: a bound, a multiple, or another number of its trace.

Changes integers of a shrunk case by one; a judge says whether the case still shows the divergence. Knows
nothing of how a case is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import attrs

from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Trace

MOST_CALLS = 24  # of the judge, for one case; a number takes two, and up to six more where it is bound
MOST_OTHERS = 3  # numbers that one number is compared with, the nearest first

Shows = Callable[[Trace], bool]


def needs_of(schema: Schema, trace: Trace, number: int, shows: Shows) -> tuple[str, ...]:
    """Return in plain words what a divergence needs of the numbers in its step.

    Args:
        trace: a shrunk case that shows the divergence.
        number: of the diverging step.
        shows: judges a variation of the case; called at most `MOST_CALLS` times.
    """
    variations = _Variations(schema, trace, number, shows)
    return tuple(filter(None, map(variations.need, variations.own)))


@attrs.frozen
class _Place:
    """A whole number of a trace."""

    step: int | None  # None: the opening
    index: int  # among the arguments
    name: str  # in words
    value: int
    lo: int
    hi: int


class _Variations:
    """Variations of one case, and what each shows."""

    def __init__(self, schema: Schema, trace: Trace, number: int, shows: Shows) -> None:
        self.own = [*_of_step(schema, trace, number, "")]
        self._others = [
            *_of_opening(schema, trace),
            *(p for n in reversed(range(number)) for p in _of_step(schema, trace, n, f" of step {n + 1}")),
        ]
        self._trace = trace
        self._shows = shows
        self._calls = 0

    def need(self, place: _Place) -> str:
        """Say what the divergence needs of a number; "" where it needs nothing, or nobody can tell."""
        name, value = place.name, place.value
        fewer, more = self._at({place: value - 1}), self._at({place: value + 1})
        if more is False and (fewer is False or value == place.lo):
            return self._exactly(place)
        if fewer is False and value == place.hi:
            return f"{name} is {value}, the most that is allowed"
        if fewer is False and more:
            other = self._tied_to(place)
            return f"{name} is at least {other}" if other else f"{name} is {value} or more"
        if more is False and fewer:
            other = self._tied_to(place)
            return f"{name} is at most {other}" if other else f"{name} is {value} or less"
        return ""

    def _exactly(self, place: _Place) -> str:
        if other := self._tied_to(place, only_equal=True):
            return f"{place.name} equals {other}"
        value = place.value
        if abs(value) > 1 and self._at({place: 2 * value}) and self._at({place: 3 * value}):
            return f"{place.name} is a multiple of {abs(value)}"
        if value == place.lo:
            return f"{place.name} is {value}, the least that is allowed"
        return f"{place.name} is {value}"

    def _tied_to(self, place: _Place, *, only_equal: bool = False) -> str:
        """Return the number that this one must follow, with their distance; "" where there is none."""
        beside = [one for one in self.own if one != place]
        for other in [*beside, *self._others][:MOST_OTHERS]:
            distance = place.value - other.value
            if only_equal and distance:
                continue
            step = 1 if self._at({place: place.value + 1, other: other.value + 1}) is not None else -1
            together = {place: place.value + step, other: other.value + step}
            if self._at(together) and self._is_lost(other):
                return f"{other.name}{_distance(distance)}"
        return ""

    def _is_lost(self, other: _Place) -> bool:
        """Say whether the divergence is lost where the other number moves alone, one way or the other."""
        moved = (self._at({other: other.value + 1}), self._at({other: other.value - 1}))
        return False in moved

    def _at(self, values: Mapping[_Place, int]) -> bool | None:
        """Say whether the case with other numbers shows the divergence; None where that cannot be told."""
        if any(not p.lo <= value <= p.hi for p, value in values.items()) or self._calls >= MOST_CALLS:
            return None
        self._calls += 1
        trace = self._trace
        for place, value in values.items():
            trace = _with(trace, place, value)
        return self._shows(trace)


def _distance(number: int) -> str:
    """Return the distance from another number as the end of its name."""
    if not number:
        return ""
    return f" + {number}" if number > 0 else f" - {-number}"


def _of_step(schema: Schema, trace: Trace, number: int, where: str) -> Iterator[_Place]:
    step = trace.steps[number]
    pairs = zip(schema.operation(step.operation).arguments, step.arguments, strict=True)
    for index, (argument, value) in enumerate(pairs):
        yield from _place(number, index, argument, value, where)


def _of_opening(schema: Schema, trace: Trace) -> Iterator[_Place]:
    for index, ((argument, _), value) in enumerate(zip(schema.slots, trace.opening, strict=False)):
        yield from _place(None, index, argument, value, " of open")


def _place(step: int | None, index: int, argument: Argument, value: object, where: str) -> Iterator[_Place]:
    type_ = t.bare(argument.type)
    if isinstance(type_, t.Int) and type(value) is int:
        yield _Place(step, index, f"{argument.name}{where}", value, type_.lo, type_.hi)


def _with(trace: Trace, place: _Place, value: int) -> Trace:
    def changed(arguments: tuple[object, ...]) -> tuple[object, ...]:
        return (*arguments[: place.index], value, *arguments[place.index + 1 :])

    if place.step is None:
        return attrs.evolve(trace, opening=changed(trace.opening))
    step = trace.steps[place.step]
    step = attrs.evolve(step, arguments=changed(step.arguments))
    return trace.with_steps((*trace.steps[: place.step], step, *trace.steps[place.step + 1 :]))
