"""How a replica gets the part of a peer: whole (v1), or by a walk over differences (v2); R9 of the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from driftcheck import Fault, StepRejected
from driftcheck_contracts.reconcile import Reconcile
from driftcheck_contracts.reconcile.checks import check_digest, check_head
from driftcheck_contracts.reconcile.digests import EMPTY, below, key_hashes, node
from driftcheck_contracts.reconcile.intake import check_schema, read_document
from driftcheck_contracts.reconcile.messages import (
    Part,
    nodes_at,
    write_document,
    write_reply,
    write_request,
)
from driftcheck_contracts.reconcile.parts import Entry, Shared
from driftcheck_contracts.reconcile.records import Cost
from driftcheck_contracts.reconcile.replica import Held
from driftcheck_contracts.reconcile.stages import interrupted

Pulled: TypeAlias = Part | StepRejected  # what came, or what is told once the stage received was reached


class Line:
    """The line to the peer: it counts what goes over it, and loses or damages what a fault says (R8.7)."""

    def __init__(self, fault: Fault | None) -> None:
        self.fault = fault
        self.messages = 0
        self.bytes = 0
        self.damaged = False

    @property
    def cost(self) -> Cost:
        """Return what went over it (R9.10)."""
        return Cost(self.messages, self.bytes)

    def ask(self, request: bytes, mine: Held, peer: Held) -> None:
        """Send a request, which is lost, or refused, or neither."""
        self._count(request)
        if self.fault is Reconcile.lost:
            raise interrupted("none", "lost")
        check_schema(peer.schema, mine.schema)

    def answer(self, messages: Sequence[bytes]) -> None:
        """Send what answers a request; that it comes twice, or in another order, changes nothing (R9.8)."""
        for message in messages:
            self._count(message)

    def announce(self, part: Part) -> Part:
        """Return a part with the digest as it arrives."""
        if self.fault is not Reconcile.damaged:
            return part
        self.damaged = True
        return attrs.evolve(part, digest=part.digest[:-1] + bytes([part.digest[-1] ^ 0xFF]))

    def _count(self, message: bytes) -> None:
        self.messages += 1
        self.bytes += len(message)


def pull_whole(line: Line, mine: Held, peer: Held, now: int) -> Pulled:
    """Ask for the peer's document (R9.2)."""
    line.ask(write_request(mine.schema, mode=0, round_=0, paths=(), digest=b""), mine, peer)
    document = write_document(line.announce(peer.part()), peer.schema)
    line.answer([document])
    return read_document(document, mine.schema)


def pull_by_walk(line: Line, mine: Held, peer: Held, now: int) -> Pulled:
    """Walk down the tree of the peer where it differs (R9.3, R9.7), checking as R9.9 says."""
    digest = mine.part().digest
    announced = line.announce(peer.part())
    entries: dict[bytes, tuple[Entry, ...]] = {}
    paths: list[bytes] = [b""]
    round_ = 0
    while paths:
        line.ask(write_request(mine.schema, mode=1, round_=round_, paths=paths, digest=digest), mine, peer)
        is_equal = round_ == 0 and digest == peer.part().digest
        nodes = [] if is_equal else nodes_at(peer.shared, paths)
        line.answer(write_reply(announced, peer.schema, round_=round_, nodes=nodes))
        if round_ == 0:
            try:
                check_head(announced, mine.writer, mine.epoch, mine.shared, now)
                check_digest(announced.digest, peer.part().digest)
            except StepRejected as rejected:
                return rejected
        if is_equal:
            entries |= mine.shared.entries
        paths = []
        for path, held in nodes:
            if isinstance(held, tuple):
                asked, equal = _compare(mine, path, held)
                paths += asked
                entries |= equal
            else:
                entries |= held
        round_ += 1
    shared = Shared({k: entries[k] for k in sorted(entries)}, peer.shared.vector, peer.shared.watermark)
    return attrs.evolve(announced, shared=shared)


def _compare(
    mine: Held, path: bytes, hashes: Sequence[bytes]
) -> tuple[list[bytes], dict[bytes, tuple[Entry, ...]]]:
    """Return the children of a branch to ask for (R9.7), and what is under those that are equal."""
    keys = key_hashes(mine.shared)
    asked: list[bytes] = []
    equal: dict[bytes, tuple[Entry, ...]] = {}
    for nibble, digest in enumerate(hashes):
        child = path + bytes([nibble])
        if digest == node(keys, child):
            equal |= {key: mine.shared.entries[key] for key in below(keys, child)}
        elif digest != EMPTY:
            asked.append(child)
    return asked, equal
