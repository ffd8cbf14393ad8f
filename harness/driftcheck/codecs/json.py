"""
JSON: typed values as compact UTF-8 documents, broken by named mutations and told by named features.
"""

from __future__ import annotations

from typing import Any

from driftcheck.codecs import json_value
from driftcheck.codecs.codec import Codec
from driftcheck.contract.types import Type


class Json(Codec[Any]):
    """The JSON document of a value, by the names of its fields."""

    def encode_typed(self, value: Any, type_: Type) -> bytes:
        return json_value.write(value, type_).encode()

    def decode_typed(self, data: bytes, type_: Type) -> Any:
        return json_value.read(data, type_)

    def expressible(self, type_: Type) -> Type:
        return json_value.expressible(type_)
