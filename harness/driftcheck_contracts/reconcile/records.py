"""The values that the operations of the reconciliation contract take and return, and its states."""

from __future__ import annotations

import enum
from typing import Annotated

import attrs

from driftcheck import I64, U64, ge, le, max_len


class Algorithm(enum.Enum):
    """How a replica reconciles; it changes no result (R9.2 to R9.4)."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


@attrs.frozen
class Where:
    """The detail of a rejection (R11.2)."""

    path: str
    offset: U64
    expected: str
    got: str
    hint: str


@attrs.frozen
class Item:
    """A value with an item of every kind that a value may hold (R2.2)."""

    a: Annotated[tuple[Annotated[tuple[U64, ...], max_len(2)], ...], max_len(3)]
    b: Annotated[bytes, max_len(8)]
    m: Annotated[dict[str, I64], max_len(3)]
    n: I64
    t: Annotated[str, max_len(8)]
    ok: bool


@attrs.frozen
class Written:
    """The dot and the clock of a write (R4.4)."""

    origin: bytes
    counter: U64
    clock: bytes


@attrs.frozen
class Visible:
    """A visible value of a key (R4.5)."""

    values: tuple[bytes, ...]
    label: str | None


@attrs.frozen
class Pair:
    """A key with its visible values."""

    key: bytes
    values: tuple[bytes, ...]


@attrs.frozen
class Digests:
    """The state digest and the children of the root (R6.5, R6.6)."""

    state: bytes
    children: tuple[bytes, ...]


@attrs.frozen
class Diff:
    """How a peer's digests compare (R4.8)."""

    equal: bool
    children: tuple[U64, ...]


@attrs.frozen
class Merge:
    """What a merge did (R5.8)."""

    changed: bool
    taken: U64
    dropped: U64
    digest: bytes


@attrs.frozen
class Cost:
    """What an algorithm sent and received (R9.10)."""

    messages: U64
    bytes: U64


@attrs.frozen
class Audited:
    """One record of the audit log (R9.10)."""

    operation: str
    rejection: str
    algorithm: str
    v1: Cost
    v2: Cost
    agreed: bool | None


@attrs.frozen
class Entry:
    """One entry of a key (R1.6)."""

    origin: bytes
    counter: U64
    clock: bytes
    value: bytes | None
    schema: U64
    label: str | None
    extras: dict[U64, bytes]


@attrs.frozen
class Kept:
    """A key and its entries."""

    key: bytes
    entries: tuple[Entry, ...]


@attrs.frozen
class Migrated:
    """A link of the chain of migrations (R10.4)."""

    from_: U64
    to: U64
    rationale: str
    approver: str
    rollback: U64
    head: bytes


@attrs.frozen
class Replica:
    """All that must be equal: the shared part, and the local part without the flag (R1.7, R1.8)."""

    keys: tuple[Kept, ...]
    vector: dict[bytes, U64]
    watermark: dict[bytes, U64]
    writer: bytes
    epoch: U64
    clock: bytes
    schema: U64
    acknowledgements: dict[bytes, dict[bytes, U64]]
    chain: tuple[Migrated, ...]


@attrs.frozen
class Watermark:
    """Up to which write of each member, in its first epoch, tombstones may go."""

    a: Annotated[int, ge(0), le(9)]
    b: Annotated[int, ge(0), le(9)]
    c: Annotated[int, ge(0), le(9)]


class Snapshot: ...
