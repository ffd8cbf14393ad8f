"""Messages between replicas, written (R7.1 to R7.4, R9.5, R9.6 of docs/reference/reconcile.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import attrs

from driftcheck_contracts.reconcile import digests
from driftcheck_contracts.reconcile.digests import long, tagged, write_vector
from driftcheck_contracts.reconcile.parts import MEMBERS, POLICIES, Entries, Entry, Shared
from driftcheck_contracts.reconcile.writing import NULL, array, byte_string, fields, mapping, text, uint

DOCUMENT, REQUEST, REPLY = 1, 2, 3
MAGIC = b"DCR1"
HEADER = 8  # bytes
MAX_NODES = 16  # in a part of a reply

Tree: TypeAlias = tuple[bytes, ...] | Entries  # what a node holds: sixteen hashes, or keys
Node: TypeAlias = tuple[bytes, Tree]  # a path, and what is there


@attrs.frozen
class Part:
    """The state that a member claims to have: the incoming part of a merge."""

    writer: bytes
    epoch: int
    clock: bytes
    shared: Shared
    digest: bytes  # as announced


def message(kind: int, schema: int, body: bytes) -> bytes:
    """Return a message (R7.1)."""
    return MAGIC + bytes([kind, schema, 0, 0]) + body


def write_document(part: Part, schema: int) -> bytes:
    """Write a document (R7.4)."""
    entries = write_entries(part.shared.entries, schema)
    return message(DOCUMENT, schema, fields(_write_who(part) | {5: entries, 6: byte_string(part.digest)}))


def write_request(schema: int, *, mode: int, round_: int, paths: Sequence[bytes], digest: bytes) -> bytes:
    """Write a request (R9.5)."""
    body = {0: byte_string(TABLE), 1: uint(mode), 2: uint(round_), 3: array(map(byte_string, paths))}
    if mode == 1 and round_ == 0:
        body[4] = byte_string(digest)
    return message(REQUEST, schema, fields(body))


def write_reply(part: Part, schema: int, *, round_: int, nodes: Sequence[Node]) -> list[bytes]:
    """Write the parts of a reply (R9.6)."""
    starts = range(0, max(1, len(nodes)), MAX_NODES)
    messages = []
    for number, start in enumerate(starts):
        is_first = round_ == number == 0
        body = _write_who(part) | {5: byte_string(part.digest)} if is_first else {}
        body |= {6: uint(round_), 7: uint(number), 8: uint(len(starts))}
        body[9] = array(_write_node(node, schema) for node in nodes[start : start + MAX_NODES])
        messages.append(message(REPLY, schema, fields(body)))
    return messages


def _write_who(part: Part) -> dict[int, bytes]:
    return {
        0: byte_string(part.writer),
        1: uint(part.epoch),
        2: byte_string(part.clock),
        3: write_vector(part.shared.vector),
        4: write_vector(part.shared.watermark),
    }


def _write_node(node: Node, schema: int) -> bytes:
    path, held = node
    if isinstance(held, tuple):
        return array([byte_string(path), uint(0), array(map(byte_string, held))])
    return array([byte_string(path), uint(1), write_entries(held, schema)])


def write_entries(entries: Entries, schema: int) -> bytes:
    """Write keys with their entries (R7.4)."""
    return mapping(
        {byte_string(key): array(_write_entry(e, schema) for e in entries[key]) for key in entries}
    )


def _write_entry(entry: Entry, schema: int) -> bytes:
    """Write an entry in the layout of a schema (R7.4, R10.1)."""
    body = {0: byte_string(entry.origin), 1: uint(entry.counter), 3: uint(entry.kind), 5: uint(entry.schema)}
    if schema == 3:
        body[7] = uint(int.from_bytes(entry.clock[:6], "big"))
        body[8] = uint(int.from_bytes(entry.clock[6:], "big"))
    else:
        body[2] = byte_string(entry.clock)
    if entry.value is not None:
        body[4] = entry.value
    elif schema == 1:
        body[4] = NULL
    if entry.label is not None:
        body[6] = text(entry.label)
    return fields(body | dict(entry.extras))


def _table(policies: Mapping[bytes, int], members: Collection[bytes]) -> bytes:
    """Return what names the table of a store (R9.5)."""
    prefixes = [long(prefix) + bytes([policies[prefix]]) for prefix in sorted(policies)]
    names = [long(member) for member in sorted(members)]
    count = [len(x).to_bytes(4, "big") for x in (prefixes, names)]
    return tagged("table", count[0], *prefixes, count[1], *names)[:8]


TABLE = _table({prefix: policy.value for prefix, policy in POLICIES.items()}, MEMBERS)


def nodes_at(shared: Shared, paths: Sequence[bytes]) -> list[Node]:
    """Return the nodes at some paths (R6.4, R9.6)."""
    keys = digests.key_hashes(shared)
    nodes: list[Node] = []
    for path in paths:
        found = digests.below(keys, path)
        if len(found) > digests.MAX_LEAF:
            nodes.append((path, digests.children(found, path)))
        else:
            nodes.append((path, {key: shared.entries[key] for key in found}))
    return nodes
