"""
Frames that a host sends: reads them piece by piece, within their limits, and says what is wrong with them.

docs/reference/wire.md is normative. A subject lives in the same process as its host and may write to the
stream. So nothing that arrives is trusted, and nothing is allocated for a length before its bytes arrive.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.core.limits import REPLY_BYTES, too_large
from driftcheck.values.encoding import load_strictly

# How each frame begins: an array of two items, and its word. Then its item follows.
_REPLY = b"\x82\x65reply"
_MAJORS = {_REPLY: 2, b"\x82\x65error": 3, b"\x82\x66failed": 3, b"\x82\x65ready": 5}  # CBOR's types
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}  # bytes of a length, by the low bits of a head
_SHORT_BYTES = 1 << 20  # of a frame that is not a reply
_SHOWN = 24  # bytes of what is not a frame


@attrs.define(eq=False)
class Noise(Exception):
    """Bytes arrived that no host sends, so the subject wrote to the stream."""

    reason: str


@attrs.define(eq=False)
class ReplyTooLarge(Exception):
    """A reply is larger than its limit."""

    reason: str


class Frames:
    """The frames of one stream."""

    def __init__(self) -> None:
        self._received = bytearray()

    @property
    def has_more(self) -> bool:
        """Say whether anything has arrived that is not taken."""
        return bool(self._received)

    def add(self, data: bytes) -> None:
        """Add what was received."""
        self._received += data

    def take(self) -> tuple[str, Any] | None:
        """Return the word and the item of the frame that has arrived, or None while it is incomplete.

        Raises:
            Noise: it is not a frame, or more than one frame has arrived.
            ReplyTooLarge: it is a reply that is larger than the limit.
        """
        received = self._received
        if len(received) < 4:
            return None
        size = int.from_bytes(received[:4], "big")
        self._check_start(received[4 : 4 + 8], size)
        if len(received) < 4 + size:
            return None
        if len(received) > 4 + size:
            raise Noise(f"{len(received) - 4 - size:,} unexpected bytes follow a frame")
        word, item = _word_and_item(received)
        self._received = bytearray()
        return word, item

    def _check_start(self, start: bytearray, size: int) -> None:
        if not any(word.startswith(start[: len(word)]) for word in _MAJORS):
            raise Noise(f"{bytes(self._received[:_SHOWN])!r} is not a frame")
        if start.startswith(_REPLY):
            if size > REPLY_BYTES:
                raise ReplyTooLarge(too_large("a reply", size, REPLY_BYTES))
        elif size > _SHORT_BYTES and len(start) >= len(_REPLY):
            raise Noise(f"a frame of {size:,} bytes is too large for its kind")


def _word_and_item(frame: bytearray) -> tuple[str, Any]:
    for start, major in _MAJORS.items():
        if frame.startswith(start, 4):
            try:
                return start[2:].decode(), _item(frame, 4 + len(start), major)
            except (ValueError, IndexError):
                break
    raise Noise(f"a frame that begins with {bytes(frame[4 : 4 + _SHOWN])!r} cannot be read")


def _item(frame: bytearray, at: int, major: int) -> Any:
    """Return the item that starts there and ends with the frame."""
    if frame[at] >> 5 != major:
        raise ValueError
    if major == 5:
        return load_strictly(bytes(frame[at:]))
    size = frame[at] & 31
    at += 1
    if size >= 24:
        width = _LENGTHS[size] if size in _LENGTHS else len(frame)
        size = int.from_bytes(frame[at : at + width], "big")
        at += width
    if at + size != len(frame):
        raise ValueError
    data = bytes(memoryview(frame)[at:])
    return data if major == 2 else data.decode()
