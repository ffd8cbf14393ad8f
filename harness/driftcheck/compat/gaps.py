"""
Where one type holds values that another does not: one gap for each reason, with a value that falls into it.

The first type is the writer's, the second the reader's; whose they are is for those who ask. Knows types
only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from driftcheck.compat import rules
from driftcheck.compat.plainest import (
    LONGEST,
    STOCK,
    NoValue,
    mapping,
    pairs,
    plainest,
    refusal,
    search,
    several,
    stripped,
)
from driftcheck.compat.rebuild import Unwritten
from driftcheck.core import types as t
from driftcheck.core.errors import DriftcheckError
from driftcheck.oracle.checks import Check
from driftcheck.values import notation

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()
UNTOLD = "the listed values are not such as an export can hold"
BY_ITSELF = t.Payload | t.Handle | t.Peer | t.Steps  # no value is of these and of another kind
MOST_TRIED = 2000  # values, in search of one that is not listed


@attrs.frozen
class Gap:
    """One reason why a reader does not take all that a writer may write."""

    rule: Check
    says: str  # a verb follows: "refused"
    value: Any = UNKNOWN  # one that the writer may write, in the notation of case files
    path: str = ""  # from the outermost value: "tags[]"
    home: str = ""  # the innermost record's field that it is about: "Item.tags[]"

    def within(self, part: str, wrap: Callable[[Any], Any]) -> Gap:
        """Return the same gap, seen from one level further out."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        value = self.value if self.value is UNKNOWN else _or_unknown(lambda: wrap(self.value))
        return attrs.evolve(self, path=f"{part}{joint}{self.path}", value=value)


def gaps(writer: t.Type, reader: t.Type) -> Iterator[Gap]:
    """Yield each gap, in the order in which the values stand."""
    writer, reader = stripped(writer), stripped(reader)
    if isinstance(writer, t.Choice):
        yield from _of_listed(writer, reader)
        return
    if isinstance(reader, t.Choice):
        inner = list(gaps(writer, reader.inner))
        yield from inner
        if not any(gap.rule is rules.RETYPED for gap in inner):
            yield from _beside_listed(writer, reader)
        return
    match writer, reader:
        case t.Optional(), t.Optional():
            yield from gaps(writer.inner, reader.inner)
        case t.Optional(), _:
            yield Gap(rules.NULL_REFUSED, "null is", None)
            yield from gaps(writer.inner, reader)
        case _, t.Optional():
            yield from gaps(writer, reader.inner)
        case t.Int(), t.Int():
            yield from _ints(writer, reader)
        case t.Float(), t.Float():
            yield from _floats(writer, reader)
        case t.Text(), t.Text():
            yield from _lengths(writer, reader, lambda n: "0" * n)
            yield from _patterns(writer, reader)
        case t.Bytes(), t.Bytes():
            yield from _lengths(writer, reader, lambda n: notation.write(writer, b"0" * n))
        case t.Enumeration(), t.Enumeration():
            known = {m.name for m in reader.members}
            for member in writer.members:
                if member.name not in known:
                    yield Gap(
                        rules.MEMBER_UNKNOWN, f"the member {member.name} is", member.name, home=writer.name
                    )
        case t.Record(), t.Record():
            yield from _records(writer, reader)
        case t.Union(), t.Union():
            yield from _unions(writer, reader)
        case t.Sequence(), t.Sequence():
            yield from _sequences(writer, reader)
        case t.Mapping(), t.Mapping():
            yield from _mappings(writer, reader)
        case t.Payload(), t.Payload():
            yield from _payloads(writer, reader)
        case t.Handle(), t.Handle() if writer != reader:
            yield _retyped(writer, reader)
        case _ if type(writer) is not type(reader):
            yield _retyped(writer, reader)


def _retyped(writer: t.Type, reader: t.Type) -> Gap:
    says = f"{_word(writer)} where {_word(reader)} is wanted is"
    return Gap(rules.RETYPED, says, _apart(writer, reader))


def _or_unknown(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except NoValue:
        return UNKNOWN


def _apart(writer: t.Type, reader: t.Type) -> Any:
    """Return a value of the writer's kind that the reader's does not hold, else its plainest one."""
    if isinstance(writer, BY_ITSELF) or isinstance(reader, BY_ITSELF):
        return UNKNOWN  # it is read as another kind of thing, whatever it says
    tried = _or_unknown(lambda: list(itertools.islice(several(writer), 64)))
    if tried is UNKNOWN or not tried:
        return UNKNOWN
    if isinstance(writer, t.Float) and isinstance(reader, t.Int):
        tried.sort(key=lambda v: isinstance(v, float) and v.is_integer())  # the whole ones look like integers
    return next((v for v in tried if refusal(reader, v) is not None), tried[0])


def _ints(writer: t.Int, reader: t.Int) -> Iterator[Gap]:
    if writer.lo < reader.lo:
        nearest = min(max(0, writer.lo), writer.hi, reader.lo - 1)
        yield Gap(rules.OUT_OF_RANGE, f"numbers below {reader.lo} are", nearest)
    if writer.hi > reader.hi:
        nearest = max(min(0, writer.hi), writer.lo, reader.hi + 1)
        yield Gap(rules.OUT_OF_RANGE, f"numbers above {reader.hi} are", nearest)


def _floats(writer: t.Float, reader: t.Float) -> Iterator[Gap]:
    if writer.lo < reader.lo:
        tried = (0.0, reader.lo - 1.0, writer.lo, writer.hi, math.nextafter(reader.lo, -math.inf))
        value = next(v for v in tried if writer.lo <= v <= writer.hi and v < reader.lo)
        yield Gap(rules.OUT_OF_RANGE, f"numbers below {reader.lo!r} are", notation.write(writer, value))
    if writer.hi > reader.hi:
        tried = (0.0, reader.hi + 1.0, writer.hi, writer.lo, math.nextafter(reader.hi, math.inf))
        value = next(v for v in tried if writer.lo <= v <= writer.hi and v > reader.hi)
        yield Gap(rules.OUT_OF_RANGE, f"numbers above {reader.hi!r} are", notation.write(writer, value))


def _lengths(writer: Any, reader: Any, make: Callable[[int], Any]) -> Iterator[Gap]:
    """Yield the gaps of lengths; `make` gives a value of a length, or raises NoValue."""

    def of_length(length: int) -> Any:
        if length > LONGEST:
            return UNKNOWN
        made = _or_unknown(lambda: make(length))
        if isinstance(writer, t.Text) and writer.pattern is not None:
            lengths = range(reader.min_len, LONGEST if reader.max_len is None else reader.max_len + 1)
            found = search(writer.pattern, lambda s: refusal(writer, s) is None and len(s) not in lengths)
            made = UNKNOWN if found is None else found
        return made

    if writer.min_len < reader.min_len:
        yield Gap(rules.LENGTH, f"lengths below {reader.min_len} are", of_length(writer.min_len))
    if reader.max_len is not None and (writer.max_len is None or writer.max_len > reader.max_len):
        longest = max(reader.max_len + 1, writer.min_len)
        yield Gap(rules.LENGTH, f"lengths above {reader.max_len} are", of_length(longest))


def _patterns(writer: t.Text, reader: t.Text) -> Iterator[Gap]:
    if reader.pattern is None:
        return
    wanted = reader.pattern.pattern
    if writer.pattern is not None and writer.pattern.pattern == wanted:
        return

    def is_refused(text: str) -> bool:
        return refusal(writer, text) is None and reader.pattern.fullmatch(text) is None  # type: ignore[union-attr] # it has one

    lengths = range(writer.min_len, min(writer.min_len + 4, LONGEST))
    stock = (character * n for n in lengths for character in STOCK)
    found = next(filter(is_refused, stock), None)
    found = search(writer.pattern, is_refused) if found is None else found
    if found is not None:
        yield Gap(rules.PATTERN, f"texts that do not match {wanted!r} are", found)
    elif writer.pattern is not None:
        before = writer.pattern.pattern
        yield Gap(rules.UNPROVEN, f"no text was found that matches {before!r} and not {wanted!r}")


def _of_listed(writer: t.Choice, reader: t.Type) -> Iterator[Gap]:
    if _core(writer) is not _core(reader):
        yield _retyped(writer, reader)
        return
    unwritten = [v for v in writer.values if isinstance(v, Unwritten)]
    known = reader.values if isinstance(reader, t.Choice) else ()
    if any(v not in known for v in unwritten) or (not unwritten and _has_unwritten(reader)):
        yield Gap(rules.UNPROVEN, UNTOLD)
        return
    values = [notation.write(writer.inner, v) for v in writer.values if v not in unwritten]
    refused = [v for v in values if refusal(reader, v) is not None]
    if refused:
        count = f"{len(refused)} of the {len(values)} listed values are"
        yield Gap(rules.CHOICE, count if len(refused) > 1 else "one of the listed values is", refused[0])


def _beside_listed(writer: t.Type, reader: t.Choice) -> Iterator[Gap]:
    if _has_unwritten(reader):
        yield Gap(rules.UNPROVEN, UNTOLD)
        return
    try:
        for value in itertools.islice(several(writer), MOST_TRIED):
            if refusal(reader.inner, value) is None and refusal(reader, value) is not None:
                yield Gap(rules.CHOICE, "values that are not listed are", value)
                return
    except NoValue:
        yield Gap(rules.CHOICE, "values that are not listed are")


def _has_unwritten(type_: t.Type) -> bool:
    return isinstance(type_, t.Choice) and any(isinstance(v, Unwritten) for v in type_.values)


def _core(type_: t.Type) -> type:
    """Return the kind of a type, whatever is listed or may be null."""
    while isinstance(type_, t.Named | t.Generated | t.Choice | t.Optional):
        type_ = type_.inner
    return type(type_)


def _records(writer: t.Record, reader: t.Record) -> Iterator[Gap]:
    read = {f.name: f.type for f in reader.fields}
    written = {f.name for f in writer.fields}

    def whole() -> Any:
        return plainest(writer, reader)

    def of(name: str, gap: Gap) -> Gap:
        found = gap.within(name, lambda value: whole() | {name: value})
        return attrs.evolve(found, home=gap.home or f"{writer.name}.{found.path}")

    for field in writer.fields:
        if field.name in read:
            yield from (of(field.name, gap) for gap in gaps(field.type, read[field.name]))
        else:
            says = f"the field {field.name!r}, which is not known, is"
            value = _or_unknown(whole)
            yield Gap(rules.FIELD_UNKNOWN, says, value, field.name, f"{writer.name}.{field.name}")
    for name in read:
        if name not in written:
            says = f"what lacks the field {name!r} is"
            yield Gap(rules.FIELD_MISSING, says, _or_unknown(whole), name, f"{writer.name}.{name}")


def _unions(writer: t.Union, reader: t.Union) -> Iterator[Gap]:
    read = {a.name: a for a in reader.alternatives}
    for one in writer.alternatives:
        if one.name in read:
            for gap in gaps(one, read[one.name]):
                yield gap.within(one.name, _under(one.name))
        else:
            value = _or_unknown(partial(plainest, attrs.evolve(writer, alternatives=(one,))))
            yield Gap(rules.ALTERNATIVE_UNKNOWN, f"the alternative {one.name} is", value)


def _under(name: str) -> Callable[[Any], Any]:
    return lambda value: {name: value}


def _sequences(writer: t.Sequence, reader: t.Sequence) -> Iterator[Gap]:
    def of_length(count: int) -> Any:
        return [plainest(writer.inner, reader.inner)] * count if count else []

    yield from _lengths(writer, reader, of_length)
    count = max(1, writer.min_len)
    if writer.max_len != 0 and count <= LONGEST:
        for gap in gaps(writer.inner, reader.inner):
            yield gap.within("[]", lambda value: [value, *of_length(count - 1)])


def _mappings(writer: t.Mapping, reader: t.Mapping) -> Iterator[Gap]:
    yield from _lengths(writer, reader, lambda count: mapping(writer, reader, count))
    if writer.max_len == 0:
        return
    for gap in gaps(writer.key, reader.key):
        yield gap.within("[key]", lambda key: _filled(writer, reader, key, UNKNOWN))
    for gap in gaps(writer.value, reader.value):
        yield gap.within("[]", lambda value: _filled(writer, reader, UNKNOWN, value))


def _filled(writer: t.Mapping, reader: t.Mapping, key: Any, value: Any) -> Any:
    """Return a mapping with this key or this value, of as many as it must have."""
    count = max(1, writer.min_len)
    plain_value = plainest(writer.value, reader.value)
    keys = [] if key is UNKNOWN else [key]
    for one in several(writer.key, reader.key):
        if len(keys) >= count:
            break
        if one not in keys:
            keys.append(one)
    if len(keys) < count:
        raise NoValue
    values = [plain_value if value is UNKNOWN else value] + [plain_value] * (count - 1)
    return pairs(writer, list(zip(keys, values, strict=True)))


def _payloads(writer: t.Payload, reader: t.Payload) -> Iterator[Gap]:
    if writer.codec.name != reader.codec.name:
        says = f"a document in {writer.codec.name!r} where one in {reader.codec.name!r} is wanted is"
        yield Gap(rules.CODEC_CHANGED, says, _or_unknown(lambda: plainest(expressible(writer))))
        return
    yield from gaps(expressible(writer), expressible(reader))


def expressible(payload: t.Payload) -> t.Type:
    """Return the type of the values that a payload's codec can write."""
    try:
        return payload.codec.expressible(payload.inner)
    except DriftcheckError:  # a codec for records of one form, and this is another
        return payload.inner


def _word(type_: t.Type) -> str:
    match type_:
        case t.Record(name=name) | t.Union(name=name) | t.Enumeration(name=name):
            return name
        case t.Handle(name=name, closing=closing):
            return f"a {'closing ' if closing else ''}handle of {name}"
        case t.Payload(codec=codec):
            return f"a document in {codec.name!r}"
        case (
            t.Choice(inner=inner) | t.Optional(inner=inner) | t.Named(inner=inner) | t.Generated(inner=inner)
        ):
            return _word(inner)
        case _:
            return type(type_).__name__.lower()
