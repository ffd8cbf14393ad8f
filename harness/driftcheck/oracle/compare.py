"""
Comparing two values of one declared type: where they differ first, and how.

Floats compare by bits. Returned payloads compare decoded, unless their codec is canonical. Knows types and
values; knows nothing of subjects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.core import types as t
from driftcheck.core.payload import Payload
from driftcheck.core.shorten import shorten
from driftcheck.oracle.relations import of_sequences, relation
from driftcheck.values.encoding import dumps, encoder
from driftcheck.values.literal import literal

LONGEST = 60  # characters of a value in a line


@attrs.frozen
class Difference:
    """The first place at which two values differ."""

    path: str
    one: str
    other: str
    relation: str  # of the two, in one or two words; "" if no word fits


def first_difference(type_: t.Type, one: Any, other: Any) -> Difference | None:
    """Return where two values of `type_` differ first, or None."""
    return next(differences(type_, one, other), None)


def differences(type_: t.Type, one: Any, other: Any) -> Iterator[Difference]:
    """Yield every place at which two values of `type_` differ, in the order of the type."""
    type_ = t.bare(type_)
    match type_:
        case t.Handle() | t.Peer():
            pass
        case t.Payload():
            yield from _payloads(type_, one, other)
        case t.Optional(inner=inner) if one is not None and other is not None:
            yield from differences(inner, one, other)
        case t.Optional():
            if one is not other:
                yield _difference(one, other)
        case t.Record(fields=fields):
            for field in fields:
                inside = differences(field.type, getattr(one, field.name), getattr(other, field.name))
                yield from _under(field.name, inside)
        case t.Union(alternatives=alternatives) if type(one) is type(other):
            yield from differences(next(a for a in alternatives if a.cls is type(one)), one, other)
        case t.Union():
            yield Difference("", show(one), show(other), "another alternative")
        case t.Sequence(inner=inner, unordered=unordered):
            yield from _sequences(inner, one, other, unordered)
        case t.Mapping(key=key, value=value):
            yield from _mappings(key, value, one, other)
        case _:
            encode = encoder(type_)
            if dumps(encode(one)) != dumps(encode(other)):
                yield _difference(one, other)


def _difference(one: Any, other: Any) -> Difference:
    return Difference("", show(one), show(other), relation(one, other))


def _under(part: str, inside: Iterator[Difference]) -> Iterator[Difference]:
    for inner in inside:
        joint = "" if not inner.path or inner.path.startswith("[") else "."
        yield attrs.evolve(inner, path=f"{part}{joint}{inner.path}")


def _sequences(inner: t.Type, one: Any, other: Any, unordered: bool) -> Iterator[Difference]:
    encode = encoder(inner)
    if unordered:
        one, other = (sorted(v, key=lambda item: dumps(encode(item))) for v in (one, other))
    # Encoded, so that no method of an author's class is called.
    whole = of_sequences(*([dumps(encode(item)) for item in v] for v in (one, other)))
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        inside = _under(f"[{i}]", differences(inner, a, b))
        yield from (attrs.evolve(d, relation=whole) for d in inside) if whole else inside
    if len(one) != len(other):
        yield Difference("length", str(len(one)), str(len(other)), whole)


def _mappings(key: t.Type, value: t.Type, one: Any, other: Any) -> Iterator[Difference]:
    encode = encoder(key)
    for k in sorted(set(one) | set(other), key=lambda k: dumps(encode(k))):
        if k not in one or k not in other:
            found = "more" if k in one else "fewer"
            yield Difference(_item(k), show(one.get(k)), show(other.get(k)), found)
        else:
            yield from _under(_item(k), differences(value, one[k], other[k]))


def _item(key: Any) -> str:
    """Return the path of an item by its key; brackets are only around the key."""
    return f"[{shorten(literal(key), LONGEST).replace('[', '(').replace(']', ')')}]"


def _payloads(type_: t.Payload, one: Payload[Any, Any], other: Payload[Any, Any]) -> Iterator[Difference]:
    if one.data == other.data:
        return
    if not type_.codec.canonical:
        try:
            if meaning(type_, one.data) == meaning(type_, other.data):
                return
        except ValueError:
            pass  # a document that cannot be read is compared as bytes
    yield Difference("", show(one), show(other), relation(one.data, other.data))


def meaning(type_: t.Payload, data: bytes) -> Any:
    """Return the value of a written payload; raises ValueError where its codec cannot read it."""
    return checked_calls.meaning_of(type_.codec, type_.inner, data)


def show(value: Any) -> str:
    """Render a value in one line of bounded length."""
    return shorten(literal(value), LONGEST)
