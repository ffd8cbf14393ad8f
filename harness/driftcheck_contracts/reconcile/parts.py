"""
The shared part of a replica, and how two of them merge (R1 and R5 of docs/reference/reconcile.md).

Knows entries, vectors, policies. Knows nothing of bytes on the wire, hashes or rejections.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Mapping
from typing import TypeAlias

import attrs

MEMBERS = (b"a", b"bb", b"c")
MAX_COUNTER = 2**63 - 1


class Policy(enum.Enum):
    """What happens to writes that have not seen each other (R5.1), with its number in the table (R9.5)."""

    LAST = 0
    MULTI = 1
    COUNTER = 2


POLICIES = {b"c": Policy.COUNTER, b"m": Policy.MULTI}  # no prefix begins with another


@attrs.frozen(cache_hash=True)
class Entry:
    """One entry of a key (R1.6); without a value it is a tombstone."""

    origin: bytes
    counter: int
    clock: bytes
    value: bytes | None
    schema: int
    label: str | None = None
    extras: tuple[tuple[int, bytes], ...] = ()

    @property
    def dot(self) -> tuple[bytes, int]:
        """Return what names the write (R1.3)."""
        return self.origin, self.counter

    @property
    def kind(self) -> int:
        """Return 0 for a put, 1 for a tombstone."""
        return int(self.value is None)


Vector: TypeAlias = Mapping[bytes, int]
Entries: TypeAlias = Mapping[bytes, tuple[Entry, ...]]  # keys and dots in their order


@attrs.frozen
class Shared:
    """The shared part (R1.7). Never changed: a step makes another one."""

    entries: Entries = attrs.field(factory=dict)
    vector: Vector = attrs.field(factory=dict)
    watermark: Vector = attrs.field(factory=dict)


def origin_of(writer: bytes, epoch: int) -> bytes:
    """Return the origin of a writer in an epoch (R1.2)."""
    return writer + struct.pack(">I", epoch)


def writer_of(origin: bytes) -> bytes:
    """Return the writer of an origin."""
    return origin[:-4]


def epoch_of(origin: bytes) -> int:
    """Return the epoch of an origin."""
    return int.from_bytes(origin[-4:], "big")


def join(one: Vector, other: Vector) -> Vector:
    """Return the greater counter of each origin (R1.4)."""
    return {origin: max(one.get(origin, 0), other.get(origin, 0)) for origin in {*one, *other}}


def meet(one: Vector, other: Vector) -> Vector:
    """Return the smaller counter of each origin that both have (R1.4)."""
    return {origin: min(counter, other[origin]) for origin, counter in one.items() if origin in other}


def covers(vector: Vector, entry: Entry) -> bool:
    """Tell whether a vector covers the dot of an entry (R1.4)."""
    return vector.get(entry.origin, 0) >= entry.counter


def policy_of(key: bytes) -> Policy:
    """Return the policy of the prefix that a key begins with (R5.1)."""
    return next((policy for prefix, policy in POLICIES.items() if key.startswith(prefix)), Policy.LAST)


def in_order(entries: Mapping[bytes, list[Entry]]) -> Entries:
    """Return entries with keys and dots in order, and no key without entries."""
    return {key: tuple(sorted(entries[key], key=lambda e: e.dot)) for key in sorted(entries) if entries[key]}


def collected(shared: Shared, watermark: Vector) -> Shared:
    """Return a shared part without the tombstones that a watermark covers (R5.5, R11.4)."""
    left = {
        key: [e for e in entries if e.kind == 0 or not covers(watermark, e)]
        for key, entries in shared.entries.items()
    }
    return Shared(in_order(left), shared.vector, watermark)


def merge(mine: Shared, theirs: Shared) -> Shared:
    """Return the merge of two shared parts (R5.2, R5.4, R5.5)."""
    kept: dict[bytes, list[Entry]] = {}
    for key in {*mine.entries, *theirs.entries}:
        ours, others = mine.entries.get(key, ()), theirs.entries.get(key, ())
        both = [entry for entry in ours if entry in others]
        both += [entry for entry in ours if entry not in others and not covers(theirs.vector, entry)]
        both += [entry for entry in others if entry not in ours and not covers(mine.vector, entry)]
        kept[key] = _in_normal_form(key, both)
    merged = Shared(in_order(kept), join(mine.vector, theirs.vector))
    return collected(merged, join(mine.watermark, theirs.watermark))


def _in_normal_form(key: bytes, entries: list[Entry]) -> list[Entry]:
    """Return what the policy of a key keeps (R5.4)."""
    if policy_of(key) is not Policy.LAST or not entries:
        return entries
    return [max(entries, key=lambda e: (e.clock, e.origin, e.counter, e.kind, e.value or b""))]
