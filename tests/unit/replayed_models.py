"""Models that the tests of replay run in hosts."""

from __future__ import annotations

import os

from driftcheck_contracts.lru.model import LruModel


class NoUse(LruModel):
    """Does not take a get for a use."""

    def get(self, key: str) -> bytes:
        return self.peek(key)


class Default(LruModel):
    """Yields a default where the key is absent."""

    def peek(self, key: str) -> bytes:
        return self.entries.get(key, b"")


LAST = 15  # more traces than a case is run alone, in one process

_opened: list[int] = []


class DiesLate(LruModel):
    """Does what it should until its process has opened it too often."""

    def open(self, capacity: int) -> None:
        _opened.append(capacity)
        if len(_opened) > LAST:
            os.abort()
        super().open(capacity)
