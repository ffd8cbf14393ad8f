"""
A store of JSON documents under names: the library that the bench of payloads tests.

Knows nothing of driftcheck, so that the state machine beside it can use it too.
"""

from __future__ import annotations

import json
import zlib

MOST = 8  # documents; the oldest goes first


class Shelf:
    """Keeps the last few documents."""

    def __init__(self) -> None:
        self.documents: dict[str, int] = {}

    def put(self, name: str, document: bytes) -> bool:
        """Keep a document, and say whether it replaces one; raises ValueError for bytes that are none."""
        try:
            value = json.loads(document)
        except RecursionError:
            raise ValueError("nested too deep") from None
        if not isinstance(value, dict):
            raise ValueError("no object")
        replaces = self.documents.pop(name, None) is not None
        self.documents[name] = zlib.crc32(
            repr(sorted(value.items(), key=lambda pair: pair[0])).encode("utf-8", "replace")
        )
        if len(self.documents) > MOST:
            del self.documents[next(iter(self.documents))]
        return replaces

    def get(self, name: str) -> int | None:
        """Return the checksum of a document."""
        return self.documents.get(name)

    def remove(self, name: str) -> bool:
        """Forget a document, and say whether it was there."""
        return self.documents.pop(name, None) is not None

    def count(self) -> int:
        """Count the documents."""
        return len(self.documents)
