"""
A log of all writes of a key, kept outside the replicas: it shows that no write is lost (I6) or returns (I7).

Knows which write each replica has seen, and which writes it replaced. Knows nothing of vectors or watermarks.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Annotated, Any, TypeAlias

import attrs

from driftcheck import Payload, StepRejected, ge, le, max_len
from driftcheck_contracts.reconcile.parts import Policy, policy_of
from driftcheck_contracts.reconcile.writing import integer

Dot: TypeAlias = tuple[bytes, int]


class Act(enum.Enum):
    """What a replica does."""

    REST = "rest"
    PUT = "put"
    DELETE = "delete"
    PULL = "pull"
    COLLECT = "collect"
    MEET = "meet"  # pull from all others, who then pull
    FAIL = "fail"  # a put that is written, and not durable when the process ends


@attrs.frozen
class Move:
    """One act of one replica; a pull is from the one `ahead` places further."""

    act: Act
    place: Annotated[int, ge(0), le(2)]
    ahead: Annotated[int, ge(1), le(2)]
    now: Annotated[int, ge(0), le(2)]


@attrs.frozen
class Turn:
    """Some moves: a run of turns is long enough for what takes many, and shrinks to rests."""

    first: Move
    second: Move
    third: Move


@attrs.frozen
class History:
    """Some turns, after which replicas may write once more, all at one time and unseen by the others."""

    turns: Annotated[tuple[Turn, ...], max_len(6)]
    first_puts: bool | None  # else it deletes; None: neither
    second_puts: bool | None
    third_puts: bool | None


class Failure(enum.Enum):
    """A fault that rejects a step; its value is the name of the fault."""

    TORN = "torn"
    KILLED = "killed"
    HALTED_RECEIVED = "halted_received"
    HALTED_CHECKED = "halted_checked"
    HALTED_STAGED = "halted_staged"
    HALTED_APPENDED = "halted_appended"

    def strike(self, one: Any, other: Any, now: int) -> None:
        """Run a write and a pull under it."""
        fault = getattr(one, self.value)
        with suppress(StepRejected):
            one.put(b"k0", Payload(integer(1)), None, now, fault=fault)
        with suppress(StepRejected):
            one.reconcile(other, now, fault=fault)


@attrs.frozen
class Wrote:
    """A write that was acknowledged."""

    place: int
    written: Any  # not looked at before all is done, so that a law's calls can be foreseen
    is_put: bool


@attrs.frozen
class Pulled:
    """A pull that succeeded."""

    place: int
    peer: int


@attrs.define
class Ghost:
    """The log of one key."""

    key: bytes
    refused: bool = False  # a pull, though nothing went wrong
    _log: list[Wrote | Pulled] = attrs.field(factory=list)

    def do(self, move: Move, replicas: Sequence[Any]) -> None:
        """Do a move and log it; a rejected move is not logged."""
        place, one = move.place, replicas[move.place]
        with suppress(StepRejected):
            match move.act:
                case Act.PUT:
                    self._log.append(Wrote(place, one.put_number(self.key, 0, None, move.now), is_put=True))
                case Act.DELETE:
                    self._log.append(Wrote(place, one.delete(self.key, move.now), is_put=False))
                case Act.PULL:
                    self._pull(place, (place + move.ahead) % len(replicas), replicas)
                case Act.MEET:
                    others = [other for other in range(len(replicas)) if other != place]
                    for other in others:
                        self._pull(place, other, replicas)
                    for other in others:
                        self._pull(other, place, replicas)
                case Act.COLLECT:
                    one.gc(None)
                case Act.FAIL:
                    one.put(self.key, Payload(integer(0)), None, move.now, fault=one.killed)

    def _pull(self, place: int, peer: int, replicas: Sequence[Any]) -> None:
        try:
            replicas[place].reconcile(replicas[peer], 0)
        except StepRejected:
            self.refused = True
        self._log.append(Pulled(place, peer))

    def explains(self, at: int, kept: Collection[Dot]) -> bool:
        """Tell whether a replica holds exactly what is not replaced; tombstones may be collected."""
        seen: dict[int, set[Dot]] = {}
        clocks: dict[Dot, bytes] = {}
        replaced_by: dict[Dot, set[Dot]] = {}
        puts: set[Dot] = set()
        for done in self._log:
            mine = seen.setdefault(done.place, set())
            if isinstance(done, Pulled):
                mine |= seen.get(done.peer, set())
                continue
            dot = (done.written.origin, done.written.counter)
            clocks[dot], replaced_by[dot] = done.written.clock, set(mine)
            mine.add(dot)
            if done.is_put:
                puts.add(dot)
        known = seen.get(at, set())
        may = known.difference(*(replaced_by[dot] for dot in known))
        if may and policy_of(self.key) is Policy.LAST:
            may = {max(may, key=lambda dot: (clocks[dot], dot))}
        return not self.refused and may & puts <= set(kept) <= may


def bring_near(replicas: Sequence[Any]) -> None:
    """Migrate where two are too far apart to read each other (R10.2)."""
    schemas = [one.state().schema for one in replicas]
    for one, schema in zip(replicas, schemas, strict=True):
        if {1, 3} <= {*schemas} and schema == 3:
            one.migrate(2, "to meet", "all")


def live(history: History, key: bytes, replicas: Sequence[Any]) -> Ghost:
    """Bring replicas near, run a history of a key on them, and return its log."""
    bring_near(replicas)
    ghost = Ghost(key)
    for turn in history.turns:
        for move in (turn.first, turn.second, turn.third):
            ghost.do(move, replicas)
    for place, puts in enumerate((history.first_puts, history.second_puts, history.third_puts)):
        act = Act.REST if puts is None else Act.PUT if puts else Act.DELETE
        ghost.do(Move(act, place, ahead=1, now=3), replicas)
    return ghost
