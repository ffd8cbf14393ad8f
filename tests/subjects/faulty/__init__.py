"""
A contract whose two subjects are right, and wrong in one named way on request.

`DRIFTCHECK_FAULT`, in the environment in which a host starts, plants the fault of that name in the subject
it holds; without it that subject keeps the contract. `tests/finds/faults.toml` lists the faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import attrs

from driftcheck import (
    I64,
    U64,
    Closing,
    Contract,
    Handle,
    Payload,
    Rejection,
    StepRejected,
    ge,
    invariant,
    law,
    le,
    max_len,
    min_len,
    names,
    operation,
    query,
)
from driftcheck.codecs import Codec, Mutation, text_features, text_mutations

VARIABLE = "DRIFTCHECK_FAULT"
CAPACITY = 4
LONGEST = 16  # bytes of a value

Key = Annotated[str, min_len(1), max_len(8), names(4)]
Value = Annotated[bytes, max_len(LONGEST)]
Length = Annotated[int, ge(0), le(LONGEST)]
Capacity = Annotated[int, ge(1), le(CAPACITY)]
Excess = Annotated[int, ge(1), le(LONGEST)]  # bytes
Count = Annotated[int, ge(0), le(CAPACITY)]
Level = Annotated[int, ge(0), le(99)]
Small = Annotated[int, ge(0), le(100)]


@attrs.frozen
class Entry:
    """A key, what is kept under it, and whether it may be changed or removed."""

    key: Key
    value: Value
    pinned: bool


@attrs.frozen
class Note:
    """What is written about a store, and travels as a document."""

    title: Annotated[str, max_len(8)]
    stars: Annotated[int, ge(0), le(9)]
    done: bool


@attrs.frozen
class Store:
    """All that a store knows; its entries in the order in which their keys came."""

    capacity: Capacity
    balance: I64
    entries: tuple[Entry, ...]
    note: Note


class Lines(Codec[Note]):
    """A note as three lines, its title in hexadecimal. Lines that begin with `#` say nothing."""

    mutations: ClassVar[Sequence[Mutation]] = text_mutations

    def encode(self, value: Note) -> bytes:
        done = "yes" if value.done else "no"
        return f"title x{value.title.encode().hex()}\nstars {value.stars}\ndone {done}".encode()

    def decode(self, data: bytes) -> tuple[str, ...]:
        lines = data.decode().replace("\r\n", "\n").split("\n")
        return tuple(line for line in lines if not line.startswith("#"))

    def features(self, data: bytes) -> set[str]:
        return text_features(data)


class Cursor:
    """A walk over the keys that the store held when it began."""


class Faulty(Contract):
    """Keeps values under keys, a balance, and a note."""

    full = Rejection("there is no room for another key")
    absent = Rejection("there is no such key")
    taken = Rejection("the new key is there already")
    pinned = Rejection("the entry is pinned")
    too_long = Rejection("the value would be too long", detail=Excess)
    overflow = Rejection("the balance would not fit 64 bits")
    malformed = Rejection("not a note", catch_all=True)

    def open(self, capacity: Capacity) -> None:
        """Make an empty store, its balance 0, its note empty."""

    def state(self) -> Store:
        """Tell everything."""

    @operation(rejects=[full, pinned], weight=30)  # without entries little can go wrong
    def put(self, key: Key, value: Value) -> Value | None:
        """Keep a value; return what was there. A new key comes last."""

    @query(rejects=[absent])
    def get(self, key: Key) -> Value:
        """Return a value."""

    @operation(rejects=[absent, pinned])
    def remove(self, key: Key) -> Value:
        """Forget a key; return its value."""

    @operation(rejects=[absent], idempotent=True)
    def pin(self, key: Key) -> None:
        """Keep an entry from being overwritten or removed; it may still be renamed and appended to."""

    @operation(rejects=[absent, taken])
    def rename(self, old: Key, new: Key) -> None:
        """Give an entry another key; its place stays. Its own key is taken, too."""

    @operation(rejects=[absent, too_long])
    def append(self, key: Key, tail: Value) -> Length:
        """Make a value longer; return its new length."""

    @operation(rejects=[overflow])
    def credit(self, amount: I64) -> I64:
        """Add to the balance and return it."""

    @query
    def count(self) -> U64:
        """Count the entries."""

    @query
    def keys(self) -> tuple[Key, ...]:
        """List the keys, sorted by their bytes."""

    @query
    def sizes(self) -> dict[str, Length]:
        """Tell the length of each value."""

    @query
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
        w10: Annotated[str, max_len(4)],
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
        w25: Annotated[bytes, max_len(4)],
        w26: Level,
        w27: Level,
        w28: Level,
        w29: Level,
        w30: Level,
    ) -> U64:
        """Return the sum of all, each times its number; true is 1, null 0, text and bytes their length."""

    @operation
    def walk(self) -> Handle[Cursor]:
        """Begin a walk over the keys as they stand now, the oldest first."""

    @operation
    def advance(self, cursor: Handle[Cursor]) -> Entry | None:
        """Return the entry of the walk's next key that is still there; null at its end."""

    @operation
    def finish(self, cursor: Closing[Handle[Cursor]]) -> Count:
        """End a walk; return how many of its keys were not reached, gone ones included."""

    @query
    def export(self) -> Payload[Note, Lines]:
        """Write the note."""

    @operation(idempotent=True)
    def import_(self, document: Payload[Note, Lines]) -> None:
        """Read the note: as it is written, but that lines may end as in Windows."""

    @query
    def show(self, note: Note) -> Payload[Note, Lines]:
        """Write any note."""

    @query
    def read(self, document: Payload[Note, Lines]) -> Note:
        """Read any note, as `import_` does."""

    @invariant
    def is_bounded(self, state: Store) -> bool:
        """Hold no more than the capacity."""
        return len(state.entries) <= state.capacity

    @invariant
    def holds_each_key_once(self, state: Store) -> bool:
        """Hold no key twice."""
        return len({entry.key for entry in state.entries}) == len(state.entries)

    @law
    def removed_is_gone(self, key: Key, value: Value) -> bool:
        """What was removed cannot be got."""
        self.put(key, value)
        self.remove(key)
        try:
            self.get(key)
        except StepRejected:
            return True
        return False

    @law(fresh=True)
    def credits_add_up(self, first: Small, second: Small) -> bool:
        """Two credits are their sum."""
        self.credit(first)
        return self.credit(second) == first + second

    @law
    def uses_plain_line_ends(self) -> bool:
        """A note is written with plain line ends."""
        return b"\r" not in self.export().data
