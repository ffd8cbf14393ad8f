"""
Strict reading: checks whether bytes are the canonical encoding of their value.

A comparison cannot see a mistake that both SDKs share. So this module reads a sample of equal replies, with
code that shares nothing with the SDKs or the usual decoder. RFC 8949, 4.2, except that floats have 8 bytes.
"""

from __future__ import annotations

from driftcheck.values.encoding import TEXT_TAG

DEEPEST = 64


class NotCanonical(ValueError):
    """Bytes that a strict reader refuses."""


def check_canonical(data: bytes) -> None:
    """Read one item that must fill `data`.

    Raises:
        NotCanonical: says what was found, and at which byte.
    """
    end = _item(data, 0, 0)
    if end != len(data):
        raise NotCanonical(f"{len(data) - end} bytes follow the item at byte {end}")


def _item(data: bytes, at: int, depth: int) -> int:
    """Check the item at `at`; return where it ends."""
    if depth > DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST} at byte {at}")
    if at >= len(data):
        raise NotCanonical(f"an item is missing at byte {at}")
    if data[at] >> 5 == 7:
        return _simple(data, at)
    major, argument, body = _head(data, at)
    match major:
        case 0 | 1:
            return body
        case 2 | 3:
            return _string(data, body, argument, is_text=major == 3)
        case 4:
            for _ in range(argument):
                body = _item(data, body, depth + 1)
            return body
        case 5:
            return _map(data, body, argument, depth)
        case _:
            if argument != TEXT_TAG or body >= len(data) or data[body] >> 5 != 2:
                raise NotCanonical(f"tag {argument} at byte {at}")
            return _item(data, body, depth + 1)


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Return major type, argument and where the head ends."""
    major, short = data[at] >> 5, data[at] & 31
    if short < 24:
        return major, short, at + 1
    if short > 27:
        raise NotCanonical(f"an indefinite or reserved length at byte {at}")
    width = 1 << (short - 24)
    if at + 1 + width > len(data):
        raise NotCanonical(f"a head that is cut off at byte {at}")
    argument = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    if argument < (24 if width == 1 else 1 << (4 * width)):
        raise NotCanonical(f"a head that is not the shortest at byte {at}")
    return major, argument, at + 1 + width


def _simple(data: bytes, at: int) -> int:
    if data[at] in (0xF4, 0xF5, 0xF6):
        return at + 1
    if data[at] == 0xFB and at + 9 <= len(data):
        return at + 9
    raise NotCanonical(f"the head {data[at]:02x} at byte {at}")


def _string(data: bytes, body: int, length: int, *, is_text: bool) -> int:
    end = body + length
    if end > len(data):
        raise NotCanonical(f"a length past the end at byte {body}")
    if is_text:
        try:
            data[body:end].decode()
        except UnicodeDecodeError:
            raise NotCanonical(f"text that is not UTF-8 at byte {body}") from None
    return end


def _map(data: bytes, body: int, pairs: int, depth: int) -> int:
    before = b""
    for number in range(pairs):
        end = _item(data, body, depth + 1)
        key = data[body:end]
        if number and key <= before:
            raise NotCanonical(f"a key that is repeated or out of order at byte {body}")
        before = key
        body = _item(data, end, depth + 1)
    return body
