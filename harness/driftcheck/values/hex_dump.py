"""
Binary documents for people to read: lines of sixteen bytes in hex, with the same bytes as text beside them.

Knows nothing of formats.
"""

from __future__ import annotations

WIDTH = 16  # bytes of a line
MOST_LINES = 16  # the middle of a longer document is left out
BINARY = 1 / 8  # from this share of characters that cannot be shown on, a document is binary


def is_binary(data: bytes) -> bool:
    """Tell whether bytes are better shown in hex than as text."""
    text = data.decode("utf-8", "surrogateescape")
    hidden = sum(not (c.isprintable() or c in "\t\n\r") for c in text)
    return hidden > len(text) * BINARY


def hex_dump(data: bytes) -> list[str]:
    """Return the lines: the position of the first byte, the bytes in hex, and each as text, or a dot."""
    starts = list(range(0, len(data), WIDTH))
    if len(starts) <= MOST_LINES:
        return [_line(data, start) for start in starts]
    head, tail = starts[: MOST_LINES - 4], starts[-4:]
    left_out = tail[0] - head[-1] - WIDTH
    return [
        *(_line(data, start) for start in head),
        f"({left_out} bytes omitted)",
        *(_line(data, start) for start in tail),
    ]


def _line(data: bytes, start: int) -> str:
    part = data[start : start + WIDTH]
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
    return f"{start:04x}  {part[:8].hex(' '):<23}  {part[8:].hex(' '):<23}  {text}".rstrip()
