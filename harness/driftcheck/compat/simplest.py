"""
The simplest value of a type in the notation of case files; if possible, one that a second type has too.

Knows types only.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from driftcheck.compat.rebuild import Unwritten
from driftcheck.core import types as t
from driftcheck.values import notation
from driftcheck.values.encoding import OutsideType

LONGEST = 4096  # characters, bytes or items of a witness
TRIES = 100  # texts of a pattern; one of the first ten nearly always suffices
STOCK = ("0", "a", "A", "-", " ", "_", "\n", "é")


class NoValue(Exception):
    """No value of a type is short enough, or none was found."""


def refusal(type_: t.Type, data: Any) -> str | None:
    """Return why a type refuses a value in the notation of case files; None if it accepts the value."""
    try:
        notation.read(type_, data)
    except OutsideType as fault:
        return f"{fault.path} {fault.reason}".strip()
    return None


def stripped(type_: t.Type) -> t.Type:
    """Return a type without names in play and strategies, which an export does not describe."""
    while isinstance(type_, t.Named | t.Generated):
        type_ = type_.inner
    return type_


def simplest(type_: t.Type, also: t.Type | None = None) -> Any:
    """Return the simplest value of a type, if possible one of the type `also`; raises NoValue."""
    type_ = stripped(type_)
    other = None if also is None else stripped(also)
    match type_:
        case t.Choice(inner=inner, values=values):
            return _preferred(_listed(inner, values), other)
        case t.Optional(inner=inner):
            is_null = other is None or isinstance(other, t.Optional)
            return None if is_null else simplest(inner, other)
    if isinstance(other, t.Optional):
        return simplest(type_, other.inner)
    match type_:
        case t.Record(fields=fields):
            types = {f.name: f.type for f in other.fields} if isinstance(other, t.Record) else {}
            return {f.name: simplest(f.type, types.get(f.name)) for f in fields}
        case t.Union(alternatives=alternatives):
            others = {a.name: a for a in other.alternatives} if isinstance(other, t.Union) else {}
            one = next((a for a in alternatives if a.name in others), alternatives[0])
            return {one.name: simplest(one, others.get(one.name))}
        case t.Sequence(inner=inner, min_len=lo):
            item_type = other.inner if isinstance(other, t.Sequence) else None
            return [simplest(inner, item_type)] * _count(lo, type_, other) if _count(lo, type_, other) else []
        case t.Mapping(min_len=lo):
            return mapping(type_, other, _count(lo, type_, other))
        case t.Payload():
            return simplest(type_.inner, other.inner if isinstance(other, t.Payload) else None)
        case t.Handle() | t.Steps() | t.Peer():
            return None
    return _preferred(several(type_, other), other)


def mapping(type_: t.Mapping, also: t.Type | None, count: int) -> Any:
    """Return a mapping with the `count` simplest keys."""
    key_type, value_type = (also.key, also.value) if isinstance(also, t.Mapping) else (None, None)
    keys = list(itertools.islice(several(stripped(type_.key), key_type), count))
    if len(keys) < count:
        raise NoValue
    value = simplest(type_.value, value_type) if count else None
    return pairs(type_, [(key, value) for key in keys])


def pairs(type_: t.Mapping, items: list[tuple[Any, Any]]) -> Any:
    """Return a mapping in the notation of case files."""
    has_names = isinstance(t.bare(type_.key), t.Text | t.Enumeration)
    return dict(items) if has_names else [list(pair) for pair in items]


def several(type_: t.Type, also: t.Type | None = None) -> Iterator[Any]:
    """Yield distinct values of a type, the simplest first; for most types only some of them."""
    match stripped(type_):
        case t.Bool():
            yield from (False, True)
        case t.Int(lo=lo, hi=hi):
            start = _nearest(lo, hi, also if isinstance(also, t.Int) else None)
            yield from range(start, min(hi, start + LONGEST) + 1)
            yield from range(start - 1, max(lo, start - LONGEST) - 1, -1)
        case t.Float(lo=lo, hi=hi):
            start = float(_nearest(lo, hi, also if isinstance(also, t.Float) else None))
            tried = (start, start + 1.0, start - 1.0, start + 0.5, start - 0.5, lo, hi)
            yield from dict.fromkeys(v for v in tried if lo <= v <= hi and abs(v) < 1e300)
        case t.Text(pattern=None) as text:
            yield from dict.fromkeys(_texts(text))
        case t.Text(pattern=re.Pattern() as pattern) as text:
            seen: set[str] = set()
            while (
                found := search(pattern, lambda s: s not in seen and refusal(text, s) is None)
            ) is not None:
                seen.add(found)
                yield found
        case t.Bytes() as octets:
            for written in dict.fromkeys(_texts(t.Text(octets.min_len, octets.max_len))):
                if written.isascii():
                    yield notation.write(octets, written.encode())
        case t.Enumeration(members=members):
            yield from (m.name for m in members)
        case t.Choice(inner=inner, values=values):
            yield from _listed(inner, values)
        case t.Optional(inner=inner):
            yield None
            yield from several(inner)
        case t.Sequence(inner=inner, min_len=0) as sequence if sequence.max_len != 0:
            yield from ([], [simplest(inner)])
        case other:
            yield simplest(other)


def search(pattern: re.Pattern[str] | None, is_wanted: Callable[[str], bool]) -> str | None:
    """Return a short wanted text that a pattern matches in full, or None if none is found."""
    from random import Random  # with Hypothesis: few comparisons need it

    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import NoSuchExample, Unsatisfiable

    drawn = st.text() if pattern is None else st.from_regex(pattern, fullmatch=True)
    how = settings(
        max_examples=TRIES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(drawn, is_wanted, settings=how, random=Random(0))
    except (NoSuchExample, Unsatisfiable):
        return None


def _listed(inner: t.Type, values: tuple[Any, ...]) -> Iterator[Any]:
    return (notation.write(inner, v) for v in values if not isinstance(v, Unwritten))


def _preferred(values: Iterator[Any], also: t.Type | None) -> Any:
    """Return the first value that belongs to the other type; if none does, the first value."""
    tried = list(itertools.islice(values, 64))
    if not tried:
        raise NoValue
    if also is None:
        return tried[0]
    return next((v for v in tried if refusal(also, v) is None), tried[0])


def _count(lo: int, type_: t.Sequence | t.Mapping, also: t.Type | None) -> int:
    wanted = max(lo, also.min_len) if isinstance(also, t.Sequence | t.Mapping) else lo
    count = wanted if type_.max_len is None else min(wanted, type_.max_len)
    if count > LONGEST:
        raise NoValue
    return count


def _nearest(lo: Any, hi: Any, also: t.Int | t.Float | None) -> Any:
    """Return the number nearest to zero within the bounds, and within the other's bounds if possible."""
    if also is not None and max(lo, also.lo) <= min(hi, also.hi):
        lo, hi = max(lo, also.lo), min(hi, also.hi)
    return min(max(0, lo), hi)


def _texts(type_: t.Text) -> Iterator[str]:
    lo, hi = type_.min_len, LONGEST if type_.max_len is None else min(type_.max_len, LONGEST)
    if lo > hi:
        return
    yield "0" * lo
    for number in range(1, 10 ** min(hi, 3)):
        digits = str(number).rjust(lo, "0")
        if len(digits) <= hi:
            yield digits
    for length in range(lo, min(hi, lo + 3) + 1):
        yield from (character * length for character in STOCK)
    if lo <= 2 * lo + 8 <= hi:
        yield "0" * (2 * lo + 8)
