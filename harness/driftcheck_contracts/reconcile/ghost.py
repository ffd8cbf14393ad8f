"""
A log of all writes beside the replicas: the plain proof that none is lost (I6) and none comes back (I7).

Knows which write each replica has seen, and which writes it replaced. Knows nothing of vectors or watermarks.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Annotated, Any, TypeAlias

import attrs

from driftcheck import StepRejected, ge, in_, le
from driftcheck_contracts.reconcile.parts import Policy, policy_of

Dot: TypeAlias = tuple[bytes, int]


class Act(enum.Enum):
    """What a replica does."""

    PUT = "put"
    DELETE = "delete"
    PULL = "pull"
    COLLECT = "collect"


@attrs.frozen
class Move:
    """One act of one replica; a pull is from the one `ahead` places further."""

    act: Act
    place: Annotated[int, ge(0), le(2)]
    ahead: Annotated[int, ge(1), le(2)]
    key: Annotated[bytes, in_([b"k0", b"m0"])]
    now: Annotated[int, ge(0), le(2)]


@attrs.frozen
class Logged:
    """A write that was acknowledged, and the writes of its key that its replica had seen by then."""

    key: bytes
    clock: bytes
    is_put: bool
    replaced: frozenset[Dot]


@attrs.define
class Ghost:
    """The log, and what each replica has seen of it."""

    _seen: dict[int, set[Dot]] = attrs.field(factory=dict)
    _log: dict[Dot, Logged] = attrs.field(factory=dict)

    def do(self, move: Move, replicas: Sequence[Any]) -> None:
        """Do a move, and log it; one that is rejected is forgotten."""
        one = replicas[move.place]
        with suppress(StepRejected):
            match move.act:
                case Act.PUT:
                    self._write(move, one.put_number(move.key, 0, None, move.now))
                case Act.DELETE:
                    self._write(move, one.delete(move.key, move.now))
                case Act.PULL:
                    peer = (move.place + move.ahead) % len(replicas)
                    one.reconcile(replicas[peer], move.now)
                    self._seen.setdefault(move.place, set()).update(self._seen.get(peer, ()))
                case Act.COLLECT:
                    one.gc(None)

    def _write(self, move: Move, written: Any) -> None:
        seen = self._seen.setdefault(move.place, set())
        replaced = frozenset(dot for dot in seen if self._log[dot].key == move.key)
        dot = (written.origin, written.counter)
        self._log[dot] = Logged(move.key, written.clock, move.act is Act.PUT, replaced)
        seen.add(dot)

    def explains(self, at: int, kept: Collection[tuple[bytes, Dot]]) -> bool:
        """Say whether a replica keeps what is not replaced, and nothing else; tombstones may be collected."""
        seen = self._seen.get(at, set())
        replaced = {dot for one in seen for dot in self._log[one].replaced}
        latest: dict[bytes, list[Dot]] = {}
        for dot in seen - replaced:
            latest.setdefault(self._log[dot].key, []).append(dot)
        for key, dots in latest.items():
            if policy_of(key) is Policy.LAST:
                latest[key] = [max(dots, key=lambda dot: (self._log[dot].clock, dot))]
        may = {(key, dot) for key, dots in latest.items() for dot in dots}
        must = {(key, dot) for key, dot in may if self._log[dot].is_put}
        return must <= set(kept) <= may
