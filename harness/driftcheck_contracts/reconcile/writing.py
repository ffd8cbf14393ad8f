"""CBOR in core deterministic encoding (RFC 8949, 4.2.1), as far as the reconciliation contract writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def uint(number: int) -> bytes:
    """Write an unsigned integer."""
    return _head(0, number)


def integer(number: int) -> bytes:
    """Write an integer that may be negative."""
    return _head(0, number) if number >= 0 else _head(1, -1 - number)


def byte_string(data: bytes) -> bytes:
    """Write a byte string."""
    return _head(2, len(data)) + data


def text(string: str) -> bytes:
    """Write a text string."""
    data = string.encode()
    return _head(3, len(data)) + data


def array(items: Iterable[bytes]) -> bytes:
    """Write an array of items that are encoded."""
    items = list(items)
    return _head(4, len(items)) + b"".join(items)


def mapping(pairs: Mapping[bytes, bytes]) -> bytes:
    """Write a map of keys and values that are encoded."""
    return _head(5, len(pairs)) + b"".join(key + pairs[key] for key in sorted(pairs))


def fields(pairs: Mapping[int, bytes]) -> bytes:
    """Write a map from field numbers to values that are encoded."""
    return mapping({uint(field): item for field, item in pairs.items()})


NULL = b"\xf6"


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    size = next(size for size in (1, 2, 4, 8) if argument < 1 << 8 * size)
    return bytes([major << 5 | 23 + size.bit_length()]) + argument.to_bytes(size, "big")
