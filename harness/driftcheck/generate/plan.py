"""
The plan: what to draw for a contract, as data.

A plan is made once from a schema, is frozen, and is read when cases are drawn and when they are shrunk.
Knows nothing of how it is made, or of how choices are drawn, recorded or shrunk.

A *slot* is a small integer that is drawn before a value and selects its range. Slot 0 is the whole range, and
every other slot is a part of it. So a value stays valid when a shrinker lowers its slot to 0, and the
encoding of a known value uses slot 0. `distributions` makes the slots.
"""

from __future__ import annotations

from typing import Any, Literal

import attrs

from driftcheck.core import types as t
from driftcheck.generate.distributions import Alphabet, Decimal, Pinned, Span

MAX_STEPS = 50
STOP = 2**-16  # traces nearly always have the full length, but a shrinker may end one anywhere

Kind = Literal["value", "seed", "raw"]


@attrs.frozen
class BoolDraw:
    """True or False."""


@attrs.frozen
class IntDraw:
    """An integer; `slots` is empty where the range is narrow enough to be drawn evenly."""

    lo: int
    hi: int
    slots: tuple[Span, ...] = ()


@attrs.frozen
class FloatDraw:
    """A float; a slot is None for the whole range."""

    lo: float
    hi: float
    nan: bool
    slots: tuple[Pinned | Decimal | None, ...]


@attrs.frozen
class TextDraw:
    """Text; a slot is an alphabet and a range of lengths."""

    min_len: int
    max_len: int | None
    slots: tuple[tuple[Alphabet, int, int | None], ...]


@attrs.frozen
class PatternDraw:
    """Text that matches a pattern in full."""

    type: t.Text


@attrs.frozen
class BytesDraw:
    """Bytes; a slot is a range of lengths."""

    min_len: int
    max_len: int | None
    slots: tuple[tuple[int, int | None], ...]


@attrs.frozen
class EnumDraw:
    """One member of an enum."""

    type: t.Enumeration


@attrs.frozen
class RecordDraw:
    """A record."""

    type: t.Record
    parts: tuple[Part, ...]


@attrs.frozen
class UnionDraw:
    """One of several records."""

    type: t.Union
    parts: tuple[RecordDraw, ...]


@attrs.frozen
class OptionalDraw:
    """A value, with this probability, or None."""

    part: Part
    p: float = 0.75


@attrs.frozen
class SequenceDraw:
    """A tuple; a slot is the probability of one more item."""

    part: Part
    min_len: int
    max_len: int | None
    slots: tuple[float, ...]


@attrs.frozen
class MappingDraw:
    """A dict; a slot is the probability of one more pair."""

    key: Part
    value: Part
    min_len: int
    max_len: int | None
    slots: tuple[float, ...]


@attrs.frozen
class ChoiceDraw:
    """One of the listed values."""

    values: tuple[Any, ...]


@attrs.frozen(eq=False)
class StrategyDraw:
    """A value of the author's own strategy."""

    strategy: Any


@attrs.frozen
class NameDraw:
    """One of the trace's names in play."""

    roster: str
    count: int


@attrs.frozen
class PayloadDraw:
    """A payload: what a codec writes, a real document, both perhaps with mutations, or any bytes."""

    type: t.Payload
    part: Part
    kinds: tuple[Kind, ...]  # slots
    more: tuple[float, ...]  # the probabilities of a first, second and third mutation
    names: tuple[str, ...]  # slots: the mutations that are drawn, without the giants
    corpus: tuple[tuple[str, bytes], ...]  # real documents, by file name
    giants: tuple[str, ...] = ()  # the mutations that make documents of tens of kilobytes
    giant: float = 0.0  # the probability that a mutation that is tried is one of the giants


@attrs.frozen
class HandleDraw:
    """A live handle."""

    kind: str
    closing: bool


@attrs.frozen
class DistinctNameDraw:
    """One of the trace's names in play, different for each instance; the last instance has least choice."""

    roster: str
    left: int  # how many names there are to choose from


@attrs.frozen
class PeerDraw:
    """An instance other than the step's own; `count` is the number of the others."""

    count: int


@attrs.frozen
class StepsDraw:
    """A run of steps, for a law."""


Part = (
    BoolDraw
    | IntDraw
    | FloatDraw
    | TextDraw
    | PatternDraw
    | BytesDraw
    | EnumDraw
    | RecordDraw
    | UnionDraw
    | OptionalDraw
    | SequenceDraw
    | MappingDraw
    | ChoiceDraw
    | StrategyDraw
    | NameDraw
    | PayloadDraw
    | HandleDraw
    | DistinctNameDraw
    | PeerDraw
    | StepsDraw
)


def is_flat(part: Part) -> bool:
    """Say whether each value of a part takes the same number of choices."""
    match part:
        case RecordDraw(parts=parts):
            return all(map(is_flat, parts))
        case (
            OptionalDraw()
            | SequenceDraw()
            | MappingDraw()
            | UnionDraw()
            | StrategyDraw()
            | PatternDraw()
            | PayloadDraw()
            | StepsDraw()
        ):
            return False
        case _:
            return True


@attrs.frozen
class Roster:
    """Names in play: `count` values, drawn once for each trace, distinct where possible."""

    key: str
    count: int
    part: Part
    type: t.Type = attrs.field(eq=False)  # of one name
    must_differ: bool = False  # no two instances have the same name


@attrs.frozen
class PlannedOperation:
    """An operation: its number of slots, what to draw, and the handles that it needs and makes."""

    name: str
    slots: int
    parts: tuple[Part, ...]
    needs: tuple[tuple[str, int], ...]  # handle kinds, and how many of each must be live
    makes: str | None
    faults: tuple[str | None, ...] = ()  # slots; empty where the operation has no faults
    asks: bool = False  # it is a query
    moves: int | None = None  # the index of the argument that is the instance's new schema version


@attrs.frozen
class PlannedLaw:
    """A law: what to draw for its arguments, and the names in play that only these use."""

    name: str
    parts: tuple[Part, ...]
    rosters: tuple[Roster, ...]
    fresh: bool


@attrs.frozen
class Plan:
    """What to draw for a contract."""

    contract: str
    rosters: tuple[Roster, ...]
    opening: tuple[Part, ...]  # of all slots of the contract
    operations: tuple[PlannedOperation, ...]  # those that need no handle come first, else in declared order
    laws: tuple[PlannedLaw, ...]
    is_stateless: bool  # traces have exactly one step
    instances: int = 1
    stop: float = STOP
    opened_at: tuple[int, ...] = ()  # places of schema versions in the opening: one, or one for each instance
    alike: tuple[tuple[int, ...], ...] = ()  # places in the opening of one argument, one for each instance

    def law(self, name: str) -> PlannedLaw:
        """Return the law of that name; raises KeyError."""
        for law in self.laws:
            if law.name == name:
                return law
        raise KeyError(name)
