"""The contract base64: Go's encoding/base64, loose and strict, beside the crate base64."""

from __future__ import annotations

import base64
import re
from typing import Annotated

from driftcheck import Contract, Payload, Rejection, max_len, operation
from driftcheck.codecs import Codec, Draw, Type, mutation, text_features, text_mutations

Data = Annotated[bytes, max_len(8)]


@mutation
def line_break(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Break the text into two lines."""
    at = draw.integer(0, len(data))
    return data[:at] + (b"\r\n" if draw.boolean() else b"\n") + data[at:]


@mutation
def url_alphabet(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write - and _ for + and /."""
    return data.replace(b"+", b"-").replace(b"/", b"_")


@mutation
def padding(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Remove the padding, or write one more."""
    return data + b"=" if draw.boolean() else data.rstrip(b"=")


class Base64Text(Codec[bytes]):
    """Base64 with padding."""

    mutations = (*text_mutations, line_break, url_alphabet, padding)

    def encode(self, value: bytes) -> bytes:
        return base64.b64encode(value)

    def features(self, data: bytes) -> set[str]:
        found = text_features(data) - {"empty"}  # it is what no bytes are written as
        if re.search(rb"[\r\n]", data):
            found.add("line-break")
        if re.search(rb"[-_]", data):
            found.add("url-alphabet")
        if len(data) % 4:
            found.add("padding")
        return found


class UnpaddedText(Codec[bytes]):
    """Base64 without padding."""

    mutations = (*text_mutations, line_break, url_alphabet, padding)

    def encode(self, value: bytes) -> bytes:
        return base64.b64encode(value).rstrip(b"=")

    def features(self, data: bytes) -> set[str]:
        found = Base64Text().features(data) - {"padding"}
        return found | {"padding"} if b"=" in data else found


class Base64(Contract):
    """Reads base64, RFC 4648, section 4."""

    malformed = Rejection("no base64", catch_all=True)

    @operation
    def decode(self, text: Payload[Data, Base64Text]) -> bytes:
        """Read text with padding."""

    @operation
    def decode_unpadded(self, text: Payload[Data, UnpaddedText]) -> bytes:
        """Read text without padding."""
