"""
The mark by which an exported test shows whether somebody changed it since.

It is a digest of the whole file, with zeros in its own place.
"""

from __future__ import annotations

import re
from hashlib import sha256

_MARK = "written:   {}"  # a line of the header
_DIGITS = 8
_HELD = re.compile(_MARK.format(rf"([0-9a-f]{{{_DIGITS}}})\b").encode())
BLANK = _MARK.format("0" * _DIGITS)


def sealed(text: str) -> bytes:
    """Return a file of which the header has the blank mark, with its digest there."""
    blank = text.encode()
    return blank.replace(BLANK.encode(), _MARK.format(_digest(blank)).encode(), 1)


def is_as_written(data: bytes) -> bool:
    """Say whether a file is as it was sealed."""
    found = _HELD.search(data)
    return found is not None and found[1].decode() == _digest(_HELD.sub(BLANK.encode(), data, count=1))


def _digest(blank: bytes) -> str:
    return sha256(blank).hexdigest()[:_DIGITS]
