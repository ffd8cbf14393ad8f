"""A second opinion on the encoding: canonical CBOR as RFC 8949 tells it, with no line of driftcheck's own."""

from __future__ import annotations

import struct
from typing import Any

import cbor2

ILL_FORMED = 25699  # the one tag: around the bytes of a string that is not UTF-8


def encode(value: Any) -> bytes:
    """Encode plain data with the shortest heads, sorted keys and floats of 8 bytes."""
    match value:
        case None | bool():
            return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            text = value.encode()
            return _head(3, len(text)) + text
        case list():
            return _head(4, len(value)) + b"".join(map(encode, value))
        case dict():
            pairs = sorted((encode(key), encode(item)) for key, item in value.items())
            return _head(5, len(value)) + b"".join(key + item for key, item in pairs)
        case cbor2.CBORTag(tag=tag, value=bytes() as text) if tag == ILL_FORMED:
            return _head(6, tag) + encode(text)
    raise AssertionError(f"{value!r} does not travel")


def _head(major: int, number: int) -> bytes:
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 256**width:
            return bytes([major << 5 | info]) + number.to_bytes(width, "big")
    raise AssertionError(f"{number} is longer than 8 bytes")


def decode(data: bytes) -> Any:
    """Decode one item that fills the bytes; fails unless it is canonical."""
    value = cbor2.loads(data)
    assert encode(value) == data
    return value


def decode_replies(data: bytes) -> list[Any]:
    """Decode the reply to a request, with every trace and every state in it held to be canonical."""
    replies = [decode(reply) for reply in decode(data)]
    for _, _, states, _ in replies:
        for state in states or ():
            if state is not None:
                for encoded in state:
                    decode(encoded)
    return replies
