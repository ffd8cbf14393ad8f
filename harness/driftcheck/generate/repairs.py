"""
Repairs: a step without one kind of character in one of its arguments, to see what a divergence needs.

Each mark, such as `[`, and each white space is one kind, since a format may give it a meaning. Letters,
digits are the kind "text", and all other characters the kind "odd text". Knows nothing of subjects.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.contract.schema import Operation
from driftcheck.core import types as t
from driftcheck.core.trace import Document, Step

TEXT = "text"
ODD_TEXT = "odd text"
LONGEST = 2_048  # characters of an argument
INSTEAD = ("", "a", "0")  # what replaces a character of the kind

_MARKS = frozenset(string.punctuation + " \t\n\r\x0b\x0c")


@attrs.frozen(order=True)
class Repair:
    """The removal of one kind of character from arguments in one format."""

    format: str  # the name of the codec, or "" for plain text
    kind: str  # a mark, a white space, TEXT or ODD_TEXT

    @property
    def is_of_mark(self) -> bool:
        """Say whether it removes what may have a meaning in the format."""
        return self.kind not in (TEXT, ODD_TEXT)


@attrs.frozen(eq=False)
class Repaired:
    """A step after a repair."""

    repair: Repair
    step: Step
    lost: frozenset[str]  # features that its documents no longer have


def kind_of_character(character: str) -> str:
    """Return the kind that a repair removes a character with."""
    if character in _MARKS:
        return character
    return TEXT if character.isascii() and character.isalnum() else ODD_TEXT


def repaired(operation: Operation, step: Step) -> Iterator[Repaired]:
    """Yield the step after each repair that changes it: without the characters, or with a letter or digit."""
    for n, (argument, value) in enumerate(zip(operation.arguments, step.arguments, strict=True)):
        type_ = t.bare(argument.type)
        codec = type_.codec.name if isinstance(type_, t.Payload) else ""
        for kind in sorted({kind_of_character(c) for text in _texts(value) for c in text}):
            for instead in INSTEAD:
                changed = _mapped(value, partial(_without, kind=kind, instead=instead))
                if changed != value:
                    arguments = (*step.arguments[:n], changed, *step.arguments[n + 1 :])
                    lost = _features(type_, value) - _features(type_, changed)
                    yield Repaired(Repair(codec, kind), attrs.evolve(step, arguments=arguments), lost)


def _without(text: str, *, kind: str, instead: str) -> str:
    return "".join(instead if kind_of_character(c) == kind else c for c in text)


def _features(type_: t.Type, value: Any) -> frozenset[str]:
    if not (isinstance(type_, t.Payload) and isinstance(value, Document)):
        return frozenset()
    return frozenset(checked_calls.places_of(type_.codec, type_.inner, value.data))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in an argument: the argument, its bytes, or its items."""
    match value:
        case str() if len(value) <= LONGEST:
            yield value
        case Document(data=data) if len(data) <= LONGEST:
            yield _decoded(data)
        case tuple():
            for item in value:
                yield from _texts(item)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case Document(data=data):
            changed = change(_decoded(data)).encode(errors="surrogateescape")
            return value if changed == data else Document(changed)
        case tuple():
            return tuple(_mapped(item, change) for item in value)
    return value


def _decoded(data: bytes) -> str:
    return data.decode(errors="surrogateescape")
