"""
Coders: how one part of a plan is drawn, and how its value is encoded as choices.

Both functions are in one module because they must agree. `draw` must read exactly the choices that `lift`
writes for a value.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

import attrs

from driftcheck.core.trace import Step
from driftcheck.generate._conjecture import Choice
from driftcheck.generate.dice import Source


class CannotLift(ValueError):
    """A case contains a value that the contract's strategy cannot draw."""


class NotInPlay(CannotLift):
    """A value needs names in play that its trace does not have."""


class Steering(Protocol):
    """Says what is drawn rarely, because the search has seen it often enough."""

    def is_rare_operation(self, operation: str) -> bool:
        """Say whether an operation is drawn rarely, whatever its arguments."""
        ...

    def is_rare(self, step: Step) -> bool:
        """Say whether a step is drawn rarely, for its fault or its arguments."""
        ...


class State:
    """The state of a case while it is drawn: names in play, live handles, and the number of steps before."""

    __slots__ = ("instance", "live", "prefix", "rosters", "steering", "taken")

    def __init__(self, steering: Steering | None = None) -> None:
        self.steering = steering  # None where choices are recorded: a record must not depend on a search
        self.rosters: dict[str, tuple[Any, ...]] = {}
        self.taken: dict[str, list[int]] = {}  # the names that only one instance has, by roster
        self.live: dict[tuple[int, str], list[int]] = {}  # by the instance that made them, and their kind
        self.prefix = 0
        self.instance = 0  # of the step that is drawn


@attrs.frozen
class Coder:
    """How a part is drawn, and how a value is encoded as the choices that draw it."""

    draw: Callable[[Source, State], Any]
    lift: Callable[[Any, list[Choice], State], None]


_PLAIN = frozenset((bool, int, str, bytes, type(None)))


def identity(value: Any) -> Any:
    """Return a hashable key that is equal for values with the same bits."""
    cls = type(value)
    if cls in _PLAIN:
        return (cls, value)
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, list | tuple):
        return ("tuple", *map(identity, value))
    if isinstance(value, dict):
        return ("dict", frozenset([(identity(k), identity(v)) for k, v in value.items()]))
    names = _names_of(cls)  # type: ignore[arg-type] # a class is hashable
    if names is not None:
        return (cls, *[identity(getattr(value, name)) for name in names])
    try:
        hash(value)
    except TypeError:
        return (cls, repr(value))
    return (cls, value)


@lru_cache(maxsize=256)
def _names_of(cls: type) -> tuple[str, ...] | None:
    """Return the names of the fields of an attrs class; None for any other class."""
    return tuple(a.name for a in attrs.fields(cls)) if attrs.has(cls) else None


_SURROGATE = re.compile("[\ud800-\udfff]")


def check_text(value: Any, lo: int, hi: int) -> None:
    """Check that a value is text of an allowed length; raises CannotLift."""
    if type(value) is not str or not lo <= len(value) <= hi or _SURROGATE.search(value):
        raise CannotLift(f"{value!r} is not a text of {lo} to {hi} characters")
