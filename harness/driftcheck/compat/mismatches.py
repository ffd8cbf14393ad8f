"""
Mismatches: what a writer's type allows and a reader's type refuses, one for each reason, with an example.

Knows types only. Which contract is the writer and which the reader is up to the caller.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.compat import rules
from driftcheck.compat.rebuild import Unwritten
from driftcheck.compat.simplest import (
    LONGEST,
    STOCK,
    NoValue,
    mapping,
    pairs,
    refusal,
    search,
    several,
    simplest,
    stripped,
)
from driftcheck.core import types as t
from driftcheck.core.errors import DriftcheckError
from driftcheck.oracle.checks import Check
from driftcheck.values import notation
from driftcheck.values.encoding import matches

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()
INEXPRESSIBLE = "an export cannot hold the listed values"
BY_ITSELF = t.Payload | t.Handle | t.Peer | t.Steps  # no value of these is also of another kind
MOST_TRIED = 2000  # values, to find one that is not listed


@attrs.frozen
class Mismatch:
    """One reason why a reader refuses something that a writer may write."""

    rule: Check
    says: str  # a verb follows: "refused"
    value: Any = UNKNOWN  # an example that the writer may write, in the notation of case files
    path: str = ""  # from the outermost value: "tags[]"
    home: str = ""  # the field of the innermost record that it is about: "Item.tags[]"

    def within(self, part: str, wrap: Callable[[Any], Any]) -> Mismatch:
        """Return the same mismatch as part of an outer value."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        value = self.value if self.value is UNKNOWN else _or_unknown(lambda: wrap(self.value))
        return attrs.evolve(self, path=f"{part}{joint}{self.path}", value=value)


def mismatches(writer: t.Type, reader: t.Type) -> Iterator[Mismatch]:
    """Yield each mismatch, in the order of the parts of the types."""
    writer, reader = stripped(writer), stripped(reader)
    if isinstance(writer, t.Choice):
        yield from _of_listed(writer, reader)
        return
    if isinstance(reader, t.Choice):
        inner = list(mismatches(writer, reader.inner))
        yield from inner
        if not any(mismatch.rule is rules.RETYPED for mismatch in inner):
            yield from _beside_listed(writer, reader)
        return
    match writer, reader:
        case t.Optional(), t.Optional():
            yield from mismatches(writer.inner, reader.inner)
        case t.Optional(), _:
            yield Mismatch(rules.NULL_REFUSED, "null is", None)
            yield from mismatches(writer.inner, reader)
        case _, t.Optional():
            yield from mismatches(writer, reader.inner)
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
                    yield Mismatch(
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


def _retyped(writer: t.Type, reader: t.Type) -> Mismatch:
    says = f"{_word(writer)} instead of {_word(reader)} is"
    return Mismatch(rules.RETYPED, says, _distinguishing(writer, reader))


def _or_unknown(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except NoValue:
        return UNKNOWN


def _distinguishing(writer: t.Type, reader: t.Type) -> Any:
    """Return a value of the writer's type that the reader refuses, else the simplest one."""
    if isinstance(writer, BY_ITSELF) or isinstance(reader, BY_ITSELF):
        return UNKNOWN  # its kind alone decides, not its value
    tried = _or_unknown(lambda: list(itertools.islice(several(writer), 64)))
    if tried is UNKNOWN or not tried:
        return UNKNOWN
    if isinstance(writer, t.Float) and isinstance(reader, t.Int):
        tried.sort(key=lambda v: isinstance(v, float) and v.is_integer())  # whole floats look like integers
    return next((v for v in tried if refusal(reader, v) is not None), tried[0])


def _ints(writer: t.Int, reader: t.Int) -> Iterator[Mismatch]:
    if writer.lo < reader.lo:
        nearest = min(max(0, writer.lo), writer.hi, reader.lo - 1)
        yield Mismatch(rules.OUT_OF_RANGE, f"numbers below {reader.lo} are", nearest)
    if writer.hi > reader.hi:
        nearest = max(min(0, writer.hi), writer.lo, reader.hi + 1)
        yield Mismatch(rules.OUT_OF_RANGE, f"numbers above {reader.hi} are", nearest)


def _floats(writer: t.Float, reader: t.Float) -> Iterator[Mismatch]:
    if writer.lo < reader.lo:
        tried = (0.0, reader.lo - 1.0, writer.lo, writer.hi, math.nextafter(reader.lo, -math.inf))
        value = next(v for v in tried if writer.lo <= v <= writer.hi and v < reader.lo)
        yield Mismatch(rules.OUT_OF_RANGE, f"numbers below {reader.lo!r} are", notation.write(writer, value))
    if writer.hi > reader.hi:
        tried = (0.0, reader.hi + 1.0, writer.hi, writer.lo, math.nextafter(reader.hi, math.inf))
        value = next(v for v in tried if writer.lo <= v <= writer.hi and v > reader.hi)
        yield Mismatch(rules.OUT_OF_RANGE, f"numbers above {reader.hi!r} are", notation.write(writer, value))


def _lengths(writer: Any, reader: Any, make: Callable[[int], Any]) -> Iterator[Mismatch]:
    """Yield the mismatches of lengths; `make` returns a value of a length, or raises NoValue."""

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
        yield Mismatch(rules.LENGTH, f"lengths below {reader.min_len} are", of_length(writer.min_len))
    if reader.max_len is not None and (writer.max_len is None or writer.max_len > reader.max_len):
        longest = max(reader.max_len + 1, writer.min_len)
        yield Mismatch(rules.LENGTH, f"lengths above {reader.max_len} are", of_length(longest))


def _patterns(writer: t.Text, reader: t.Text) -> Iterator[Mismatch]:
    if reader.pattern is None:
        return
    pattern, wanted = reader.pattern, reader.pattern.pattern
    if writer.pattern is not None and writer.pattern.pattern == wanted:
        return

    def is_refused(text: str) -> bool:
        return refusal(writer, text) is None and not matches(pattern, text)

    lengths = range(writer.min_len, min(writer.min_len + 4, LONGEST))
    stock = (character * n for n in lengths for character in STOCK)
    found = next(filter(is_refused, stock), None)
    found = search(writer.pattern, is_refused) if found is None else found
    if found is not None:
        yield Mismatch(rules.PATTERN, f"texts that do not match {wanted!r} are", found)
    elif writer.pattern is not None:
        before = writer.pattern.pattern
        yield Mismatch(rules.UNPROVEN, f"no text was found that matches {before!r} and not {wanted!r}")


def _of_listed(writer: t.Choice, reader: t.Type) -> Iterator[Mismatch]:
    if _core(writer) is not _core(reader):
        yield _retyped(writer, reader)
        return
    unwritten = [v for v in writer.values if isinstance(v, Unwritten)]
    known = reader.values if isinstance(reader, t.Choice) else ()
    if any(v not in known for v in unwritten) or (not unwritten and _has_unwritten(reader)):
        yield Mismatch(rules.UNPROVEN, INEXPRESSIBLE)
        return
    values = [notation.write(writer.inner, v) for v in writer.values if v not in unwritten]
    refused = [v for v in values if refusal(reader, v) is not None]
    if refused:
        count = f"{len(refused)} of the {len(values)} listed values are"
        yield Mismatch(rules.CHOICE, count if len(refused) > 1 else "one of the listed values is", refused[0])


def _beside_listed(writer: t.Type, reader: t.Choice) -> Iterator[Mismatch]:
    if _has_unwritten(reader):
        yield Mismatch(rules.UNPROVEN, INEXPRESSIBLE)
        return
    try:
        for value in itertools.islice(several(writer), MOST_TRIED):
            if refusal(reader.inner, value) is None and refusal(reader, value) is not None:
                yield Mismatch(rules.CHOICE, "values that are not listed are", value)
                return
    except NoValue:
        yield Mismatch(rules.CHOICE, "values that are not listed are")


def _has_unwritten(type_: t.Type) -> bool:
    return isinstance(type_, t.Choice) and any(isinstance(v, Unwritten) for v in type_.values)


def _core(type_: t.Type) -> type:
    """Return the kind of a type without its wrappers and without null."""
    while isinstance(type_, t.Named | t.Generated | t.Choice | t.Optional):
        type_ = type_.inner
    return type(type_)


def _records(writer: t.Record, reader: t.Record) -> Iterator[Mismatch]:
    read = {f.name: f.type for f in reader.fields}
    written = {f.name for f in writer.fields}

    @cache  # since each field needs it
    def whole() -> Any:
        return simplest(writer, reader)

    def of(name: str, mismatch: Mismatch) -> Mismatch:
        found = mismatch.within(name, lambda value: whole() | {name: value})
        return attrs.evolve(found, home=mismatch.home or f"{writer.name}.{found.path}")

    for field in writer.fields:
        if field.name in read:
            yield from (of(field.name, mismatch) for mismatch in mismatches(field.type, read[field.name]))
        else:
            says = f"the unknown field {field.name!r} is"
            value = _or_unknown(whole)
            yield Mismatch(rules.FIELD_UNKNOWN, says, value, field.name, f"{writer.name}.{field.name}")
    for name in read:
        if name not in written:
            says = f"a record without the field {name!r} is"
            yield Mismatch(rules.FIELD_MISSING, says, _or_unknown(whole), name, f"{writer.name}.{name}")


def _unions(writer: t.Union, reader: t.Union) -> Iterator[Mismatch]:
    read = {a.name: a for a in reader.alternatives}
    for one in writer.alternatives:
        if one.name in read:
            for mismatch in mismatches(one, read[one.name]):
                yield mismatch.within(one.name, _under(one.name))
        else:
            value = _or_unknown(partial(simplest, attrs.evolve(writer, alternatives=(one,))))
            yield Mismatch(rules.ALTERNATIVE_UNKNOWN, f"the alternative {one.name} is", value)


def _under(name: str) -> Callable[[Any], Any]:
    return lambda value: {name: value}


def _sequences(writer: t.Sequence, reader: t.Sequence) -> Iterator[Mismatch]:
    def of_length(count: int) -> Any:
        return [simplest(writer.inner, reader.inner)] * count if count else []

    yield from _lengths(writer, reader, of_length)
    count = max(1, writer.min_len)
    if writer.max_len != 0 and count <= LONGEST:
        for mismatch in mismatches(writer.inner, reader.inner):
            yield mismatch.within("[]", lambda value: [value, *of_length(count - 1)])


def _mappings(writer: t.Mapping, reader: t.Mapping) -> Iterator[Mismatch]:
    yield from _lengths(writer, reader, lambda count: mapping(writer, reader, count))
    if writer.max_len == 0:
        return
    for mismatch in mismatches(writer.key, reader.key):
        yield mismatch.within("[key]", lambda key: _filled(writer, reader, key, UNKNOWN))
    for mismatch in mismatches(writer.value, reader.value):
        yield mismatch.within("[]", lambda value: _filled(writer, reader, UNKNOWN, value))


def _filled(writer: t.Mapping, reader: t.Mapping, key: Any, value: Any) -> Any:
    """Return a mapping with this key or this value, of the smallest allowed size."""
    count = max(1, writer.min_len)
    plain_value = simplest(writer.value, reader.value)
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


def _payloads(writer: t.Payload, reader: t.Payload) -> Iterator[Mismatch]:
    if writer.codec.name != reader.codec.name:
        says = f"a document in {writer.codec.name!r} instead of one in {reader.codec.name!r} is"
        yield Mismatch(rules.CODEC_CHANGED, says, _or_unknown(lambda: simplest(expressible(writer))))
        return
    yield from mismatches(expressible(writer), expressible(reader))


def expressible(payload: t.Payload) -> t.Type:
    """Return the type of the values that a payload's codec can write."""
    try:
        return checked_calls.expressible(payload.codec, payload.inner)
    except DriftcheckError:  # the codec is for other records
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
