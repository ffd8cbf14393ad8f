"""
What a replica's state must be, computed again in plain Python from the state itself.

The contract's laws and invariants use these checks. Each looks at one replica only, so it tells which one is
wrong. Knows states and documents. Knows nothing of steps, faults or other subjects.
"""

from __future__ import annotations

from driftcheck import StepRejected
from driftcheck_contracts.reconcile.checks import check_entries, check_head
from driftcheck_contracts.reconcile.digests import (
    MAX_LEAF,
    children,
    head_after,
    key_hashes,
    path_of,
    state_digest,
    write_vector,
)
from driftcheck_contracts.reconcile.intake import read_document
from driftcheck_contracts.reconcile.messages import MAX_NODES, Part, write_document, write_entries
from driftcheck_contracts.reconcile.parts import MEMBERS, Entry, Shared, Vector, collected, join, meet, merge
from driftcheck_contracts.reconcile.records import Algorithm, Cost, Digests, Replica
from driftcheck_contracts.reconcile.replica import Held, merged

AROUND = 128  # at most this many bytes of a message besides vectors and nodes (R9.11)
BRANCH = 560  # bytes of sixteen hashes in their node, at most
OF_PATH = 4  # bytes beside a path's own, where it is asked for and where it is answered


def shared_of(state: Replica) -> Shared:
    """Return the shared part that a state tells of."""
    entries = {
        kept.key: tuple(
            Entry(e.origin, e.counter, e.clock, e.value, e.schema, e.label, (*sorted(e.extras.items()),))
            for e in kept.entries
        )
        for kept in state.keys
    }
    return Shared(entries, state.vector, state.watermark)


def part_of(state: Replica) -> Part:
    """Return the part that a replica in this state claims to have."""
    shared = shared_of(state)
    return Part(state.writer, state.epoch, state.clock, shared, state_digest(shared))


def digests_of(state: Replica) -> Digests:
    """Return the digests of a state (R6.5, R6.6)."""
    shared = shared_of(state)
    return Digests(state_digest(shared), children(key_hashes(shared)))


def is_shared_part(state: Replica) -> bool:
    """Tell whether a state is one that a replica may be in (R1.7): whether it would be taken from a peer."""
    part, now = part_of(state), int.from_bytes(state.clock[:6], "big")
    in_order = [kept.key for kept in state.keys] == sorted({kept.key for kept in state.keys})
    for entries in part.shared.entries.values():
        in_order = in_order and [e.dot for e in entries] == sorted({e.dot for e in entries}) != []
    counted = all((*state.vector.values(), *state.watermark.values()))  # without zeros (R1.4)
    try:
        check_head(part, b"", 0, Shared(), now)
        check_entries(part, Shared())
    except StepRejected:
        return False
    return in_order and counted


def is_chain(state: Replica) -> bool:
    """Tell whether the chain of migrations is one, and leads to the schema (R10.3 to R10.5)."""
    for i, link in enumerate(state.chain):
        before = state.chain[:i]
        goes_on = link.from_ == link.rollback and (not before or before[-1].to == link.from_)
        is_step = abs(link.from_ - link.to) == 1 and {link.from_, link.to} <= {1, 2, 3}
        if not goes_on or not is_step or link.head != head_after(before, link):
            return False
    return not state.chain or state.chain[-1].to == state.schema


def is_document_of(data: bytes, state: Replica) -> bool:
    """Tell whether a strict reader takes bytes for this state, and writes them again as they are (R7.6)."""
    try:
        part = read_document(data, state.schema)
    except StepRejected:
        return False
    return part == part_of(state) and write_document(part, state.schema) == data


def holds_all_of(state: Replica, data: bytes) -> bool:
    """Tell whether a state has the entries of a document, and no others."""
    return shared_of(state).entries == read_document(data, data[5]).shared.entries


def is_import(before: Replica, data: bytes, now: int, after: Replica, refused: StepRejected | None) -> bool:
    """Tell whether a replica took bytes, or refused them, as R5.6 says."""
    held = Held(before.writer, before.schema, Algorithm.OFF, shared_of(before), before.epoch, before.clock)
    try:
        held, _ = merged(held, read_document(data, before.schema), now)
    except StepRejected as expected:
        if refused is None or after != before:
            return False
        return (refused.rejection, refused.detail) == (expected.rejection, expected.detail)
    return refused is None and (shared_of(after), after.clock) == (held.shared, held.clock)


def is_at_least(one: Vector, other: Vector) -> bool:
    """Tell whether a vector covers all that another covers."""
    return join(one, other) == dict(one)


def has_gone_on(before: Replica, after: Replica) -> bool:
    """Tell whether nothing went back: only a rollback, which begins an epoch, takes a vector back (R7.8)."""
    was_rolled_back = after.epoch > before.epoch
    return (
        after.clock >= before.clock
        and after.epoch >= before.epoch
        and (was_rolled_back or is_at_least(after.vector, before.vector))
        and (was_rolled_back or is_at_least(after.watermark, before.watermark))
        and all(is_at_least(after.acknowledgements.get(w, {}), v) for w, v in before.acknowledgements.items())
        and after.chain[: len(before.chain)] == before.chain
    )


def is_merge(mine: Replica, theirs: Replica, after: Replica) -> bool:
    """Tell whether a replica that has pulled has the least that is at least both (R5.2 to R5.7)."""
    shared = shared_of(after)
    is_changed = shared != shared_of(mine)
    known = join(mine.acknowledgements.get(theirs.writer, {}), theirs.vector)
    return (
        shared == merge(shared_of(mine), shared_of(theirs))
        and (after.clock > max(mine.clock, theirs.clock) if is_changed else after.clock == mine.clock)
        and after.acknowledgements == {**mine.acknowledgements, theirs.writer: known}
    )


def is_collected(before: Replica, after: Replica) -> bool:
    """Tell whether tombstones went as far as all members have acknowledged, and nothing else did (R11.4)."""
    seen: Vector = before.vector
    for member in MEMBERS:
        if member != before.writer:
            seen = meet(seen, before.acknowledgements.get(member, {}))
    return shared_of(after) == collected(shared_of(before), join(before.watermark, seen))


def is_bounded(walk: Cost, whole: Cost, mine: Replica, theirs: Replica) -> bool:
    """Tell whether a reconcile cost what the difference may cost (R9.11)."""
    ours, others = shared_of(mine), shared_of(theirs)
    vectors = len(write_vector(others.vector)) + len(write_vector(others.watermark))
    if ours == others:
        return whole.messages <= 2 and walk.messages <= 2 and walk.bytes <= vectors + 2 * AROUND
    differing = sum(
        ours.entries.get(key) != others.entries.get(key) for key in {*ours.entries, *others.entries}
    )
    depth = _depth(others)
    messages = 2 + depth * (1 + -(-differing // MAX_NODES))
    sizes = sorted(
        (len(write_entries({k: e}, theirs.schema)) for k, e in others.entries.items()), reverse=True
    )
    most = sum(sizes[: MAX_LEAF * max(1, differing)])
    most += vectors + AROUND * messages + BRANCH * (min(depth, 1) + differing * max(0, depth - 1))
    most += 2 * (OF_PATH + depth) * differing * depth
    return whole.messages <= 2 and walk.messages <= messages and walk.bytes <= most


def _depth(shared: Shared) -> int:
    """Return how deep the tree of a shared part is: the longest path of a leaf (R6.4)."""
    paths = [path_of(key) for key in shared.entries]
    depth = 0
    while any(sum(p[:depth] == path[:depth] for p in paths) > MAX_LEAF for path in paths):
        depth += 1
    return depth
