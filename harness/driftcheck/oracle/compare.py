"""
Comparing two values of one declared type: where they differ first, and how.

Floats compare by bits. Payloads that are written compare decoded, unless their codec is canonical.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.contract import types as t
from driftcheck.contract.declare import Payload
from driftcheck.values import dumps, encoder

LONGEST = 60  # characters of a value in a line


@attrs.frozen
class Difference:
    """The first place at which two values differ."""

    path: str
    one: str
    other: str


def first_difference(type_: t.Type, one: Any, other: Any) -> Difference | None:
    """Return where two values of `type_` differ first, or None."""
    type_ = t.bare(type_)
    match type_:
        case t.Handle():
            return None
        case t.Payload():
            return _payloads(type_, one, other)
        case t.Optional(inner=inner):
            if one is None or other is None:
                return None if one is other else Difference("", show(one), show(other))
            return first_difference(inner, one, other)
        case t.Record(fields=fields):
            for field in fields:
                found = first_difference(field.type, getattr(one, field.name), getattr(other, field.name))
                if found is not None:
                    return _under(field.name, found)
            return None
        case t.Union(alternatives=alternatives) if type(one) is type(other):
            return first_difference(next(a for a in alternatives if a.cls is type(one)), one, other)
        case t.Sequence(inner=inner, unordered=unordered):
            return _sequences(inner, one, other, unordered)
        case t.Mapping(key=key, value=value):
            return _mappings(key, value, one, other)
        case t.Union():
            return Difference("", show(one), show(other))
        case _:
            encode = encoder(type_)
            if dumps(encode(one)) == dumps(encode(other)):
                return None
            return Difference("", show(one), show(other))


def _under(part: str, inner: Difference) -> Difference:
    joint = "" if not inner.path or inner.path.startswith("[") else "."
    return attrs.evolve(inner, path=f"{part}{joint}{inner.path}")


def _sequences(inner: t.Type, one: Any, other: Any, unordered: bool) -> Difference | None:
    if unordered:
        encode = encoder(inner)
        one, other = (sorted(v, key=lambda item: dumps(encode(item))) for v in (one, other))
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        found = first_difference(inner, a, b)
        if found is not None:
            return _under(f"[{i}]", found)
    if len(one) != len(other):
        return Difference("length", str(len(one)), str(len(other)))
    return None


def _mappings(key: t.Type, value: t.Type, one: Any, other: Any) -> Difference | None:
    encode = encoder(key)
    keys = sorted(set(one) | set(other), key=lambda k: dumps(encode(k)))
    for k in keys:
        if k not in one or k not in other:
            return Difference(f"[{k!r}]", show(one.get(k)), show(other.get(k)))
        found = first_difference(value, one[k], other[k])
        if found is not None:
            return _under(f"[{k!r}]", found)
    return None


def _payloads(type_: t.Payload, one: Payload[Any, Any], other: Payload[Any, Any]) -> Difference | None:
    if one.data == other.data:
        return None
    if not type_.codec.canonical:
        try:
            if meaning(type_, one.data) == meaning(type_, other.data):
                return None
        except ValueError:
            pass  # what cannot be read is compared as bytes
    return Difference("", show(one.data), show(other.data))


def meaning(type_: t.Payload, data: bytes) -> Any:
    """Return what a written payload means; raises ValueError where its codec cannot read it."""
    return type_.codec.decode_typed(data, type_.inner)


def show(value: Any) -> str:
    """Render a value in one line of bounded length."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
