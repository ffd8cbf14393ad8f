"""
The results of the last few calls by their inputs, so that a repeated call costs nothing.

Knows nothing of what the results are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Recent(Generic[Key, Result]):
    """The last few results, bounded in their number and in the bytes of what they were made of.

    Args:
        most: results that are kept.
        max_bytes: of what all kept results were made of; a larger thing has its result made each time.
    """

    def __init__(self, most: int, max_bytes: int) -> None:
        self._most = most
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: dict[Key, tuple[int, Result]] = {}  # the latest one is last

    def get(self, key: Key, size: int, make: Callable[[], Result]) -> Result:
        """Return the result for a key, made now or earlier.

        Args:
            size: the bytes of what it is made of.
        """
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._kept[key] = kept
            return kept[1]
        result = make()
        if size <= self._max_bytes:
            self._kept[key] = size, result
            self._bytes += size
            while len(self._kept) > self._most or self._bytes > self._max_bytes:
                self._bytes -= self._kept.pop(next(iter(self._kept)))[0]
        return result

    def known(self, key: Key) -> Result | None:
        """Return the result for a key if it is kept."""
        kept = self._kept.get(key)
        return None if kept is None else kept[1]
