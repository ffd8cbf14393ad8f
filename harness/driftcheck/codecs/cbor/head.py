"""
Heads of CBOR items, and floats, in the fewest bytes or in a given number (RFC 8949, 3 and 4.2).

Knows nothing of items inside items, and nothing of declared types.
"""

from __future__ import annotations

import struct

UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, OTHER = range(8)
INDEFINITE = 31
BREAK = b"\xff"
FALSE, TRUE, NULL, UNDEFINED = b"\xf4", b"\xf5", b"\xf6", b"\xf7"
CANONICAL_NAN = 0x7FF8000000000000
NANS = {2: b"\x7e\x00", 4: b"\x7f\xc0\x00\x00", 8: CANONICAL_NAN.to_bytes(8, "big")}
WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}  # additional information: bytes that follow
FLOAT_FORMATS = {2: ">e", 4: ">f", 8: ">d"}


def head(major: int, number: int) -> bytes:
    """Write the shortest head of an item."""
    if number < 24:
        return bytes([major << 5 | number])
    width = next(width for width in WIDTHS.values() if number < 1 << 8 * width)
    return wide_head(major, number, width)


def wide_head(major: int, number: int, width: int) -> bytes:
    """Write a head whose number takes `width` bytes: 1, 2, 4 or 8."""
    info = next(info for info, size in WIDTHS.items() if size == width)
    return bytes([major << 5 | info]) + number.to_bytes(width, "big")


def indefinite_head(major: int) -> bytes:
    """Write the head of an item that a break ends."""
    return bytes([major << 5 | INDEFINITE])


def shortest_width(number: int) -> int:
    """Return how many bytes the shortest head has after its first."""
    return len(head(UINT, number)) - 1


def integer(value: int) -> bytes:
    """Write an integer; one beyond 64 bits as a bignum (RFC 8949, 3.4.3)."""
    major, number = (UINT, value) if value >= 0 else (NINT, -1 - value)
    if number < 1 << 64:
        return head(major, number)
    return head(TAG, 2 + major) + bytestring(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def bytestring(data: bytes) -> bytes:
    return head(BYTES, len(data)) + data


def text(words: str) -> bytes:
    data = words.encode()
    return head(TEXT, len(data)) + data


def double(value: float) -> bytes:
    """Write a float in eight bytes; every NaN as the one that has no payload."""
    return double_of_bits(bits(value))


def double_of_bits(pattern: int) -> bytes:
    return b"\xfb" + pattern.to_bytes(8, "big")


def bits(value: float) -> int:
    """Return a float's pattern of bits; every NaN's is the same."""
    if value != value:  # what a NaN carries is lost by some machines as soon as it is touched
        return CANONICAL_NAN
    return int.from_bytes(struct.pack(">d", value), "big")


def shortest_float(value: float) -> bytes:
    """Write a float in the fewest bytes that keep its value (RFC 8949, 4.2.1)."""
    return next(data for width in FLOAT_FORMATS if (data := float_in(value, width)) is not None)


def float_in(value: float, width: int) -> bytes | None:
    """Write a float in two, four or eight bytes; None if that changes its value."""
    pattern = bits(value)
    try:
        packed = struct.pack(FLOAT_FORMATS[width], value)
    except OverflowError:
        return None
    if bits(struct.unpack(FLOAT_FORMATS[width], packed)[0]) != pattern:
        return None
    if pattern == CANONICAL_NAN:
        packed = NANS[width]
    return bytes([OTHER << 5 | 24 + width.bit_length() - 1]) + packed


def widened(packed: bytes) -> int:
    """Return the bits of the double for two, four or eight bytes; a NaN keeps its bits."""
    number = int.from_bytes(packed, "big")
    if len(packed) == 8:
        return number
    exponent_bits, fraction_bits = (5, 10) if len(packed) == 2 else (8, 23)
    exponent = number >> fraction_bits & (1 << exponent_bits) - 1
    fraction = number & (1 << fraction_bits) - 1
    if exponent == (1 << exponent_bits) - 1:
        sign = number >> exponent_bits + fraction_bits
        return sign << 63 | 0x7FF << 52 | fraction << 52 - fraction_bits
    value: float = struct.unpack(FLOAT_FORMATS[len(packed)], packed)[0]
    return bits(value)


def float_of_bits(pattern: int) -> float:
    value: float = struct.unpack(">d", pattern.to_bytes(8, "big"))[0]
    return value
