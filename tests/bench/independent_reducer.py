"""
A reducer that shares no code with driftcheck's shrinking, to see whether a shrunk case could be smaller.

It removes steps and parts of values, lowers numbers, alone and in pairs, and makes characters simpler.
It is slow and thorough. Knows cases and their types; what a case must still show, it asks.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import attrs

from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document, LawCase, Name, Ref, Step, Trace

Case = Trace | LawCase
Shows = Callable[[Any], bool]  # says whether a case still shows what it must
Put = Callable[[Any], Case | None]  # returns the case with another value at a place; None where it has none
Size = tuple[int, int, int, int]

PLAIN = "0a"  # the simplest digit, and the simplest letter
PAIRED = 40  # numbers and texts; of more, no pairs are tried


class OutOfTime(Exception):
    """The time, or the number of calls, is over."""


@attrs.frozen
class Place:
    """A value in a case, with its type."""

    type: t.Type
    value: Any
    put: Put


@attrs.frozen
class Number:
    """A number in a case: a value, or the digits in a text or a document."""

    value: int
    put: Callable[[Case, int], Case | None]


@attrs.define
class Reducer:
    """Makes a case smaller for as long as it shows the same.

    Args:
        rosters: the types of names in play, by roster.
        most_s: how long it may take.
    """

    schema: Schema
    rosters: Mapping[str, t.Type]
    shows: Shows
    most_s: float
    calls: int = 0
    _tried: set[str] = attrs.field(factory=set)
    _end: float = 0.0

    def reduce(self, case: Case) -> Case:
        """Return the smallest case that was found."""
        self._end = time.monotonic() + self.most_s
        smallest = case
        try:
            while (smaller := self._smaller(smallest)) is not None:
                smallest = smaller
        except OutOfTime:
            pass
        return smallest

    def _smaller(self, case: Case) -> Case | None:
        """Return the first smaller case that shows the same; None where none of those tried does."""
        before = size_of(case)
        for candidate in self._candidates(case):
            if size_of(candidate) < before and self._shows(candidate):
                return candidate
        return None

    def _shows(self, case: Case) -> bool:
        key = repr(case)
        if key in self._tried:
            return False
        if time.monotonic() > self._end:
            raise OutOfTime
        self._tried.add(key)
        self.calls += 1
        return self.shows(case)

    def _candidates(self, case: Case) -> Iterator[Case]:
        yield from without_steps(case)
        places = list(self._places(case))
        for place in places:
            for value in simpler(place.type, place.value):
                if (candidate := place.put(value)) is not None:
                    yield candidate
        yield from self._names(case)
        yield from self._pairs(case, places)

    def _places(self, case: Case) -> Iterator[Place]:
        """Yield each argument of a case, and each value inside it."""
        for arguments, values, put in lists_of(self.schema, case):
            for number, (argument, value) in enumerate(zip(arguments, values, strict=True)):

                def put_one(
                    new: Any, number: int = number, values: Any = values, put: Any = put
                ) -> Case | None:
                    changed: Case | None = put((*values[:number], new, *values[number + 1 :]))
                    return changed

                yield from inside(argument.type, value, put_one)

    def _names(self, case: Case) -> Iterator[Case]:
        """Yield the case with a simpler name in play, or with one name for another."""
        trace = case if isinstance(case, Trace) else case.trace
        for roster, names in trace.rosters.items():
            for number, name in enumerate(names):
                for new in simpler(self.rosters[roster], name):
                    if new not in names:
                        values = (*names[:number], new, *names[number + 1 :])
                        yield with_names(case, {**trace.rosters, roster: values})

    def _pairs(self, case: Case, places: Sequence[Place]) -> Iterator[Case]:
        """Yield the case with two numbers lowered together, or a text cut and a number lowered by as much."""
        numbers = list(self._numbers(places))
        if len(numbers) <= PAIRED:
            for one, other in combinations(range(len(numbers)), 2):
                yield from self._lowered(case, numbers[one], one, other)
        for number, place in product(range(min(len(numbers), PAIRED)), range(len(places))):
            yield from self._cut_and_lowered(case, numbers[number], number, place)

    def _numbers(self, places: Sequence[Place]) -> Iterator[Number]:
        for at, place in enumerate(places):
            if type(place.value) is int and place.value:
                yield Number(place.value, lambda case, new, at=at: self._at(case, at, new))
            elif isinstance(place.value, str | Document) and not isinstance(place.type, t.WRAPPERS):
                yield from self._digits(at, text_of(place.value))

    def _digits(self, at: int, text: str) -> Iterator[Number]:
        for order, found in enumerate(re.finditer("[0-9]+", text)):
            if int(found[0]) and len(found[0]) < 40:

                def put(case: Case, new: int, order: int = order) -> Case | None:
                    value = [*self._places(case)][at].value
                    each = [*re.finditer("[0-9]+", text_of(value))]
                    if order >= len(each):
                        return None
                    start, end = each[order].span()
                    whole = text_of(value)
                    return self._at(case, at, f"{whole[:start]}{new}{whole[end:]}")

                yield Number(int(found[0]), put)

    def _at(self, case: Case, at: int, content: Any) -> Case | None:
        """Return the case with other content at the place of this number."""
        places = [*self._places(case)]
        if at >= len(places):
            return None
        value = like(places[at].type, places[at].value, content)
        return None if value is None else places[at].put(value)

    def _lowered(self, case: Case, number: Number, one: int, other: int) -> Iterator[Case]:
        second = [*self._numbers([*self._places(case)])][other]
        most = min(abs(number.value), abs(second.value))
        for amount in dict.fromkeys((most, most // 2, 10, 1)):
            if not 0 < amount <= most:
                continue
            first = number.put(case, number.value - int(math.copysign(amount, number.value)))
            if first is None:
                continue
            # Its digits may be fewer now, or it may be gone.
            again = [n for n in self._numbers([*self._places(first)]) if n.value == second.value]
            for twin in again:
                lowered = twin.put(first, second.value - int(math.copysign(amount, second.value)))
                if lowered is not None:
                    yield lowered

    def _cut_and_lowered(self, case: Case, number: Number, which: int, place: int) -> Iterator[Case]:
        found = [*self._places(case)][place]
        if not isinstance(found.value, str | bytes | tuple | Document):
            return
        whole = content_of(found.value)
        for length in dict.fromkeys((number.value, number.value // 2, 2, 1)):
            if not 0 < length <= min(number.value, len(whole)):
                continue
            lowered = number.put(case, number.value - length)
            if lowered is None:
                continue
            places = [*self._places(lowered)]
            if place >= len(places):
                continue
            left = content_of(places[place].value)
            for start in range(len(left) - length + 1):
                cut = left[:start] + left[start + length :]
                if (candidate := self._at(lowered, place, cut)) is not None:
                    yield candidate


def lists_of(schema: Schema, case: Case) -> Iterator[tuple[Sequence[Argument], tuple[Any, ...], Put]]:
    """Yield the lists of arguments of a case, each with a function that replaces it."""
    trace = case if isinstance(case, Trace) else case.trace

    def around(new: Trace) -> Case:
        return new if isinstance(case, Trace) else attrs.evolve(case, trace=new)

    slots = [argument for argument, _ in schema.slots]
    yield slots, trace.opening, lambda values: around(attrs.evolve(trace, opening=values))
    for number, step in enumerate(trace.steps):

        def put(values: Any, number: int = number, step: Step = step) -> Case:
            steps = (*trace.steps[:number], attrs.evolve(step, arguments=values), *trace.steps[number + 1 :])
            return around(attrs.evolve(trace, steps=steps))

        yield schema.operation(step.operation).arguments, step.arguments, put
    if isinstance(case, LawCase):
        law = next(one for one in schema.laws if one.name == case.law)
        yield law.arguments, case.arguments, lambda values: attrs.evolve(case, arguments=values)


def without_steps(case: Case) -> Iterator[Case]:
    """Yield the case without runs of steps, the longest runs first, and without faults and instances."""
    if isinstance(case, LawCase):
        yield from (attrs.evolve(case, trace=fewer) for fewer in without_steps(case.trace))  # type: ignore[type-var]
        for at, argument in enumerate(case.arguments):
            if isinstance(argument, tuple) and argument and isinstance(argument[0], Step):
                for number in range(len(argument)):
                    fewer = argument[:number] + argument[number + 1 :]
                    if not any(isinstance(a, Ref) for step in fewer for a in step.arguments):
                        changed = (*case.arguments[:at], fewer, *case.arguments[at + 1 :])
                        yield attrs.evolve(case, arguments=changed)
        return
    count = len(case.steps)
    length = count
    while length:
        for start in range(count - length + 1):
            gone = set(range(start, start + length))
            if (fewer_steps := steps_without(case.steps, gone)) is not None:
                yield attrs.evolve(case, steps=fewer_steps)
        length //= 2
    for one, other in combinations(range(count), 2):
        if (fewer_steps := steps_without(case.steps, {one, other})) is not None:
            yield attrs.evolve(case, steps=fewer_steps)
    for number, step in enumerate(case.steps):
        if step.fault is not None:
            plain = attrs.evolve(step, fault=None)
            yield attrs.evolve(case, steps=(*case.steps[:number], plain, *case.steps[number + 1 :]))


def steps_without(steps: Sequence[Step], gone: set[int]) -> tuple[Step, ...] | None:
    """Return the other steps; None where one of them takes the handle of one that is gone."""
    places = {old: new for new, old in enumerate(n for n in range(len(steps)) if n not in gone)}
    kept: list[Step] = []
    for old in places:
        arguments: list[Any] = []
        for argument in steps[old].arguments:
            if isinstance(argument, Ref):
                if argument.step not in places:
                    return None
                argument = Ref(places[argument.step])
            arguments.append(argument)
        kept.append(attrs.evolve(steps[old], arguments=tuple(arguments)))
    return tuple(kept)


def with_names(case: Case, rosters: Mapping[str, tuple[Any, ...]]) -> Case:
    """Return the case with other names in play."""

    def renamed(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(one(value) for value in values)

    def one(value: Any) -> Any:
        match value:
            case Name(roster=roster, index=index):
                return Name(roster, index, rosters[roster][index])
            case Step(arguments=arguments):
                return attrs.evolve(value, arguments=renamed(arguments))
            case tuple():
                return renamed(value)
        return value

    if isinstance(case, Trace):
        return Trace(renamed(case.steps), renamed(case.opening), rosters)
    trace = with_names(case.trace, rosters)
    assert isinstance(trace, Trace)
    return attrs.evolve(case, trace=trace, arguments=renamed(case.arguments))


def inside(type_: t.Type, value: Any, put: Put) -> Iterator[Place]:
    """Yield a value, and the values inside it."""
    yield Place(type_, value, put)
    if isinstance(type_, t.WRAPPERS):
        return
    match type_:
        case t.Record(cls=cls, fields=fields):
            aliases = {a.name: a.alias or a.name for a in attrs.fields(cls)}
            for field in fields:

                def in_field(new: Any, name: str = aliases[field.name]) -> Case | None:
                    try:
                        return put(attrs.evolve(value, **{name: new}))
                    except (ValueError, TypeError):  # the author's class refuses it
                        return None

                yield from inside(field.type, getattr(value, field.name), in_field)
        case t.Union(alternatives=alternatives):
            record = next(a for a in alternatives if a.cls is type(value))
            yield from (one for one in inside(record, value, put) if one.value is not value)
        case t.Optional(inner=inner) if value is not None:
            yield from inside(inner, value, put)
        case t.Sequence(inner=inner):
            for number, item in enumerate(value):

                def in_item(new: Any, number: int = number) -> Case | None:
                    return put((*value[:number], new, *value[number + 1 :]))

                yield from inside(inner, item, in_item)
        case t.Mapping(value=inner):
            for key, item in value.items():

                def in_pair(new: Any, key: Any = key) -> Case | None:
                    return put({**value, key: new})

                yield from inside(inner, item, in_pair)


def simpler(type_: t.Type, value: Any) -> Iterator[Any]:
    """Yield simpler values of a type, the simplest first."""
    for candidate in _simpler(type_, value):
        if candidate != value and is_of(type_, candidate):
            yield candidate


def _simpler(type_: t.Type, value: Any) -> Iterator[Any]:
    match type_:
        case t.Choice(values=values):
            yield from values[: values.index(value)]
        case t.Bool():
            yield False
        case t.Int(lo=lo, hi=hi):
            yield min(max(0, lo), hi)
            yield from lower_integers(value)
        case t.Float():
            yield from lower_floats(value)
        case t.Text() | t.Bytes():
            yield from shorter(value)
            yield from plainer(value)
        case t.Enumeration(members=members):
            yield from members[: members.index(value)]
        case t.Optional():
            yield None
        case t.Sequence():
            yield from shorter(value)
        case t.Mapping():
            for key in value:
                yield {k: v for k, v in value.items() if k != key}
        case t.Payload():
            yield from documents(type_, value)


def lower_integers(value: int) -> Iterator[int]:
    """Yield integers nearer to zero."""
    yield 0
    yield abs(value)
    for part in (10, 2):
        yield int(value / part) if abs(value) < 2**53 else value // part
    for less in (100, 10, 1):
        yield value - int(math.copysign(less, value)) if abs(value) >= less else 0
    step = abs(value) // 4
    while step > 1:
        yield value - int(math.copysign(step, value))
        step //= 4


def lower_floats(value: float) -> Iterator[float]:
    """Yield simpler floats."""
    yield from (0.0, 1.0)
    if math.isfinite(value):
        yield abs(value)
        yield float(math.trunc(value))
        yield from (float(f"{value:.{digits}g}") for digits in (1, 2, 4, 8))
        yield value / 2


def shorter(value: Any) -> Iterator[Any]:
    """Yield a sequence without runs of it, the longest runs first."""
    length = len(value)
    while length:
        for start in range(0, len(value) - length + 1, max(1, length // 2)):
            yield value[:start] + value[start + length :]
        length = length // 2
    for length in (3, 5, 6, 7):
        for start in range(len(value) - length + 1):
            yield value[:start] + value[start + length :]


def plainer(value: str | bytes) -> Iterator[Any]:
    """Yield text with a simpler character at a place, or at all places."""
    characters = [chr(c) for c in value] if isinstance(value, bytes) else list(value)

    def back(some: Sequence[str]) -> str | bytes:
        return bytes(map(ord, some)) if isinstance(value, bytes) else "".join(some)

    yield back([_plain(c, isinstance(value, bytes)) for c in characters])
    for number, character in enumerate(characters):
        plain = _plain(character, isinstance(value, bytes))
        if plain != character:
            yield back([*characters[:number], plain, *characters[number + 1 :]])


def _plain(character: str, is_binary: bool) -> str:
    if is_binary:
        return "\0"
    if character.isascii() and character.isdigit():
        return PLAIN[0]
    if character.isalpha() or not character.isascii():
        return PLAIN[1]
    return character


def documents(type_: t.Payload, document: Document) -> Iterator[Document]:
    """Yield simpler documents."""
    for content in _contents(document):
        if (candidate := like(type_, document, content)) is not None:
            yield candidate


def _contents(document: Document) -> Iterator[str | bytes]:
    yield from shorter(document.data)
    if not _is_utf8(document.data):
        yield from plainer(document.data)
        return
    text = text_of(document)
    yield from plainer(text)
    for found in re.finditer("[0-9]{1,40}", text):
        start, end = found.span()
        for number in lower_integers(int(found[0])):
            if number >= 0:
                yield f"{text[:start]}{number}{text[end:]}"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def content_of(value: Any) -> Any:
    """Return the sequence that a value is or holds."""
    return value.data if isinstance(value, Document) else value


def text_of(value: str | Document) -> str:
    """Return a text, or the text of a document; one character for each byte if it is none."""
    if isinstance(value, str):
        return value
    return value.data.decode("utf-8" if _is_utf8(value.data) else "latin-1")


def like(type_: t.Type, value: Any, content: Any) -> Any:
    """Return other content in the form of a value; None where a well-formed document would not stay so."""
    if not isinstance(value, Document):
        return content if is_of(type_, content) else None
    assert isinstance(type_, t.Payload)
    if isinstance(content, str):
        content = content.encode("utf-8" if _is_utf8(value.data) else "latin-1")
    if not value.is_well_formed:
        return Document(content)
    try:
        return Document(content, type_.codec.value_typed(content, type_.inner))
    except ValueError:
        return None


def is_of(type_: t.Type, value: Any) -> bool:
    """Say whether a value is of a type."""
    if isinstance(value, Name | Ref):
        return True
    if isinstance(type_, t.Choice):
        return value in type_.values
    match t.bare(type_):
        case t.Int(lo=lo, hi=hi) | t.Float(lo=lo, hi=hi):
            return bool(lo <= value <= hi) or value != value
        case t.Text(min_len=lo, max_len=hi, pattern=pattern):
            matches = pattern is None or pattern.fullmatch(value) is not None
            return lo <= len(value) <= _no_less(hi) and matches
        case t.Bytes(min_len=lo, max_len=hi) | t.Sequence(min_len=lo, max_len=hi):
            return lo <= len(value) <= _no_less(hi)
        case t.Mapping(min_len=lo, max_len=hi):
            return lo <= len(value) <= _no_less(hi)
    return True


def _no_less(bound: int | None) -> float:
    return math.inf if bound is None else bound


def size_of(case: Case) -> Size:
    """Return a key by which a smaller case sorts first: steps, length, odd characters, numbers."""
    trace = case if isinstance(case, Trace) else case.trace
    more = case.arguments if isinstance(case, LawCase) else ()
    values = [trace.opening, *((step.arguments, step.fault) for step in trace.steps), more]
    steps = len(trace.steps) + sum(len(a) for a in more if isinstance(a, tuple))
    length, odd, numbers = _size(values)
    return steps, length, odd, numbers


def _size(value: Any) -> tuple[int, int, int]:
    match value:
        case None | False:
            return 0, 0, 0
        case True:
            return 0, 0, 1
        case int():
            return 0, value < 0, abs(value)
        case float():
            return len(repr(value)), value < 0, 0 if not math.isfinite(value) else int(abs(value))
        case str():
            digits = sum(int(found[0]) for found in re.finditer("[0-9]{1,40}", value) if found[0].isascii())
            return len(value), sum(_plain(c, False) != c for c in value), digits
        case bytes():
            return len(value), sum(map(bool, value)), 0
        case Document() if _is_utf8(value.data):
            return _size(text_of(value))
        case Document(data=data):
            return _size(data)
        case Name(value=plain, index=index):
            length, odd, numbers = _size(plain)
            return length, odd, numbers + index
        case dict():
            return _size([*value.items()])
        case tuple() | list():
            sizes = [_size(item) for item in value]
            return (len(sizes) + sum(s[0] for s in sizes), sum(s[1] for s in sizes), sum(s[2] for s in sizes))
        case Step(arguments=arguments):
            return _size(arguments)
        case _ if attrs.has(type(value)):
            return _size([getattr(value, field.name) for field in attrs.fields(type(value))])
    return 0, 0, 0
