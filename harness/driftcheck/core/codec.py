"""
Codecs: how a typed value becomes a document, how a document is broken, and which features any bytes have.

Knows types and mutations. Knows nothing of traces, subjects or how choices are drawn.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar

from driftcheck.core.errors import CodecError
from driftcheck.core.mutation import Draw, Mutated, Mutation, PluginMutation
from driftcheck.core.raw_mutations import raw_mutations
from driftcheck.core.types import Type

__all__ = ["Codec", "Draw", "Mutated", "Mutation", "mutate", "mutate_bytes"]

T = TypeVar("T")


class Codec(Generic[T]):
    """A format for values of `T`; subclass it for your own codec. Instances have no state.

    An author overrides `encode` and, if possible, `features` and `decode`. driftcheck calls the `*_typed`
    methods. A codec that serves many types and needs the declared one overrides these instead.

    Attributes:
        name: the class's name in lower case, unless the class sets it.
        canonical: equal values have equal bytes, so driftcheck compares returned payloads as bytes.
        mutations: the ways to break a document; by default those that work on any bytes.
    """

    name: ClassVar[str]
    canonical: ClassVar[bool] = False
    mutations: ClassVar[Sequence[Mutation]] = raw_mutations
    learns: ClassVar[bool] = False  # it takes some of its documents, see `learned`
    _added: tuple[PluginMutation, ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            cls.name = cls.__name__.lower()
        others: list[Any] = [one for one in cls.mutations if not isinstance(one, Mutation)]
        for one in others:
            shown = getattr(one, "__name__", repr(one))
            raise CodecError(
                cls.name, f"'mutations' contains {shown}, which is not a mutation; write @mutation above it"
            )

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def encode(self, value: T) -> bytes:
        """Return `value` as a well-formed document."""
        raise NotImplementedError(f"codec {self.name!r} has no encode")

    def decode(self, data: bytes) -> Any:
        """Return what a document means, in a form that is equal for equal meanings.

        By default the bytes are the meaning.

        Raises:
            ValueError: the document is not well-formed.
        """
        return data

    def features(self, data: bytes) -> set[str]:
        """Return the features of any bytes, by the names of the mutations.

        A document that `encode` wrote must have none. If one feature results from another, such as a wrong
        checksum from a wrong length, return only the first; return several if they are independent.
        """
        return set()

    def expressible(self, type_: Type) -> Type:
        """Narrow a declared type to the values that the codec can write; payloads are drawn from those."""
        return type_

    def encode_typed(self, value: T, type_: Type) -> bytes:
        """Return `value`, declared as `type_`, as a well-formed document."""
        return self.encode(value)

    def decode_typed(self, data: bytes, type_: Type) -> Any:
        """Return what a document of the declared type means; raises ValueError as `decode` does."""
        return self.decode(data)

    def features_typed(self, data: bytes, type_: Type) -> set[str]:
        """Return the features of any bytes as a document of the declared type."""
        return self.features(data)

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        """Return for each feature the fields of the declared type that have it.

        A path is written as in findings, such as `tags[]` or `home.street`; "" is the whole document. A codec
        whose documents have no fields does not override this.
        """
        return {feature: frozenset(("",)) for feature in self.features_typed(data, type_)}

    def has_only(self, data: bytes, type_: Type, features: Collection[str]) -> bool:
        """Tell whether any bytes have no other features than these.

        A codec may override this to stop at the first other feature. Shrinking calls it for each document
        that it tries, and most of these have another feature.
        """
        return all(feature in features for feature in self.places_typed(data, type_))

    def value_typed(self, data: bytes, type_: Type) -> Any:
        """Return the value from which `encode` wrote these bytes; a model reads it from `document.value`.

        Raises:
            ValueError: there is no such value, or the codec cannot find it.
        """
        raise ValueError(f"codec {self.name!r} cannot read a value from a document")

    def schema_version(self, data: bytes) -> int | None:
        """Return the schema version that any bytes claim to have, or None.

        Return it for malformed bytes too: a reader that checks the schema version first rejects them for it.
        """
        return None

    def schema_version_typed(self, data: bytes, type_: Type) -> int | None:
        """Return the schema version that any bytes claim to have as a document of the declared type."""
        return self.schema_version(data)

    def shorter(self, data: bytes) -> Iterable[bytes]:
        """Yield documents without one part of this one, or with a part in place of what contained it.

        Shrinking tries these documents, and also removes runs of bytes. A format that contains the lengths of
        its parts needs these documents, since removing bytes breaks the lengths.
        """
        return ()

    def extended(self, added: Sequence[PluginMutation]) -> Self:
        """Return the same codec with further mutations."""
        codec = copy.copy(self)
        codec._added = tuple(added)
        return codec

    def learned(self, documents: Sequence[bytes]) -> Self:
        """Return the same codec with what these well-formed documents teach it."""
        return self

    @property
    def generic_mutations(self) -> Sequence[Mutation]:
        """Return the mutations that know nothing of the format but what the codec has learned."""
        return ()

    @property
    def all_mutations(self) -> tuple[Mutation, ...]:
        """Return the codec's own mutations, the generic ones, and those that plugins add to it."""
        return (*self.mutations, *self.generic_mutations, *(one.mutation for one in self._added))

    def all_places(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        """Return the fields that have each feature; a feature of a plugin belongs to the whole document."""
        added = (one.mutation.name for one in self._added if one.is_in(data, type_))
        return {**dict.fromkeys(added, frozenset(("",))), **self.places_typed(data, type_)}

    def all_only(self, data: bytes, type_: Type, features: Collection[str]) -> bool:
        """Tell whether any bytes have no other features than these, those of plugins included."""
        added = (one for one in self._added if one.mutation.name not in features)
        return self.has_only(data, type_, features) and not any(one.is_in(data, type_) for one in added)

    def mutation(self, name: str) -> Mutation:
        """Return the mutation of that name; raises KeyError."""
        for mutation in self.all_mutations:
            if mutation.name == name:
                return mutation
        raise KeyError(name)


def mutate(codec: Codec[T], type_: Type, value: T, names: Sequence[str], draw: Draw) -> Mutated:
    """Encode `value`, then apply the named mutations in order."""
    return mutate_bytes(codec, type_, codec.encode_typed(value, type_), names, draw)


def mutate_bytes(codec: Codec[Any], type_: Type, data: bytes, names: Sequence[str], draw: Draw) -> Mutated:
    """Apply the named mutations to a document in order; the result names those that had an effect."""
    applied = []
    for name in names:
        broken = codec.mutation(name).apply(data, draw, type_)
        if broken is not None and broken != data:
            data = broken
            applied.append(name)
    return Mutated(data, tuple(applied))
