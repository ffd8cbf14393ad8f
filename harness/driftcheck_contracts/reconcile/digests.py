"""Digests and heads of chains (R6, R10.4 of docs/reference/reconcile.md), computed from scratch each time."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from driftcheck_contracts.reconcile.parts import Entry, Shared, Vector
from driftcheck_contracts.reconcile.records import Migrated
from driftcheck_contracts.reconcile.writing import byte_string, mapping, uint

MAX_LEAF = 16  # keys (R6.4)
KeyHashes: TypeAlias = Mapping[bytes, bytes]

_cached = lru_cache(maxsize=1 << 14)  # most of a state stays as it was from step to step


def tagged(tag: str, *parts: bytes) -> bytes:
    """Return H of the conventions, under a tag of this contract."""
    return hashlib.sha256(b"reconcile/" + tag.encode() + b"\0" + b"".join(parts)).digest()


def long(data: bytes) -> bytes:
    """Return L of the conventions: the length, then the bytes."""
    return struct.pack(">I", len(data)) + data


def write_vector(vector: Vector) -> bytes:
    """Write a vector (R7.3)."""
    return mapping({byte_string(origin): uint(counter) for origin, counter in vector.items()})


def key_hashes(shared: Shared) -> KeyHashes:
    """Return the hash of each key with its entries (R6.2)."""
    return {key: _key_hash(key, entries) for key, entries in shared.entries.items()}


@_cached
def path_of(key: bytes) -> bytes:
    """Return the path of a key: a byte for each half byte (R6.3)."""
    return bytes(int(digit, 16) for digit in tagged("path", key).hex())


def below(keys: KeyHashes, prefix: bytes) -> KeyHashes:
    """Return the keys whose path begins with a prefix."""
    return {key: digest for key, digest in keys.items() if path_of(key).startswith(prefix)}


def node(keys: KeyHashes, prefix: bytes = b"") -> bytes:
    """Return the node of a prefix (R6.4)."""
    return _node(tuple(sorted(below(keys, prefix).items())), len(prefix))


EMPTY = tagged("leaf", struct.pack(">I", 0))


def children(keys: KeyHashes, prefix: bytes = b"") -> tuple[bytes, ...]:
    """Return the sixteen nodes below a prefix (R6.5)."""
    return tuple(node(keys, prefix + bytes([nibble])) for nibble in range(16))


def state_digest(shared: Shared) -> bytes:
    """Return the digest of a shared part (R6.6), which depends on nothing else (R6.7)."""
    vectors = (long(write_vector(vector)) for vector in (shared.vector, shared.watermark))
    return tagged("state", node(key_hashes(shared)), *vectors)


@_cached
def _node(keys: tuple[tuple[bytes, bytes], ...], depth: int) -> bytes:
    if len(keys) <= MAX_LEAF:
        return tagged("leaf", struct.pack(">I", len(keys)), *(long(key) + digest for key, digest in keys))
    parts = [tuple(pair for pair in keys if path_of(pair[0])[depth] == nibble) for nibble in range(16)]
    return tagged("branch", *(_node(part, depth + 1) for part in parts))


@_cached
def _key_hash(key: bytes, entries: tuple[Entry, ...]) -> bytes:
    hashes = (_entry_hash(key, entry) for entry in entries)
    return tagged("key", long(key), struct.pack(">I", len(entries)), *hashes)


def head_after(chain: Sequence[Migrated], link: Migrated) -> bytes:
    """Return the head that a migration gives to a chain (R10.4)."""
    before = chain[-1].head if chain else bytes(32)
    texts = long(link.rationale.encode()) + long(link.approver.encode())
    return tagged("migration", before, bytes([link.from_, link.to]), texts, bytes([link.rollback]))


def _entry_hash(key: bytes, entry: Entry) -> bytes:
    """Return the hash of an entry under its key (R6.1)."""
    return tagged(
        "entry",
        long(key),
        long(entry.origin),
        struct.pack(">Q", entry.counter),
        entry.clock,
        bytes([entry.kind]),
        long(entry.value or b""),
        bytes([entry.schema, entry.label is not None]),
        long((entry.label or "").encode()),
        struct.pack(">H", len(entry.extras)),
        *(bytes([field]) + long(item) for field, item in entry.extras),
    )
