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

CAPACITY = 4  # small, so that the cache of a trace is full soon and often

Key = Annotated[str, min_len(1), max_len(8), names(4)]
Value = Annotated[bytes, max_len(16)]
Capacity = Annotated[int, ge(1), le(CAPACITY)]
Count = Annotated[int, ge(0), le(CAPACITY)]


@attrs.frozen
class Entry:
    """A key and its value."""

    key: str
    value: bytes


class Cursor:
    """A walk over the keys that the cache held when it began, oldest first."""


class Lru(Contract):
    """A bounded map that evicts the least recently used entry."""

    absent = Rejection("the cache holds no such key")

    def open(self, capacity: Capacity) -> None:
        """Make an empty cache."""

    def state(self) -> tuple[Entry, ...]:
        """List the entries, oldest first."""

    @operation
    def put(self, key: Key, value: Value) -> Entry | None:
        """Store a value, which counts as a use; return the entry that it evicted."""

    @operation(rejects=[absent])
    def get(self, key: Key) -> bytes:
        """Return a value, which counts as a use."""

    @query(rejects=[absent])
    def peek(self, key: Key) -> bytes:
        """Return a value, which does not count as a use."""

    @operation
    def remove(self, key: Key) -> bool:
        """Remove a key; return whether it was there."""

    @operation
    def resize(self, capacity: Capacity) -> Count:
        """Change the capacity; return how many entries it evicted, the oldest first."""

    @operation
    def walk(self) -> Handle[Cursor]:
        """Begin a walk over the present keys, oldest first."""

    @operation
    def advance(self, cursor: Handle[Cursor]) -> Entry | None:
        """Return the walk's next entry that still exists, null at its end; it does not count as a use."""

    @operation
    def finish(self, cursor: Closing[Handle[Cursor]]) -> Count:
        """End a walk; return how many of its keys it did not reach, removed ones included."""

    @invariant
    def is_bounded(self, state: tuple[Entry, ...]) -> bool:
        """The cache holds at most as many entries as the greatest capacity."""
        return len(state) <= CAPACITY

    @invariant
    def holds_each_key_once(self, state: tuple[Entry, ...]) -> bool:
        """The cache holds each key at most once."""
        return len({entry.key for entry in state}) == len(state)
