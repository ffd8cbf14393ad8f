"""
Bases for codecs of your own: they need only `encode`, and learn the rest from what it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Self, TypeVar

from driftcheck.codecs.generic import binary_features, features
from driftcheck.codecs.generic.blocks import BLOCKS
from driftcheck.codecs.generic.digits import DIGITS
from driftcheck.codecs.generic.field_mutations import FIELDS
from driftcheck.codecs.generic.forms import FORMS
from driftcheck.codecs.generic.lengths import LENGTHS
from driftcheck.codecs.generic.mutation import GenericMutation
from driftcheck.codecs.generic.tokens import TOKENS
from driftcheck.codecs.generic.vocabulary import Oddity, Vocabulary, learned
from driftcheck.core.codec import Codec
from driftcheck.core.mutation import Mutation
from driftcheck.core.raw_mutations import raw_mutations, text_mutations
from driftcheck.core.types import Type

T = TypeVar("T")

TEXT_MUTATIONS = (*TOKENS, *DIGITS, *FORMS)
BINARY_MUTATIONS = (*FIELDS, *LENGTHS, *BLOCKS)


class _LearningCodec(Codec[T]):
    """A codec that learns from what its `encode` writes."""

    mutations: ClassVar[Sequence[Mutation]] = ()
    learns: ClassVar[bool] = True
    _generic: ClassVar[Sequence[GenericMutation]] = ()
    _plain: ClassVar[Sequence[Mutation]] = ()
    _words: Vocabulary = Vocabulary()
    _bound: Sequence[Mutation] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._bound = cls._all_bound(Vocabulary())

    @classmethod
    def _all_bound(cls, words: Vocabulary) -> Sequence[Mutation]:
        """Return the mutations that the author has not written, for a vocabulary."""
        taken = {one.name for one in cls.mutations}
        found = {one.name: one.bound(words) for one in cls._generic} | {one.name: one for one in cls._plain}
        return tuple(one for name, one in found.items() if name not in taken)

    @property
    def generic_mutations(self) -> Sequence[Mutation]:
        return self._bound

    def _learned(self, words: Vocabulary) -> Self:
        codec = self.extended(self._added)
        codec._words = words
        codec._bound = self._all_bound(words)
        return codec

    def learned_features(self, data: bytes) -> set[str]:
        """Return the features of any bytes, compared with the documents that the codec has learned from."""
        raise NotImplementedError

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        places = super().places_typed(data, type_)
        if type(self).features is not Codec.features or type(self).features_typed is not Codec.features_typed:
            return places
        return {name: frozenset(("",)) for name in self.learned_features(data)}


class TextCodec(_LearningCodec[T]):
    """A format of text; a subclass needs only `encode`.

    driftcheck draws some values, writes them, and learns tokens and delimiters from the documents. It then
    breaks documents with these, with edge values of numbers, and with the mutations of any text. If a
    subclass has no `features`, a feature is what no well-formed document has.

    Attributes:
        tokens: words that readers of the format know and that values rarely contain.
        mutations: further ways to break a document. A mutation replaces the generic one of the same name.
    """

    tokens: ClassVar[Sequence[str]] = ()
    _generic = TEXT_MUTATIONS
    _plain = text_mutations

    def learned(self, documents: Sequence[bytes]) -> Self:
        return self._learned(learned(documents, self.tokens, features.oddities))

    def learned_features(self, data: bytes) -> set[str]:
        return features.features(data, self._words)


class BinaryCodec(_LearningCodec[T]):
    """A binary format; a subclass needs only `encode`.

    driftcheck draws some values, writes them, and finds what may be lengths and tags in the documents. It
    writes wrong lengths, exchanges tags, and leaves out, repeats and exchanges blocks. If a
    subclass has no `features`, a feature is what no well-formed document has.

    Attributes:
        mutations: further ways to break a document. A mutation replaces the generic one of the same name.
    """

    _generic = BINARY_MUTATIONS
    _plain = raw_mutations

    def learned(self, documents: Sequence[bytes]) -> Self:
        return self._learned(learned(documents, (), _nothing))

    def learned_features(self, data: bytes) -> set[str]:
        return binary_features.features(data, self._words)


def _nothing(data: bytes) -> Iterable[Oddity]:
    return ()
