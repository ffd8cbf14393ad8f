"""
The plan: what to draw for a contract, as data.

Made once from a schema, frozen, read by every lane that generates. Knows nothing of how it is made, nor of
how choices are drawn, recorded or shrunk.

A *slot* is a small integer that is drawn before a value and only steers it: slot 0 always means the whole
range, any other slot a part of it. So a value that another slot brought about stays valid when a shrinker
lowers the slot to 0, and whoever encodes a known value writes slot 0. `spread` fills them.
"""

from __future__ import annotations

from typing import Any, Literal

import attrs

from driftcheck.core import types as t
from driftcheck.generate.distributions import Alphabet, Decimal, Pinned, Span

MAX_STEPS = 50
STOP = 2**-16  # so traces are nearly always full length, yet a shrinker may end one anywhere

Kind = Literal["value", "seed", "raw"]


@attrs.frozen
class Truth:
    """True or False."""


@attrs.frozen
class Whole:
    """An integer; `slots` is empty where the range is narrow enough to be drawn evenly."""

    lo: int
    hi: int
    slots: tuple[Span, ...] = ()


@attrs.frozen
class Real:
    """A float; a slot is None for the whole range."""

    lo: float
    hi: float
    nan: bool
    slots: tuple[Pinned | Decimal | None, ...]


@attrs.frozen
class Characters:
    """Text; a slot is an alphabet and a range of lengths."""

    min_len: int
    max_len: int | None
    slots: tuple[tuple[Alphabet, int, int | None], ...]


@attrs.frozen
class Matching:
    """Text that a pattern matches in full."""

    type: t.Text


@attrs.frozen
class Octets:
    """Bytes; a slot is a range of lengths."""

    min_len: int
    max_len: int | None
    slots: tuple[tuple[int, int | None], ...]


@attrs.frozen
class Member:
    """One member of an enum."""

    type: t.Enumeration


@attrs.frozen
class Fields:
    """A record."""

    type: t.Record
    parts: tuple[Part, ...]


@attrs.frozen
class OneOf:
    """One of several records."""

    type: t.Union
    parts: tuple[Fields, ...]


@attrs.frozen
class Maybe:
    """A value, with this probability, or None."""

    part: Part
    p: float = 0.75


@attrs.frozen
class Several:
    """A tuple; a slot is the probability of one more item."""

    part: Part
    min_len: int
    max_len: int | None
    slots: tuple[float, ...]


@attrs.frozen
class Pairs:
    """A dict; a slot is the probability of one more pair."""

    key: Part
    value: Part
    min_len: int
    max_len: int | None
    slots: tuple[float, ...]


@attrs.frozen
class Listed:
    """One of the listed values."""

    values: tuple[Any, ...]


@attrs.frozen(eq=False)
class Foreign:
    """A value of the author's own strategy."""

    strategy: Any


@attrs.frozen
class Use:
    """One of the trace's names in play."""

    roster: str
    count: int


@attrs.frozen
class Written:
    """A payload: a value written by a codec and perhaps broken, a real document likewise, or any bytes."""

    type: t.Payload
    part: Part
    kinds: tuple[Kind, ...]  # slots
    more: tuple[float, ...]  # the probability of a first mutation, of a second, of a third; 1 lets none fail
    names: tuple[str, ...]  # the mutations that are drawn
    seeds: tuple[tuple[str, bytes], ...]  # real documents, by file name


@attrs.frozen
class Held:
    """A live handle."""

    kind: str
    closing: bool


@attrs.frozen
class Apart:
    """One of the trace's names in play, another one for each instance; the last has the least choice."""

    roster: str
    left: int  # how many names there are to choose from


@attrs.frozen
class Other:
    """Another instance than the step's own; `count` is how many others there are."""

    count: int


@attrs.frozen
class Run:
    """A run of steps, for a law."""


Part = (
    Truth
    | Whole
    | Real
    | Characters
    | Matching
    | Octets
    | Member
    | Fields
    | OneOf
    | Maybe
    | Several
    | Pairs
    | Listed
    | Foreign
    | Use
    | Written
    | Held
    | Apart
    | Other
    | Run
)


def is_flat(part: Part) -> bool:
    """Say whether each value of a part takes the same number of choices."""
    match part:
        case Fields(parts=parts):
            return all(map(is_flat, parts))
        case Maybe() | Several() | Pairs() | OneOf() | Foreign() | Matching() | Written() | Run():
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
    must_differ: bool = False  # each instance has one of them for itself


@attrs.frozen
class PlannedOperation:
    """An operation: how many slots it has among all, what to draw, which handles it needs and makes."""

    name: str
    slots: int
    parts: tuple[Part, ...]
    needs: tuple[tuple[str, int], ...]  # handle kinds, and how many of each must be live
    makes: str | None
    faults: tuple[str | None, ...] = ()  # slots; empty where nothing goes wrong
    moves: int | None = None  # the argument that says to which generation it moves its instance


@attrs.frozen
class PlannedLaw:
    """A law: what to draw for its arguments, and the names in play that they alone use."""

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
    opened_at: tuple[
        int, ...
    ] = ()  # the slots of the opening that hold a generation: one, or each instance's

    def law(self, name: str) -> PlannedLaw:
        """Return the law of that name; raises KeyError."""
        for law in self.laws:
            if law.name == name:
                return law
        raise KeyError(name)
