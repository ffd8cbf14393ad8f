"""Models that the tests of replay run in hosts."""

from __future__ import annotations

from driftcheck_contracts.lru.model import LruModel


class NoUse(LruModel):
    """Does not take a get for a use."""

    def get(self, key: str) -> bytes:
        return self.peek(key)


class Default(LruModel):
    """Yields a default where the key is absent."""

    def peek(self, key: str) -> bytes:
        return self.entries.get(key, b"")
