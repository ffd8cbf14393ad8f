"""Models that the tests of the oracle run in hosts."""

from __future__ import annotations

import os
from typing import ClassVar

from driftcheck_contracts.lru.model import LruModel


class Restless(LruModel):
    """Does not take a get for a use, and peeks at what is never the same."""

    def get(self, key: str) -> bytes:
        return super().peek(key)

    def peek(self, key: str) -> bytes:
        super().peek(key)
        return os.urandom(8)


class Cold(LruModel):
    """Answers the first question of its process wrongly."""

    is_warm: ClassVar[bool] = False

    def peek(self, key: str) -> bytes:
        found = super().peek(key)
        was_warm, Cold.is_warm = Cold.is_warm, True
        return found if was_warm else found + b"!"
