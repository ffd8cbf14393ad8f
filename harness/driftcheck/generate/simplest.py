"""
The simplest values, in the order of a shrinker, and cases that use them where no other value is needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, cast

import attrs

from driftcheck.core import types as t
from driftcheck.core.trace import LawCase, Name, Step, Trace
from driftcheck.generate import plan as p
from driftcheck.generate.author_class import made
from driftcheck.generate.coder import identity
from driftcheck.generate.cutting import Case, is_run
from driftcheck.values.encoding import matches

CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # the simplest first

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()

Rosters = Mapping[str, tuple[Any, ...]]
Place = tuple[int, int]  # the number of a list of arguments, and the number of an argument in it


def simplest_value(part: p.Part, rosters: Rosters, index: int = 0) -> Any:
    """Return the `index`-th simplest value of a part, or UNKNOWN."""
    match part:
        case p.BoolDraw():
            return bool(index) if index < 2 else UNKNOWN
        case p.IntDraw(lo=lo, hi=hi):
            value = min(max(0, lo), hi) + index
            return value if value <= hi else UNKNOWN
        case p.FloatDraw(lo=lo, hi=hi):
            return float(index) if lo <= index <= hi else UNKNOWN
        case p.TextDraw(min_len=lo, max_len=hi) | p.BytesDraw(min_len=lo, max_len=hi):
            return _short(isinstance(part, p.TextDraw), lo, hi, index)
        case p.PatternDraw(type=t.Text(min_len=lo, max_len=hi, pattern=pattern)) if pattern is not None:
            texts = ("", *(character * max(1, lo) for character in CHARACTERS))
            fitting = (one for one in texts if lo <= len(one) <= _bound(hi) and matches(pattern, one))
            return next(islice(fitting, index, None), UNKNOWN)
        case p.EnumDraw(type=type_):
            return type_.members[index] if index < len(type_.members) else UNKNOWN
        case p.ChoiceDraw(values=values):
            return values[index] if index < len(values) else UNKNOWN
        case p.NameDraw(roster=roster):
            names = rosters.get(roster, ())
            return names[index] if index < len(names) else UNKNOWN
        case _ if index:
            return UNKNOWN
        case p.OptionalDraw():
            return None
        case p.SequenceDraw(min_len=lo, part=inner):
            item = simplest_value(inner, rosters) if lo else None
            return UNKNOWN if item is UNKNOWN else (item,) * lo
        case p.MappingDraw(min_len=0):
            return {}
        case p.UnionDraw(parts=(first, *_)):
            return simplest_value(first, rosters)
        case p.RecordDraw(type=type_, parts=parts):
            fields = [simplest_value(inner, rosters) for inner in parts]
            if any(v is UNKNOWN for v in fields):
                return UNKNOWN
            aliases = {a.name: a.alias or a.name for a in attrs.fields(type_.cls)}
            return made(type_.cls, {aliases[f.name]: v for f, v in zip(type_.fields, fields, strict=True)})
        case _:
            return UNKNOWN


def _bound(most: int | None) -> float:
    return math.inf if most is None else most


def _short(is_text: bool, lo: int, hi: int | None, index: int) -> Any:
    """Return the shortest text or bytes: empty where that is allowed, otherwise zeros before the last one."""
    nothing: Any = "" if is_text else b""
    if lo == 0:
        if index == 0:
            return nothing
        return _short(is_text, 1, hi, index - 1) if hi is None or hi >= 1 else UNKNOWN
    if is_text:
        return "0" * (lo - 1) + str(index) if index < 10 else UNKNOWN
    return bytes(lo - 1) + bytes([index]) if index < 256 else UNKNOWN


class Simplifier:
    """The simplest value of each argument of a case."""

    def __init__(self, plan: p.Plan, case: Trace | LawCase) -> None:
        self._operations = {o.name: o.parts for o in plan.operations}
        trace = case if isinstance(case, Trace) else case.trace
        self._rosters = trace.rosters
        self._opening = plan.opening
        self._law = plan.law(case.law).parts if isinstance(case, LawCase) else ()
        self._case = case

    def places(self) -> list[Place]:
        """List the places of the arguments that are not the simplest."""
        return [
            (run, n)
            for run, (parts, arguments) in enumerate(self._runs())
            for n, (part, argument) in enumerate(zip(parts, arguments, strict=True))
            if self._simplest(part, argument) is not argument
        ]

    def simplified(self, keep: set[Place]) -> Trace | LawCase:
        """Return the case with the simplest arguments everywhere but at these places."""
        runs = iter(
            tuple(
                a if (run, n) in keep else self._simplest(part, a)
                for n, (part, a) in enumerate(zip(parts, arguments, strict=True))
            )
            for run, (parts, arguments) in enumerate(self._runs())
        )
        case = self._case
        trace = case if isinstance(case, Trace) else case.trace
        opening = next(runs)
        steps = tuple(attrs.evolve(s, arguments=next(runs)) for s in trace.steps)
        trace = Trace(steps, opening, trace.rosters)
        if isinstance(case, Trace):
            return trace
        arguments = tuple(
            tuple(attrs.evolve(s, arguments=next(runs)) for s in a) if is_run(a) else a for a in next(runs)
        )
        return attrs.evolve(case, trace=trace, arguments=arguments)

    def _runs(self) -> Iterator[tuple[tuple[p.Part, ...], tuple[Any, ...]]]:
        """Yield the parts and arguments of the opening, the steps, the law, and the law's own steps."""
        case = self._case
        trace = case if isinstance(case, Trace) else case.trace
        yield self._opening, trace.opening
        yield from self._steps(trace.steps)
        if isinstance(case, LawCase):
            yield self._law, case.arguments
            for argument in case.arguments:
                if is_run(argument):
                    yield from self._steps(argument)

    def _steps(self, steps: tuple[Step, ...]) -> Iterator[tuple[tuple[p.Part, ...], tuple[Any, ...]]]:
        for step in steps:
            yield self._operations[step.operation], step.arguments

    def _simplest(self, part: p.Part, argument: Any) -> Any:
        """Return the simplest value, or the argument itself where no simpler one is known."""
        if isinstance(part, p.DistinctNameDraw):
            return argument  # another instance may have the simplest name
        if isinstance(argument, Name):
            names = self._rosters[argument.roster]
            return argument if argument.index == 0 else Name(argument.roster, 0, names[0])
        simplest = simplest_value(part, self._rosters)
        if simplest is UNKNOWN or identity(simplest) == identity(argument):
            return argument
        return simplest


def simplified(plan: p.Plan, case: Case, keep: set[Place]) -> Case:
    """Return the case with the simplest arguments everywhere but at these places."""
    return cast(Case, Simplifier(plan, case).simplified(keep))
