"""What the store should do, in plain Python: the third subject. No fault is ever planted in it."""

from __future__ import annotations

from collections import deque

import attrs

from driftcheck import I64, U64, Closing, Handle, Payload
from faulty import (
    LONGEST,
    Capacity,
    Count,
    Cursor,
    Entry,
    Faulty,
    Key,
    Length,
    Level,
    Lines,
    Note,
    Store,
    Value,
)


class FaultyModel(Faulty):
    """A dict of entries, whose order is that in which the keys came."""

    def open(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.balance = 0
        self.entries: dict[str, Entry] = {}
        self.note = Note("", 0, False)

    def state(self) -> Store:
        return Store(self.capacity, self.balance, tuple(self.entries.values()), self.note)

    def put(self, key: Key, value: Value) -> Value | None:
        before = self.entries.get(key)
        if before is not None and before.pinned:
            raise Faulty.pinned()
        if before is None and len(self.entries) == self.capacity:
            raise Faulty.full()
        self.entries[key] = Entry(key, value, False)
        return None if before is None else before.value

    def get(self, key: Key) -> Value:
        return self._entry(key).value

    def remove(self, key: Key) -> Value:
        if self._entry(key).pinned:
            raise Faulty.pinned()
        return self.entries.pop(key).value

    def pin(self, key: Key) -> None:
        self.entries[key] = attrs.evolve(self._entry(key), pinned=True)

    def rename(self, old: Key, new: Key) -> None:
        self._entry(old)
        if new in self.entries:
            raise Faulty.taken()
        entries = [attrs.evolve(e, key=new) if e.key == old else e for e in self.entries.values()]
        self.entries = {e.key: e for e in entries}

    def append(self, key: Key, tail: Value) -> Length:
        entry = self._entry(key)
        value = entry.value + tail
        if len(value) > LONGEST:
            raise Faulty.too_long(len(value) - LONGEST)
        self.entries[key] = attrs.evolve(entry, value=value)
        return len(value)

    def credit(self, amount: I64) -> I64:
        balance = self.balance + amount
        if not -(2**63) <= balance < 2**63:
            raise Faulty.overflow()
        self.balance = balance
        return balance

    def count(self) -> U64:
        return len(self.entries)

    def keys(self) -> tuple[Key, ...]:
        return tuple(sorted(self.entries))

    def sizes(self) -> dict[str, Length]:
        return {key: len(entry.value) for key, entry in self.entries.items()}

    def weigh(
        self,
        w1: Level,
        w2: Level,
        w3: Level,
        w4: Level,
        w5: bool,
        w6: Level,
        w7: Level,
        w8: Level,
        w9: Level,
        w10: str,
        w11: Level,
        w12: Level,
        w13: Level,
        w14: Level,
        w15: Level,
        w16: Level,
        w17: Level,
        w18: Level,
        w19: Level,
        w20: Level | None,
        w21: Level,
        w22: Level,
        w23: Level,
        w24: Level,
        w25: bytes,
        w26: Level,
        w27: Level,
        w28: Level,
        w29: Level,
        w30: Level,
    ) -> U64:
        amounts = [
            w1,
            w2,
            w3,
            w4,
            int(w5),
            w6,
            w7,
            w8,
            w9,
            len(w10),
            w11,
            w12,
            w13,
            w14,
            w15,
            w16,
            w17,
            w18,
            w19,
            w20 or 0,
            w21,
            w22,
            w23,
            w24,
            len(w25),
            w26,
            w27,
            w28,
            w29,
            w30,
        ]
        return sum(number * amount for number, amount in enumerate(amounts, 1))

    def walk(self) -> Handle[Cursor]:
        return Handle(deque(self.entries))

    def advance(self, cursor: Handle[Cursor]) -> Entry | None:
        ahead: deque[str] = cursor.value
        while ahead:
            entry = self.entries.get(ahead.popleft())
            if entry is not None:
                return entry
        return None

    def finish(self, cursor: Closing[Handle[Cursor]]) -> Count:
        return len(cursor.value)

    def export(self) -> Payload[Note, Lines]:
        return self.show(self.note)

    def import_(self, document: Payload[Note, Lines]) -> None:
        self.note = self.read(document)

    def show(self, note: Note) -> Payload[Note, Lines]:
        return Payload(Lines().encode(note))

    def read(self, document: Payload[Note, Lines]) -> Note:
        data = document.data.replace(b"\r\n", b"\n")
        try:
            title, stars, done = data.decode().split("\n")
            note = Note(
                bytes.fromhex(title.removeprefix("title x")).decode(),
                int(stars.removeprefix("stars ")),
                done == "done yes",
            )
        except ValueError:
            raise Faulty.malformed() from None
        if len(note.title) > 8 or not 0 <= note.stars <= 9 or Lines().encode(note) != data:
            raise Faulty.malformed()
        return note

    def _entry(self, key: str) -> Entry:
        if key not in self.entries:
            raise Faulty.absent()
        return self.entries[key]
