"""
Makes mutations of timestamps from functions of a timestamp's parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from driftcheck.codecs.rfc3339.text import Stamp, scan
from driftcheck.core.mutation import Draw, Mutation
from driftcheck.core.types import Type

T = TypeVar("T")

Change = Callable[[Stamp, Draw], Stamp | str | None]


def stamp_mutation(change: Change) -> Mutation:
    """Make a mutation of a function that returns another timestamp, any text, or None."""

    def apply(data: bytes, draw: Draw, type_: Type) -> bytes | None:
        stamp = scan(data)
        changed = None if stamp is None else change(stamp, draw)
        return None if changed is None else str(changed).encode()

    apply.__doc__ = change.__doc__
    return Mutation(change.__name__.replace("_", "-"), apply)


def pick(draw: Draw, items: Sequence[T]) -> T:
    """Draw one of the items; shrinks to the first."""
    return items[draw.integer(0, len(items) - 1)]


def one_digit(field: str) -> str:
    """Return the first digit of a field that is not 0, if it has one."""
    return field.lstrip("0")[:1] or "0"
