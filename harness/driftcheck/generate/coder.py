"""
What all compiled parts share: a coder is how one part is drawn, and how it is encoded as choices.

The two stand side by side because they must agree, choice for choice: what `lift` writes for a value is what
`draw` reads to make it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import attrs

from driftcheck.generate._conjecture import Choice
from driftcheck.generate.dice import Source


class CannotLift(ValueError):
    """A case holds what the contract's strategy could never draw."""


class NotInPlay(CannotLift):
    """A value is made of names that its trace does not have."""


class State:
    """What the draws of one case share: its names in play, its live handles, how many steps went before."""

    __slots__ = ("instance", "live", "prefix", "rosters", "taken")

    def __init__(self) -> None:
        self.rosters: dict[str, tuple[Any, ...]] = {}
        self.taken: dict[str, list[int]] = {}  # names that an instance has for itself, by roster
        self.live: dict[tuple[int, str], list[int]] = {}  # by the instance that made them, and kind
        self.prefix = 0
        self.instance = 0  # of the step that is being drawn


@attrs.frozen
class Coder:
    """How one part is drawn, and how a value of it is encoded as the choices that draw it."""

    draw: Callable[[Source, State], Any]
    lift: Callable[[Any, list[Choice], State], None]


def identity(value: Any) -> Any:
    """Return a hashable key, equal for values that are the same in all their bits."""
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, list | tuple):
        return ("tuple", *map(identity, value))
    if isinstance(value, dict):
        return ("dict", frozenset((identity(k), identity(v)) for k, v in value.items()))
    if attrs.has(type(value)):
        return (type(value), *(identity(getattr(value, a.name)) for a in attrs.fields(type(value))))
    try:
        hash(value)
    except TypeError:
        return (type(value), repr(value))
    return (type(value), value)


def check_text(value: Any, lo: int, hi: int) -> None:
    """Check that a value is text of such a length; raises CannotLift."""
    if type(value) is not str or not lo <= len(value) <= hi or any("\ud800" <= c <= "\udfff" for c in value):
        raise CannotLift(f"{value!r} is no text of {lo} to {hi} characters")
