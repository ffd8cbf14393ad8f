"""
Documents of the reconciliation contract, written as docs/reference/reconcile.md says (R6, R7.4).

A third writer of these bytes beside the two engines, so that what they take and refuse is not their own.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import attrs
import cbor2

from driftcheck import Codec, Mutation, ge, in_, le, max_len, mutation, names, raw_mutations
from driftcheck.codecs.cbor.forms import FORMS
from driftcheck.codecs.cbor.syntax import SYNTAX
from driftcheck.codecs.mutation import Draw
from driftcheck.contract.types import Type

MEMBERS = (b"a", b"b", b"c")
KEYS = tuple(prefix + digit for prefix in (b"k", b"m", b"c") for digit in (b"0", b"1", b"2"))
HEADER = 8  # bytes
LEAF = 16  # keys that a leaf holds at most (R6.4)

Key = Annotated[bytes, in_(KEYS), names(4)]
Place = Annotated[int, ge(0), le(2)]  # among the members
Epoch = Annotated[int, ge(0), le(1)]


@attrs.frozen
class Write:
    """What becomes an entry: a put of a number, or a tombstone."""

    key: Annotated[bytes, in_(KEYS)]
    place: Place
    epoch: Epoch
    counter: Annotated[int, ge(1), le(4)]
    physical: Annotated[int, ge(0), le(130_001)]  # milliseconds
    logical: Annotated[int, in_([0, 1, 65_533, 65_534, 65_535])]
    number: Annotated[int, ge(0), le(30)] | None
    label: Annotated[str, max_len(4)] | None
    has_extra: bool

    @property
    def origin(self) -> bytes:
        """Return the writer in its epoch (R1.2)."""
        return MEMBERS[self.place] + struct.pack(">I", self.epoch)

    @property
    def clock(self) -> bytes:
        """Return the hybrid clock (R3.1)."""
        return self.physical.to_bytes(6, "big") + self.logical.to_bytes(2, "big")

    @property
    def value(self) -> bytes:
        """Return what was put, encoded; nothing for a tombstone."""
        return b"" if self.number is None else cbor2.dumps(self.number)

    @property
    def extras(self) -> Mapping[int, bytes]:
        """Return what a later writer would have added."""
        return {16: cbor2.dumps(["kept", 1])} if self.has_extra else {}


@attrs.frozen
class Document:
    """What a member says that it holds."""

    schema: Annotated[int, ge(1), le(3)]
    place: Place
    epoch: Epoch
    writes: Annotated[tuple[Write, ...], max_len(12)]
    lie: Annotated[int, ge(0), le(9)]  # 9: the digest announced is another than the document's


Entries = Mapping[bytes, Sequence[Write]]


def _settled(writes: Sequence[Write]) -> Entries:
    """Return what of some writes a replica could hold: each dot once, one write where the last one wins."""
    found: dict[bytes, list[Write]] = {}
    dots: set[tuple[bytes, int]] = set()
    for write in writes:
        is_full = write.key[:1] == b"k" and write.key in found
        if (write.origin, write.counter) in dots or is_full:
            continue
        dots.add((write.origin, write.counter))
        found.setdefault(write.key, []).append(write)
    return {key: sorted(found[key], key=lambda w: (w.origin, w.counter)) for key in sorted(found)}


def _hash(tag: str, *parts: bytes) -> bytes:
    return hashlib.sha256(b"reconcile/" + tag.encode() + b"\0" + b"".join(parts)).digest()


def _long(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _entry_hash(key: bytes, write: Write, schema: int) -> bytes:
    label = None if write.number is None else write.label
    extras = [struct.pack(">B", field) + _long(item) for field, item in write.extras.items()]
    return _hash(
        "entry",
        _long(key),
        _long(write.origin),
        struct.pack(">Q", write.counter),
        write.clock,
        bytes([write.number is None]),
        _long(write.value),
        bytes([schema, label is not None]),
        _long((label or "").encode()),
        struct.pack(">H", len(extras)),
        *extras,
    )


def _node(keys: Mapping[bytes, bytes], depth: int = 0) -> bytes:
    """Return the hash of a node over keys with their hashes (R6.4)."""
    if len(keys) <= LEAF:
        return _hash("leaf", struct.pack(">I", len(keys)), *(_long(k) + keys[k] for k in sorted(keys)))
    parts: list[dict[bytes, bytes]] = [{} for _ in range(16)]
    for key, digest in keys.items():
        parts[int(_hash("path", key).hex()[depth], 16)][key] = digest
    return _hash("branch", *(_node(part, depth + 1) for part in parts))


def _state_digest(entries: Entries, vector: Mapping[bytes, int], schema: int) -> bytes:
    keys = {}
    for key, writes in entries.items():
        hashes = [_entry_hash(key, write, schema) for write in writes]
        keys[key] = _hash("key", _long(key), struct.pack(">I", len(writes)), *hashes)
    return _hash("state", _node(keys), _long(_dumps(vector)), _long(_dumps({})))


def _dumps(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _fields(write: Write, schema: int) -> dict[int, Any]:
    """Return an entry as its schema lays it out (R7.4)."""
    fields: dict[int, Any] = {0: write.origin, 1: write.counter, 3: int(write.number is None), 5: schema}
    if schema == 3:
        fields |= {7: write.physical, 8: write.logical}
    else:
        fields[2] = write.clock
    if write.number is not None or schema == 1:
        fields[4] = write.number
    if write.number is not None and write.label is not None:
        fields[6] = write.label
    return fields | {field: cbor2.loads(item) for field, item in write.extras.items()}


def _of_body(one: Mutation) -> Mutation:
    """Return a mutation of CBOR as one of what stands behind the header."""

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
    """Name another schema in the header."""
    return data[:5] + bytes([draw.integer(0, 4)]) + data[6:] if len(data) >= HEADER else None


@mutation
def set_flag(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Set a bit of the flags, of which none has a meaning."""
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
        *map(_of_body, (*FORMS, *SYNTAX)),
    )

    def encode(self, value: Document) -> bytes:
        entries = _settled(value.writes)
        writes = [write for ones in entries.values() for write in ones]
        vector: dict[bytes, int] = {}
        for write in writes:
            vector[write.origin] = max(write.counter, vector.get(write.origin, 0))
        digest = bytearray(_state_digest(entries, vector, value.schema))
        digest[31] ^= 0xFF if value.lie == 9 else 0
        body = {
            0: MEMBERS[value.place],
            1: value.epoch,
            2: max((write.clock for write in writes), default=bytes(8)),
            3: vector,
            4: {},
            5: {key: [_fields(write, value.schema) for write in ones] for key, ones in entries.items()},
            6: bytes(digest),
        }
        return b"DCR1" + bytes([1, value.schema, 0, 0]) + _dumps(body)
