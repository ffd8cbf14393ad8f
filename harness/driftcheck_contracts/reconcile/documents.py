"""
Documents of the reconciliation contract, and their mutations.

The model's writer makes the bytes, so that they do not depend on the engines under test.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import attrs

from driftcheck import ge, in_, le, max_len, names, schema_version
from driftcheck.codecs import (
    Codec,
    Draw,
    Mutation,
    Type,
    cbor_form_mutations,
    cbor_syntax_mutations,
    mutation,
    raw_mutations,
)
from driftcheck_contracts.reconcile.digests import state_digest
from driftcheck_contracts.reconcile.messages import DOCUMENT, HEADER, MAGIC, Part, write_document
from driftcheck_contracts.reconcile.parts import MEMBERS, Entries, Entry, Shared, in_order, origin_of
from driftcheck_contracts.reconcile.writing import array, integer, text, uint

KEYS = tuple(prefix + digit for prefix in (b"k", b"m", b"c") for digit in (b"0", b"1", b"2"))

Key = Annotated[bytes, in_(KEYS), names(4)]
# Milliseconds: few, so that clocks are often equal; two of them may differ by 60,000.
MOMENTS = (0, 1, 1_000, 1_001, 5_000, 59_999, 60_000, 60_001, 65_535, 70_000)

Place = Annotated[int, ge(0), le(2)]  # among the members
Epoch = Annotated[int, ge(0), le(1)]


@attrs.frozen
class Write:
    """A write that becomes an entry: a put of a number, or a tombstone."""

    key: Annotated[bytes, in_(KEYS)]
    place: Place
    epoch: Epoch
    counter: Annotated[int, ge(1), le(4)]
    physical: Annotated[int, in_([*MOMENTS, 90_000, 110_000, 120_000, 130_000, 130_001])]  # milliseconds
    logical: Annotated[int, in_([0, 1, 65_533, 65_534, 65_535])]
    number: Annotated[int, ge(0), le(30)] | None
    label: Annotated[str, max_len(4)] | None
    has_extra: bool

    @property
    def origin(self) -> bytes:
        """Return the writer in its epoch (R1.2)."""
        return origin_of(MEMBERS[self.place], self.epoch)

    @property
    def clock(self) -> bytes:
        """Return the hybrid clock (R3.1)."""
        return self.physical.to_bytes(6, "big") + self.logical.to_bytes(2, "big")

    def entry_at(self, schema: int) -> Entry:
        """Return the entry of this write (R1.6); `has_extra` adds what a later writer would write."""
        value = None if self.number is None else integer(self.number)
        label = None if value is None else self.label
        extras = ((16, array([text("kept"), uint(1)])),) if self.has_extra else ()
        return Entry(self.origin, self.counter, self.clock, value, schema, label, extras)


@attrs.frozen
class Document:
    """The state that a member claims to have."""

    schema: Annotated[int, schema_version]
    place: Place
    epoch: Epoch
    writes: Annotated[tuple[Write, ...], max_len(12)]
    lie: Annotated[int, ge(0), le(9)]  # 9: the announced digest is not that of the document


def sent_by(place: int, document: Document) -> bytes:
    """Return the document of a member that wrote all that it holds, which the other members accept."""
    writes = tuple(
        attrs.evolve(write, place=place, physical=write.physical // 2, logical=0) for write in document.writes
    )
    return DocumentBytes().encode(attrs.evolve(document, place=place, writes=writes, lie=0))


def _settled(writes: Sequence[Write], schema: int) -> Entries:
    """Return the writes that a replica can hold: each dot once, and one write if the last one wins."""
    found: dict[bytes, list[Entry]] = {}
    dots: set[tuple[bytes, int]] = set()
    for write in writes:
        is_full = write.key[:1] == b"k" and write.key in found
        if (write.origin, write.counter) in dots or is_full:
            continue
        dots.add((write.origin, write.counter))
        found.setdefault(write.key, []).append(write.entry_at(schema))
    return in_order(found)


def _of_body(one: Mutation) -> Mutation:
    """Return a mutation of CBOR that changes the body after the header."""

    def apply(data: bytes, draw: Draw, type_: Type) -> bytes | None:
        changed = one.apply(data[HEADER:], draw, type_)
        return None if changed is None else data[:HEADER] + changed

    apply.__doc__ = one.apply.__doc__
    return Mutation(f"body-{one.name}", apply)


@mutation
def other_magic(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Change a byte of the magic."""
    at = draw.integer(0, 3)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] if len(data) >= HEADER else None


@mutation
def other_kind(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Send a message of another kind."""
    return data[:4] + bytes([draw.integer(0, 5)]) + data[5:] if len(data) >= HEADER else None


@mutation
def other_schema(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Write another schema version into the header."""
    return data[:5] + bytes([draw.integer(0, 4)]) + data[6:] if len(data) >= HEADER else None


@mutation
def set_flag(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Set a bit of the flags, none of which has a meaning."""
    flags = (1 << draw.integer(0, 15)).to_bytes(2, "big")
    return data[:6] + flags + data[HEADER:] if len(data) >= HEADER else None


class DocumentBytes(Codec[Document]):
    """A message of kind 1: eight bytes of header, then a body in deterministic CBOR."""

    canonical = True
    mutations: ClassVar[Sequence[Mutation]] = (
        other_magic,
        other_kind,
        other_schema,
        set_flag,
        *raw_mutations,
        *map(_of_body, (*cbor_form_mutations, *cbor_syntax_mutations)),
    )

    def schema_version(self, data: bytes) -> int | None:
        return data[5] if len(data) >= HEADER and data[:5] == MAGIC + bytes([DOCUMENT]) else None

    def encode(self, value: Document) -> bytes:
        entries = _settled(value.writes, value.schema)
        writes = [entry for ones in entries.values() for entry in ones]
        vector: dict[bytes, int] = {}
        for entry in writes:
            vector[entry.origin] = max(entry.counter, vector.get(entry.origin, 0))
        clock = max((entry.clock for entry in writes), default=bytes(8))
        shared = Shared(entries, vector)
        digest = bytearray(state_digest(shared))
        digest[31] ^= 0xFF if value.lie == 9 else 0
        part = Part(MEMBERS[value.place], value.epoch, clock, shared, bytes(digest))
        return write_document(part, value.schema)
