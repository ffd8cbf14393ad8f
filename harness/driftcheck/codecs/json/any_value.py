"""
Any JSON value, for contracts that read documents without a declared type.

`Payload[JsonValue, Json]` is a document of any shape. A value is drawn as a run of tokens. Every run of
tokens can be written as one value, so drawing is fast and shrinking can remove any token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeGuard

import attrs
from attrs.validators import ge, le, max_len

from driftcheck.core import types as t

EXACT = 2**53  # up to here each integer is a double


@attrs.frozen
class Null:
    """null"""


@attrs.frozen
class Truth:
    """true or false"""

    value: bool


@attrs.frozen
class Whole:
    """An integer that a double can represent, too."""

    value: Annotated[int, ge(-EXACT), le(EXACT)]


@attrs.frozen
class Real:
    """A number with a fraction, in so few digits that every reader has the same double for it."""

    thousandths: Annotated[int, ge(-(10**9)), le(10**9)]

    @property
    def value(self) -> float:
        return self.thousandths / 1000


@attrs.frozen
class Words:
    """A string"""

    value: Annotated[str, max_len(16)]


@attrs.frozen
class Array:
    """Begins an array."""


@attrs.frozen
class Object:
    """Begins an object."""


@attrs.frozen
class End:
    """Ends the innermost array or object, if there is one."""


@attrs.frozen
class Name:
    """Names the next member of an object; has no effect elsewhere."""

    value: Annotated[str, max_len(8)]


Token = Null | Truth | Whole | Real | Words | Array | Object | End | Name


@attrs.frozen
class JsonValue:
    """Any JSON value, as a sequence of tokens.

    Several values at the top are the items of an array. A member without a name, or with a repeated name,
    gets a free name. Containers that are open at the end are closed.
    """

    tokens: Annotated[tuple[Token, ...], max_len(24)]


def is_any(type_: t.Type) -> TypeGuard[t.Record]:
    """Tell whether a type is that of any JSON value."""
    return isinstance(type_, t.Record) and type_.cls is JsonValue


@attrs.define(eq=False)
class _Open:
    """A container that is being written, and the names that it has."""

    is_object: bool
    parts: list[str] = attrs.field(factory=list)
    names: set[str] = attrs.field(factory=set)
    name: str | None = None

    def put(self, text: str, quote: Callable[[str], str]) -> None:
        if self.is_object:
            name = self.name or ""
            while name in self.names:
                name += "a"
            self.names.add(name)
            self.name = None
            text = f"{quote(name)}:{text}"
        self.parts.append(text)

    def text(self) -> str:
        return ("{%s}" if self.is_object else "[%s]") % ",".join(self.parts)


def write(value: JsonValue, scalar: Callable[[bool | int | float | str | None], str]) -> str:
    """Write a value; `scalar` writes what is not a container."""
    tokens = value.tokens
    if not tokens:
        return scalar(None)
    open_ = [_Open(isinstance(tokens[0], Object))]
    for token in tokens[1:] if open_[0].is_object else tokens:
        match token:
            case Array() | Object():
                open_.append(_Open(isinstance(token, Object)))
            case End():
                if len(open_) > 1:
                    _end(open_, scalar)
            case Name(value=name):
                open_[-1].name = name
            case Null():
                open_[-1].put(scalar(None), scalar)
            case _:
                open_[-1].put(scalar(token.value), scalar)
    while len(open_) > 1:
        _end(open_, scalar)
    root = open_[0]
    return root.parts[0] if not root.is_object and len(root.parts) == 1 else root.text()


def read(plain: Any) -> JsonValue:
    """Return the value that is written as what was read by Python's `json`."""
    return JsonValue(tuple(_tokens(plain)))


def _tokens(plain: Any) -> Iterator[Token]:
    match plain:
        case None:
            yield Null()
        case bool():
            yield Truth(plain)
        case int():
            yield Whole(plain)
        case float():
            yield Real(round(plain * 1000))
        case str():
            yield Words(plain)
        case dict():
            yield Object()
            for name, value in plain.items():
                yield Name(name)
                yield from _tokens(value)
            yield End()
        case list():
            yield Array()
            for item in plain:
                yield from _tokens(item)
            yield End()


def _end(open_: list[_Open], quote: Callable[[str], str]) -> None:
    inner = open_.pop()
    open_[-1].put(inner.text(), quote)
