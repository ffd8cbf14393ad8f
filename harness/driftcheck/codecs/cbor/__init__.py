"""
CBOR (RFC 8949): typed values as maps by field name, with named mutations and named features.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from driftcheck.codecs.cbor import document as cbor_document
from driftcheck.codecs.cbor import features as cbor_features
from driftcheck.codecs.cbor import scan as cbor_scan
from driftcheck.codecs.cbor import shorter as cbor_shorter
from driftcheck.codecs.cbor import typed as cbor_typed
from driftcheck.codecs.cbor import untyped as cbor_untyped
from driftcheck.codecs.cbor import value as cbor_value
from driftcheck.codecs.cbor.fields import FIELDS
from driftcheck.codecs.cbor.forms import cbor_form_mutations
from driftcheck.codecs.cbor.swaps import SWAPS
from driftcheck.codecs.cbor.syntax import cbor_syntax_mutations
from driftcheck.core.codec import Codec
from driftcheck.core.mutation import Mutation
from driftcheck.core.types import Type


class Cbor(Codec[Any]):
    """The CBOR document of a value: a record is a map by its fields' names, a float takes eight bytes."""

    mutations: ClassVar[Sequence[Mutation]] = (*FIELDS, *SWAPS, *cbor_form_mutations, *cbor_syntax_mutations)

    def encode_typed(self, value: Any, type_: Type) -> bytes:
        return cbor_value.write(value, type_)

    def decode_typed(self, data: bytes, type_: Type) -> Any:
        return cbor_value.read(data)

    def features_typed(self, data: bytes, type_: Type) -> set[str]:
        return set(cbor_features.places(data, type_))

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        return cbor_features.places(data, type_)

    def has_only(self, data: bytes, type_: Type, features: Collection[str]) -> bool:
        return cbor_features.has_only(data, type_, features)

    def value_typed(self, data: bytes, type_: Type) -> Any:
        return cbor_typed.value_of(data, type_)

    def schema_version_typed(self, data: bytes, type_: Type) -> int | None:
        return cbor_document.schema_version_of(cbor_scan.scan(data), type_)

    def shorter(self, data: bytes) -> Iterator[bytes]:
        return cbor_shorter.shorter(data)


class DeterministicCbor(Cbor):
    """The one CBOR document of a value: fields and keys sorted, floats shortest (RFC 8949, 4.2.1)."""

    canonical = True

    def encode_typed(self, value: Any, type_: Type) -> bytes:
        return cbor_value.write(value, type_, deterministic=True)

    def features_typed(self, data: bytes, type_: Type) -> set[str]:
        return set(self.places_typed(data, type_))

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        return cbor_features.places(data, type_, deterministic=True)

    def has_only(self, data: bytes, type_: Type, features: Collection[str]) -> bool:
        return cbor_features.has_only(data, type_, features, deterministic=True)

    def value_typed(self, data: bytes, type_: Type) -> Any:
        return cbor_typed.value_of(data, type_, deterministic=True)


class UntypedCbor(Cbor):
    """A CBOR document for a reader of any item: no field is unknown or absent, and nothing is skipped."""

    mutations = cbor_untyped.UNTYPED

    def features_typed(self, data: bytes, type_: Type) -> set[str]:
        return set(cbor_untyped.places(data))

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        return cbor_untyped.places(data)

    def has_only(self, data: bytes, type_: Type, features: Collection[str]) -> bool:
        return cbor_untyped.has_only(data, features)
