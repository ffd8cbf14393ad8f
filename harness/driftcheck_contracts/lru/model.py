"""The model of the cache, in plain Python."""

from __future__ import annotations

from collections import deque

from driftcheck import Closing, Handle
from driftcheck_contracts.lru import Capacity, Count, Cursor, Entry, Key, Lru, Value


class LruModel(Lru):
    """A dict in the order of use, oldest first."""

    def open(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.entries: dict[str, bytes] = {}

    def state(self) -> tuple[Entry, ...]:
        return tuple(Entry(key, value) for key, value in self.entries.items())

    def put(self, key: Key, value: Value) -> Entry | None:
        self.entries.pop(key, None)
        pushed = self._push_out(self.capacity - 1)
        self.entries[key] = value
        return pushed[0] if pushed else None

    def get(self, key: Key) -> bytes:
        value = self.peek(key)
        self.entries[key] = self.entries.pop(key)
        return value

    def peek(self, key: Key) -> bytes:
        if key not in self.entries:
            raise Lru.absent()
        return self.entries[key]

    def remove(self, key: Key) -> bool:
        return self.entries.pop(key, None) is not None

    def resize(self, capacity: Capacity) -> Count:
        self.capacity = capacity
        return len(self._push_out(capacity))

    def walk(self) -> Handle[Cursor]:
        return Handle(deque(self.entries))

    def advance(self, cursor: Handle[Cursor]) -> Entry | None:
        ahead: deque[str] = cursor.value
        while ahead:
            key = ahead.popleft()
            if key in self.entries:
                return Entry(key, self.entries[key])
        return None

    def finish(self, cursor: Closing[Handle[Cursor]]) -> Count:
        return len(cursor.value)

    def _push_out(self, room: int) -> list[Entry]:
        """Remove the oldest entries until `room` are left, and return the removed ones."""
        oldest = list(self.entries)[: max(0, len(self.entries) - room)]
        return [Entry(key, self.entries.pop(key)) for key in oldest]
