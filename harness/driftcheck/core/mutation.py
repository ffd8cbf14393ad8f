"""
Mutations: named ways to break a document, which can follow each other.

A mutation maps bytes to bytes, so it works on encoded values and on real documents alike. It draws all its
choices from a `Draw`, so it does the same when a document is drawn and when it is shrunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import attrs

from driftcheck.core.types import Type


class Draw(Protocol):
    """The source of a mutation's choices; the lowest choice must give the simplest change."""

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

    `apply(data, draw, type_)` returns the broken bytes. It returns None if there is nothing to break in that
    way, such as when a mutation of strings finds no string. `name` is in lower case with dashes, and stable:
    findings, asymmetries and case files contain it. The codec's `features` returns it for the broken bytes.
    `is_giant` says that the broken bytes are tens of kilobytes long. Such documents are drawn rarely, since
    one of them takes as long as a hundred others.
    `weight` says how often it is drawn, relative to the codec's others; use more for one with many outcomes.
    """

    name: str
    apply: Apply = attrs.field(eq=False, repr=False)
    doc: str = attrs.field(default=attrs.Factory(_first_line, takes_self=True), repr=False)
    is_giant: bool = False
    weight: int = attrs.field(default=1, eq=False, repr=False)


@attrs.frozen
class PluginMutation:
    """A mutation that a plugin adds to an existing codec, and how to recognise its feature.

    `is_in(data, type_)` tells whether a document has the feature, however the document was made. It must
    return False for every document that the codec's `encode` writes.
    """

    mutation: Mutation
    is_in: Callable[[bytes, Type], bool]


@attrs.frozen
class Mutated:
    """The broken bytes, and the names of the mutations that had an effect, in order."""

    data: bytes
    applied: tuple[str, ...]


def giant(mutation: Mutation) -> Mutation:
    """Declare that a mutation makes documents of tens of kilobytes, so that it is drawn rarely."""
    return attrs.evolve(mutation, is_giant=True)


def mutation(apply: Apply) -> Mutation:
    """Make a mutation from a function: its name is the function's with dashes."""
    return Mutation(apply.__name__.replace("_", "-"), apply)
