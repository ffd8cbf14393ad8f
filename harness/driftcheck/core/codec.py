"""
Codecs: how a typed value becomes a document, how a document is broken, and what can be told of any bytes.

Knows types and mutations. Knows nothing of traces, subjects or how choices are drawn.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar

from driftcheck.core.mutation import Draw, Mutated, Mutation, PluginMutation
from driftcheck.core.raw_mutations import raw_mutations
from driftcheck.core.types import Type

__all__ = ["Codec", "Draw", "Mutated", "Mutation", "mutate", "mutate_bytes"]

T = TypeVar("T")


class Codec(Generic[T]):
    """A way to write values of `T` as bytes; subclass it for a codec of one's own. Instances hold no state.

    An author overrides `encode` and, where they can be told, `features` and `decode`. driftcheck calls the
    `*_typed` methods, which a codec overrides instead where it serves many types and needs the declared one.
    """

    name: ClassVar[str]
    canonical: ClassVar[bool] = (
        False  # equal values have equal bytes, so returned payloads are compared as bytes
    )
    mutations: ClassVar[Sequence[Mutation]] = raw_mutations
    _added: tuple[PluginMutation, ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            cls.name = cls.__name__.lower()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def encode(self, value: T) -> bytes:
        """Write `value` as a well-formed document."""
        raise NotImplementedError(f"codec {self.name!r} has no encode")

    def decode(self, data: bytes) -> Any:
        """Return what the document means, in a form that is equal for equal meanings.

        Without it the bytes stand for themselves. Raises ValueError where the document is not well-formed.
        """
        return data

    def features(self, data: bytes) -> set[str]:
        """Name what is odd about any bytes in the words of the mutations.

        Nothing is odd about what `encode` wrote.
        """
        return set()

    def expressible(self, type_: Type) -> Type:
        """Narrow a declared type to the values that the codec can write; payloads are drawn from those."""
        return type_

    def encode_typed(self, value: T, type_: Type) -> bytes:
        """Write `value`, declared as `type_`, as a well-formed document."""
        return self.encode(value)

    def decode_typed(self, data: bytes, type_: Type) -> Any:
        """Return what a document of the declared type means; raises ValueError."""
        return self.decode(data)

    def features_typed(self, data: bytes, type_: Type) -> set[str]:
        """Name what is odd about any bytes as a document of the declared type."""
        return self.features(data)

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        """Say of each feature at which fields of the declared type it stands.

        A path is written as in findings, `tags[]` or `home.street`; "" is the document as a whole. A codec
        without fields leaves this as it is.
        """
        return {feature: frozenset(("",)) for feature in self.features_typed(data, type_)}

    def value_typed(self, data: bytes, type_: Type) -> Any:
        """Return the value that `encode` writes as exactly these bytes, so that a model may read it.

        Raises ValueError where there is none, or where the codec has no way back.
        """
        raise ValueError(f"codec {self.name!r} has no way back to a value")

    def schema_version(self, data: bytes) -> int | None:
        """Return the schema version of which any bytes say that they are a document, or None.

        Where they are malformed besides, too: a reader that looks at it first must refuse them by it.
        """
        return None

    def schema_version_typed(self, data: bytes, type_: Type) -> int | None:
        """Return the schema version of which any bytes say that they are a document of the declared type."""
        return self.schema_version(data)

    def shorter(self, data: bytes) -> Iterable[bytes]:
        """Yield documents that lack one part of this one, or hold one part in place of what held it.

        With these a finding's payload is cut, beside runs of bytes: where a document says how long its parts
        are, leaving out bytes alone would break it.
        """
        return ()

    def extended(self, added: Sequence[PluginMutation]) -> Self:
        """Return the same codec with further mutations."""
        codec = copy.copy(self)
        codec._added = tuple(added)
        return codec

    @property
    def all_mutations(self) -> tuple[Mutation, ...]:
        """Return the codec's own mutations, and those that plugins add to it."""
        return (*self.mutations, *(one.mutation for one in self._added))

    def all_places(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        """Say where each feature stands, those that plugins tell, too: these stand at the whole document."""
        added = (one.mutation.name for one in self._added if one.is_in(data, type_))
        return {**dict.fromkeys(added, frozenset(("",))), **self.places_typed(data, type_)}

    def mutation(self, name: str) -> Mutation:
        """Return the mutation of that name; raises KeyError."""
        for mutation in self.all_mutations:
            if mutation.name == name:
                return mutation
        raise KeyError(name)


def mutate(codec: Codec[T], type_: Type, value: T, names: Sequence[str], draw: Draw) -> Mutated:
    """Encode `value`, then break it by the named mutations in order."""
    return mutate_bytes(codec, type_, codec.encode_typed(value, type_), names, draw)


def mutate_bytes(codec: Codec[Any], type_: Type, data: bytes, names: Sequence[str], draw: Draw) -> Mutated:
    """Break a document, encoded or real, by the named mutations in order; one without effect is left out."""
    applied = []
    for name in names:
        broken = codec.mutation(name).apply(data, draw, type_)
        if broken is not None and broken != data:
            data = broken
            applied.append(name)
    return Mutated(data, tuple(applied))
