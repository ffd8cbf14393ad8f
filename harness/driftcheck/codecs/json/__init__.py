"""
JSON: typed values as compact UTF-8 documents, with named mutations and named features.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from driftcheck.codecs.json import document as json_document
from driftcheck.codecs.json import features as json_features
from driftcheck.codecs.json import scan as json_scan
from driftcheck.codecs.json import shorter as json_shorter
from driftcheck.codecs.json import typed as json_typed
from driftcheck.codecs.json import value as json_value
from driftcheck.codecs.json.base64 import BASE64
from driftcheck.codecs.json.fields import FIELDS
from driftcheck.codecs.json.maps import MAPS
from driftcheck.codecs.json.numbers import NUMBERS
from driftcheck.codecs.json.strings import STRINGS
from driftcheck.codecs.json.swaps import SWAPS
from driftcheck.codecs.json.syntax import SYNTAX
from driftcheck.codecs.json.versions import VERSIONS
from driftcheck.core.codec import Codec
from driftcheck.core.types import Type


class Json(Codec[Any]):
    """The JSON document of a value, by the names of its fields."""

    mutations = (*FIELDS, *VERSIONS, *MAPS, *SWAPS, *NUMBERS, *STRINGS, *BASE64, *SYNTAX)

    def encode_typed(self, value: Any, type_: Type) -> bytes:
        return json_value.write(value, type_).encode()

    def decode_typed(self, data: bytes, type_: Type | None) -> Any:
        return json_value.read(data, type_)

    def expressible(self, type_: Type) -> Type:
        return json_value.expressible(type_)

    def features_typed(self, data: bytes, type_: Type) -> set[str]:
        return json_features.features(data, type_)

    def places_typed(self, data: bytes, type_: Type) -> Mapping[str, frozenset[str]]:
        return json_features.places(data, type_)

    def has_only(self, data: bytes, type_: Type, features: Collection[str]) -> bool:
        return json_features.has_only(data, type_, features)

    def value_typed(self, data: bytes, type_: Type) -> Any:
        return json_typed.value_of(data, type_)

    def schema_version_typed(self, data: bytes, type_: Type) -> int | None:
        return json_document.schema_version_of(json_scan.scan(data), type_)

    def shorter(self, data: bytes) -> Iterator[bytes]:
        return json_shorter.shorter(data)
