"""
Values from a plan: compiles each part into a function that draws it and one that encodes it.

Knows only the names in play of a trace.
"""

from __future__ import annotations

from typing import Any, assert_never

import attrs

from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice, label
from driftcheck.generate.author_class import made
from driftcheck.generate.author_strategy import foreign, matching
from driftcheck.generate.coder import CannotLift, Coder, NotInPlay, State, check_text, identity
from driftcheck.generate.dice import ALPHABETS, ENDLESS, Source
from driftcheck.generate.distributions import Decimal, Pinned

ITEM = label("driftcheck item")


def compile_part(part: p.Part) -> Coder:
    """Compile a part that other values may contain; `documents` and `strategy` compile the other parts."""
    match part:
        case p.BoolDraw():
            return Coder(
                lambda data, state: data.draw_boolean(), lambda value, out, state: out.append(bool(value))
            )
        case p.IntDraw():
            return _whole(part)
        case p.FloatDraw():
            return _real(part)
        case p.TextDraw():
            return _characters(part)
        case p.BytesDraw():
            return _octets(part)
        case p.PatternDraw():
            return matching(part)
        case p.EnumDraw(type=type_):
            return _listed(type_.members)
        case p.ChoiceDraw(values=values):
            return _listed(values)
        case p.RecordDraw():
            return _fields(part)
        case p.UnionDraw():
            return _one_of(part)
        case p.OptionalDraw():
            return _maybe(part)
        case p.SequenceDraw():
            return _several(part)
        case p.MappingDraw():
            return _pairs(part)
        case p.StrategyDraw(strategy=strategy):
            return foreign(strategy)
        case p.NameDraw():
            return _use(part)
        case p.PayloadDraw() | p.HandleDraw() | p.DistinctNameDraw() | p.PeerDraw() | p.StepsDraw():
            raise AssertionError(f"{part!r} stands only by itself, as an argument")
        case _:
            assert_never(part)


def _whole(part: p.IntDraw) -> Coder:
    lo, hi, slots = part.lo, part.hi, part.slots
    last = len(slots) - 1

    def plain(data: Source, state: State) -> int:
        return data.draw_integer(lo, hi)

    def steered(data: Source, state: State) -> int:
        low, high = slots[data.draw_integer(0, last)]
        return data.draw_integer(low, high)

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if type(value) is not int or not lo <= value <= hi:
            raise CannotLift(f"{value!r} is not an integer from {lo} to {hi}")
        if slots:
            out.append(0)
        out.append(value)

    return Coder(steered if slots else plain, lift)


def _real(part: p.FloatDraw) -> Coder:
    lo, hi, nan, slots = part.lo, part.hi, part.nan, part.slots
    last = len(slots) - 1

    def draw(data: Source, state: State) -> float:
        match slots[data.draw_integer(0, last)]:
            case None:
                return data.draw_float(lo, hi, allow_nan=nan)
            case Pinned(value=value):
                return data.draw_float(value, value, allow_nan=False)
            case Decimal(lo=low, hi=high, divisor=divisor):
                return data.draw_integer(low, high) / divisor

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if type(value) is not float or not (lo <= value <= hi or (nan and value != value)):
            raise CannotLift(f"{value!r} is not a float from {lo} to {hi}")
        out += (0, value)

    return Coder(draw, lift)


def _characters(part: p.TextDraw) -> Coder:
    slots = tuple((ALPHABETS[a], lo, ENDLESS if hi is None else hi) for a, lo, hi in part.slots)
    last = len(slots) - 1
    lo, hi = part.min_len, ENDLESS if part.max_len is None else part.max_len

    def draw(data: Source, state: State) -> str:
        intervals, low, high = slots[data.draw_integer(0, last)]
        return data.draw_string(intervals, min_size=low, max_size=high)

    def lift(value: Any, out: list[Choice], state: State) -> None:
        check_text(value, lo, hi)
        out += (0, value)

    return Coder(draw, lift)


def _octets(part: p.BytesDraw) -> Coder:
    slots = tuple((lo, ENDLESS if hi is None else hi) for lo, hi in part.slots)
    last = len(slots) - 1
    lo, hi = part.min_len, ENDLESS if part.max_len is None else part.max_len

    def draw(data: Source, state: State) -> bytes:
        low, high = slots[data.draw_integer(0, last)]
        return data.draw_bytes(low, high)

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if type(value) is not bytes or not lo <= len(value) <= hi:
            raise CannotLift(f"{value!r} is not a byte string of {lo} to {hi} bytes")
        out += (0, value)

    return Coder(draw, lift)


def _listed(values: tuple[Any, ...]) -> Coder:
    last = len(values) - 1
    indexes = {identity(v): i for i, v in reversed(list(enumerate(values)))}

    def draw(data: Source, state: State) -> Any:
        return values[data.draw_integer(0, last)]

    def lift(value: Any, out: list[Choice], state: State) -> None:
        try:
            out.append(indexes[identity(value)])
        except KeyError:
            raise CannotLift(f"{value!r} is none of {values!r}") from None

    return Coder(draw, lift)


def _fields(part: p.RecordDraw) -> Coder:
    cls = part.type.cls
    names = tuple(f.name for f in part.type.fields)
    aliases = {a.name: a.alias or a.name for a in attrs.fields(cls)}
    keywords = tuple(aliases[n] for n in names)
    coders = tuple(map(compile_part, part.parts))
    draws = tuple(c.draw for c in coders)

    def draw(data: Source, state: State) -> Any:
        values = [d(data, state) for d in draws]
        return made(cls, dict(zip(keywords, values, strict=True)))

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if type(value) is not cls:
            raise CannotLift(f"{value!r} is no {part.type.name}")
        for name, coder in zip(names, coders, strict=True):
            coder.lift(getattr(value, name), out, state)

    return Coder(draw, lift)


def _one_of(part: p.UnionDraw) -> Coder:
    coders = tuple(map(compile_part, part.parts))
    draws = tuple(c.draw for c in coders)
    indexes = {fields.type.cls: i for i, fields in enumerate(part.parts)}
    last = len(coders) - 1

    def draw(data: Source, state: State) -> Any:
        return draws[data.draw_integer(0, last)](data, state)

    def lift(value: Any, out: list[Choice], state: State) -> None:
        index = indexes.get(type(value))
        if index is None:
            raise CannotLift(f"{value!r} is no {part.type.name}")
        out.append(index)
        coders[index].lift(value, out, state)

    return Coder(draw, lift)


def _maybe(part: p.OptionalDraw) -> Coder:
    coder, probability = compile_part(part.part), part.p
    inner = coder.draw

    def draw(data: Source, state: State) -> Any:
        return inner(data, state) if data.draw_boolean(probability) else None

    def lift(value: Any, out: list[Choice], state: State) -> None:
        out.append(value is not None)
        if value is not None:
            coder.lift(value, out, state)

    return Coder(draw, lift)


def _several(part: p.SequenceDraw) -> Coder:
    coder, slots = compile_part(part.part), part.slots
    inner, last = coder.draw, len(part.slots) - 1
    lo, hi = part.min_len, part.max_len

    def draw(data: Source, state: State) -> tuple[Any, ...]:
        more = slots[data.draw_integer(0, last)]
        items: list[Any] = []
        while data.draw_boolean(more, forced=_forced(len(items), lo, hi)):
            data.start_span(ITEM)
            items.append(inner(data, state))
            data.stop_span()
        return tuple(items)

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if type(value) is not tuple or len(value) < lo or (hi is not None and len(value) > hi):
            raise CannotLift(f"{value!r} is not a tuple of {lo} to {hi} items")
        out.append(0)
        for item in value:
            out.append(True)
            coder.lift(item, out, state)
        out.append(False)

    return Coder(draw, lift)


def _forced(count: int, lo: int, hi: int | None) -> bool | None:
    """Say whether there must be one more item or must not be; None where the choice is free."""
    if count < lo:
        return True
    return False if hi is not None and count >= hi else None


def _pairs(part: p.MappingDraw) -> Coder:
    keys, values, slots = compile_part(part.key), compile_part(part.value), part.slots
    draw_key, draw_value, last = keys.draw, values.draw, len(part.slots) - 1
    lo, hi = part.min_len, part.max_len

    def draw(data: Source, state: State) -> dict[Any, Any]:
        more = slots[data.draw_integer(0, last)]
        pairs: dict[Any, Any] = {}
        repeated = 0
        while data.draw_boolean(more, forced=_forced(len(pairs), lo, hi)):
            data.start_span(ITEM)
            key = draw_key(data, state)
            repeated += key in pairs
            pairs[key] = draw_value(data, state)
            data.stop_span()
            if repeated > 32 and len(pairs) < lo:
                data.mark_invalid()
        return pairs

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if type(value) is not dict or len(value) < lo or (hi is not None and len(value) > hi):
            raise CannotLift(f"{value!r} is not a dict of {lo} to {hi} pairs")
        out.append(0)
        for key, item in value.items():
            out.append(True)
            keys.lift(key, out, state)
            values.lift(item, out, state)
        out.append(False)

    return Coder(draw, lift)


def _use(part: p.NameDraw) -> Coder:
    """Draw a name inside another value, as a plain value."""
    roster, last = part.roster, part.count - 1

    def draw(data: Source, state: State) -> Any:
        return state.rosters[roster][data.draw_integer(0, last)]

    def lift(value: Any, out: list[Choice], state: State) -> None:
        key = identity(value)
        for index, name in enumerate(state.rosters[roster]):
            if identity(name) == key:
                out.append(index)
                return
        raise NotInPlay(f"{value!r} is not a name of the roster {roster!r}")

    return Coder(draw, lift)
