"""
The limits of what a subject may send: of a reply, a state, a text and a print.

docs/reference/limits.md describes them. Both SDKs have the same numbers for a state and a text.
Knows nothing of processes, or of what a reply means.
"""

from __future__ import annotations

from typing import Final

# With twice as much, a run whose every reply was as large as it may be took more than 500 MiB.
REPLY_BYTES: Final = 8 << 20  # to one request
REPLY_ITEMS: Final = 1 << 18  # CBOR items; the smallest item takes 64 times its size when it is decoded
STATE_BYTES: Final = 8 << 20  # of one instance
TEXT_BYTES: Final = 4096  # of one text of an error or a panic
PRINT_BYTES: Final = 1 << 20  # of all that a host prints; the longest dumps of Go are shorter

_SUFFIX_BYTES = 32  # of what a cut text ends with


def cut_text(text: str) -> str:
    """Return a text of at most `TEXT_BYTES`; a longer one loses its end, and says how long it was."""
    if len(text) <= TEXT_BYTES // 4:  # the usual case: a character has at most four bytes
        return text
    data = text.encode(errors="replace")
    if len(data) <= TEXT_BYTES:
        return text
    kept = data[: TEXT_BYTES - _SUFFIX_BYTES].decode(errors="ignore")
    return f"{kept}... ({len(data):,} bytes)"


def too_large(what: str, size: int, limit: int) -> str:
    """Say in a line that something is larger than its limit."""
    return f"{what} of {size:,} bytes is larger than the limit of {limit:,} bytes"
