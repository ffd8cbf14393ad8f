"""
Mutations: named, composable ways to break a document.

A mutation maps bytes to bytes, so any of them follows any other, on encoded values and on real documents.
It draws its choices from a `Draw` and nothing else, so that every lane means the same by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import attrs

from driftcheck.core.types import Type


class Draw(Protocol):
    """Where a mutation draws its choices from; the lowest choice must give the simplest breakage."""

    def integer(self, lo: int, hi: int) -> int:
        """Draw an integer in [lo, hi], both ends included; shrinks to lo."""
        ...

    def boolean(self, p: float = 0.5) -> bool:
        """Draw True with probability `p`; shrinks to False."""
        ...


Apply = Callable[[bytes, Draw, Type], bytes | None]


def _first_line(mutation: Mutation) -> str:
    return (mutation.apply.__doc__ or "").strip().partition("\n")[0].rstrip(".")


@attrs.frozen
class Mutation:
    """A named way to break a document of a declared type.

    `apply(data, draw, type_)` returns the broken bytes, or None where there is nothing to break that way (a
    mutation of strings, and no string in the document). `name` is kebab-case and stable: findings,
    asymmetries and case files hold it, and the codec's `features` says it of the bytes that come out.
    """

    name: str
    apply: Apply = attrs.field(eq=False, repr=False)
    doc: str = attrs.field(default=attrs.Factory(_first_line, takes_self=True), repr=False)


@attrs.frozen
class PluginMutation:
    """A mutation that a plugin adds to somebody else's codec, and how to recognise its feature.

    `is_in(data, type_)` says whether a document has the feature, however the document was made. It must
    return False for every document that the codec's `encode` writes.
    """

    mutation: Mutation
    is_in: Callable[[bytes, Type], bool]


@attrs.frozen
class Mutated:
    """The bytes that came out, and the names of the mutations that had an effect, in order."""

    data: bytes
    applied: tuple[str, ...]


def mutation(apply: Apply) -> Mutation:
    """Make a mutation of a function: its name with dashes, its docstring's first line."""
    return Mutation(apply.__name__.replace("_", "-"), apply)
