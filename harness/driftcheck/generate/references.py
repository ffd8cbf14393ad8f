"""
Arguments that refer to another part of their trace: names in play, handles, other instances.

Each is drawn and encoded with the state of its case. Knows nothing of steps, or of what an argument refers
to.
"""

from __future__ import annotations

from typing import Any

from driftcheck.core.trace import Instance, Name, Ref
from driftcheck.generate import plan as p
from driftcheck.generate._conjecture import Choice
from driftcheck.generate.coder import CannotLift, Coder, State, identity
from driftcheck.generate.dice import Source
from driftcheck.generate.values import compile_part


def name_in_play(part: p.NameDraw) -> Coder:
    """Compile the use of a name in play."""
    roster, last = part.roster, part.count - 1
    plain = compile_part(part)

    def draw(data: Source, state: State) -> Name:
        index = data.draw_integer(0, last)
        return Name(roster, index, state.rosters[roster][index])

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if not isinstance(value, Name):
            plain.lift(value, out, state)
            return
        names = state.rosters[roster]
        if not 0 <= value.index <= last or identity(names[value.index]) != identity(value.value):
            raise CannotLift(f"{value!r} is not in the roster {roster!r}")
        out.append(value.index)

    return Coder(draw, lift)


def distinct_name(part: p.DistinctNameDraw) -> Coder:
    """Compile a name that is different for each instance."""
    roster, last = part.roster, part.left - 1

    def left(state: State) -> list[int]:
        taken = state.taken.setdefault(roster, [])
        return [n for n in range(len(state.rosters[roster])) if n not in taken]

    def draw(data: Source, state: State) -> Name:
        index = left(state)[data.draw_integer(0, last)]
        state.taken[roster].append(index)
        return Name(roster, index, state.rosters[roster][index])

    def lift(value: Any, out: list[Choice], state: State) -> None:
        free = left(state)
        if not isinstance(value, Name) or value.index not in free:
            raise CannotLift(f"{value!r} is not in the roster {roster!r}, or another instance has it")
        out.append(free.index(value.index))
        state.taken[roster].append(value.index)

    return Coder(draw, lift)


def peer(part: p.PeerDraw) -> Coder:
    """Compile a peer."""
    last = part.count - 1

    def draw(data: Source, state: State) -> Instance:
        index = data.draw_integer(0, last)
        return Instance(index + (index >= state.instance))

    def lift(value: Any, out: list[Choice], state: State) -> None:
        if (
            not isinstance(value, Instance)
            or value.number == state.instance
            or not 0 <= value.number <= last + 1
        ):
            raise CannotLift(f"{value!r} is not another instance")
        out.append(value.number - (value.number > state.instance))

    return Coder(draw, lift)


def live_handle(part: p.HandleDraw) -> Coder:
    """Compile a live handle."""
    kind, closing = part.kind, part.closing

    def draw(data: Source, state: State) -> Ref:
        live = state.live.get((state.instance, kind))
        if not live:
            data.mark_invalid()
        index = data.draw_integer(0, len(live) - 1)
        return Ref(live.pop(index) if closing else live[index])

    def lift(value: Any, out: list[Choice], state: State) -> None:
        live = state.live.get((state.instance, kind), [])
        if not isinstance(value, Ref) or value.step not in live:
            raise CannotLift(f"{value!r} is not a live handle of {kind}")
        out.append(live.index(value.step))
        if closing:
            live.remove(value.step)

    return Coder(draw, lift)
