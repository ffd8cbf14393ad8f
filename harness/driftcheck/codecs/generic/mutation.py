"""
Mutations that know no format: they take what they write from a vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

import attrs

from driftcheck.codecs.generic.vocabulary import Vocabulary, as_bytes, as_text, tokens_of
from driftcheck.core.mutation import Draw, Mutation
from driftcheck.core.types import Type

T = TypeVar("T")

WRONG_CHECKSUM = 0.25  # of the broken documents of a format that ends with a checksum

Breaks = Callable[[bytes, Draw, Vocabulary], bytes | None]


SOME_OUTCOMES = 2  # the weight of a mutation that draws a place and one of several forms
MANY_OUTCOMES = 4  # the weight of one that draws a place and any mark, token or byte


@attrs.frozen
class GenericMutation:
    """A named way to break documents of any format.

    Without a weight of its own it draws a place, and not much else.
    """

    name: str
    doc: str
    breaks: Breaks = attrs.field(eq=False, repr=False)
    weight: int = 1

    def bound(self, words: Vocabulary) -> Mutation:
        """Return it as the mutation of one format."""
        return Mutation(self.name, partial(_apply, self.breaks, words), self.doc, weight=self.weight)


def _apply(breaks: Breaks, words: Vocabulary, data: bytes, draw: Draw, type_: Type) -> bytes | None:
    broken = breaks(data, draw, words)
    if broken is None or words.checksum is None or draw.boolean(WRONG_CHECKSUM):
        return broken
    return words.checksum.sealed(broken)


def bytes_mutation(breaks: Breaks) -> GenericMutation:
    """Make a generic mutation from a function of bytes: its name is the function's with dashes."""
    doc = (breaks.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return GenericMutation(breaks.__name__.replace("_", "-"), doc, breaks)


def token_mutation(breaks: Callable[[list[str], Draw, Vocabulary], Sequence[str] | None]) -> GenericMutation:
    """Make a generic mutation from a function of tokens, which returns the tokens of the broken text."""

    def of_bytes(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
        broken = breaks(tokens_of(as_text(data)), draw, words)
        return None if broken is None else as_bytes("".join(broken))

    of_bytes.__name__, of_bytes.__doc__ = breaks.__name__, breaks.__doc__
    return bytes_mutation(of_bytes)


def weighted(
    some: Collection[GenericMutation], many: Collection[GenericMutation], all_: Sequence[GenericMutation]
) -> tuple[GenericMutation, ...]:
    """Return all of some mutations, with the weight of their outcomes."""

    def weight(one: GenericMutation) -> int:
        return MANY_OUTCOMES if one in many else SOME_OUTCOMES if one in some else 1

    return tuple(attrs.evolve(one, weight=weight(one)) for one in all_)


def pick(draw: Draw, items: Sequence[T]) -> T:
    """Draw one of some items; the first is the simplest."""
    return items[draw.integer(0, len(items) - 1)]
