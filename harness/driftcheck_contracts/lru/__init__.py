"""A bounded cache: `hashicorp/golang-lru` beside the crate `lru`."""

from __future__ import annotations

from typing import Annotated

import attrs

from driftcheck import (
    Closing,
    Contract,
    Handle,
    Rejection,
    ge,
    invariant,
    le,
    max_len,
    min_len,
    names,
    operation,
    query,
)

CAPACITY = 4  # small, so that a trace meets a full cache soon and often

Key = Annotated[str, min_len(1), max_len(8), names(4)]
Value = Annotated[bytes, max_len(16)]
Capacity = Annotated[int, ge(1), le(CAPACITY)]
Count = Annotated[int, ge(0), le(CAPACITY)]


@attrs.frozen
class Entry:
    """A key and what is kept under it."""

    key: str
    value: bytes


class Cursor:
    """A walk over the keys that the cache held when it began, oldest first."""


class Lru(Contract):
    """A bounded map that forgets what was used longest ago."""

    absent = Rejection("the cache holds no such key")

    def open(self, capacity: Capacity) -> None:
        """Make an empty cache."""

    def state(self) -> tuple[Entry, ...]:
        """List the entries, oldest first."""

    @operation
    def put(self, key: Key, value: Value) -> Entry | None:
        """Keep a value, which is a use; return the entry that it pushed out."""

    @operation(rejects=[absent])
    def get(self, key: Key) -> bytes:
        """Return a value, which is a use."""

    @query(rejects=[absent])
    def peek(self, key: Key) -> bytes:
        """Return a value, which is no use."""

    @operation
    def remove(self, key: Key) -> bool:
        """Forget a key; say whether it was there."""

    @operation
    def resize(self, capacity: Capacity) -> Count:
        """Change the capacity; return how many entries it pushed out, the oldest first."""

    @operation
    def walk(self) -> Handle[Cursor]:
        """Begin a walk over the keys as they stand now, oldest first."""

    @operation
    def advance(self, cursor: Handle[Cursor]) -> Entry | None:
        """Return the entry of the walk's next key that is still there, which is no use; null at its end."""

    @operation
    def finish(self, cursor: Closing[Handle[Cursor]]) -> Count:
        """End a walk; return how many of its keys were not reached, gone ones included."""

    @invariant
    def is_bounded(self, state: tuple[Entry, ...]) -> bool:
        """Hold no more than the greatest capacity."""
        return len(state) <= CAPACITY

    @invariant
    def holds_each_key_once(self, state: tuple[Entry, ...]) -> bool:
        """Hold no key twice."""
        return len({entry.key for entry in state}) == len(state)
