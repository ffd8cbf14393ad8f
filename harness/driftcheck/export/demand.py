"""
What an exported test does and asserts, as values: one or two traces, and assertions about slots of them.

A slot is the answer to a step, or a state after it. `demands` derives these values from a case, and the
modules of the languages write them.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Trace

# Of a trace that must always end alike; a clock of milliseconds ticks meanwhile. Go walks a map of two
# entries the other way round once in eight times: 20 repeats missed that in 26 runs of 300, 66 in none.
REPEATS = 66
CHILD_S = 10  # for the steps of a subject that ended its process; a step in a search has one second

ANSWER, STATE = "answer", "state"


@attrs.frozen
class Slot:
    """What a test looks at: the answer to a step, or the state of an instance after it."""

    kind: str
    step: int  # from 0; -1 is the opening
    instance: int = 0
    trace: int = 0  # 0: the case's own; 1: the varied one


@attrs.frozen(eq=False)
class Is:
    """A slot has this value."""

    slot: Slot
    value: Any  # an outcome for an answer, a value of the state's type for a state


@attrs.frozen(eq=False)
class AreNot:
    """At least one of the slots has another value, or other states are equal than in the pattern."""

    pairs: tuple[tuple[Slot, Any], ...]
    pattern: str = ""  # of the states after the opening and each step: the number of each different one


@attrs.frozen(eq=False)
class IsNotKind:
    """The answer is of another kind: "unmapped", or the name of a rejection."""

    slot: Slot
    kind: str


@attrs.frozen(eq=False)
class Same:
    """Two slots are equal."""

    one: Slot
    other: Slot


@attrs.frozen(eq=False)
class Repeats:
    """The whole trace ends alike each time."""


@attrs.frozen(eq=False)
class Survives:
    """The process that performs the steps ends well, in time."""

    kind: str  # "panicked", "crashed", "hung" or "exhausted"


Assertion = Is | AreNot | IsNotKind | Same | Repeats | Survives


@attrs.frozen(eq=False)
class Demand:
    """What a test performs, and what it asserts."""

    schema: Schema
    traces: tuple[Trace, ...]
    assertions: tuple[Assertion, ...]
    why: str  # one sentence: what is asserted, and who says so
    answered: tuple[str, ...]  # lines: what each subject answered
    decide: bool = False  # nobody is to blame, so the reader must decide
    states: tuple[str, ...] = ()  # lines: how the states of two subjects differ, where the case is about that

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return all slots that the assertions look at, each once."""
        found: list[Slot] = []
        for assertion in self.assertions:
            match assertion:
                case Is(slot=slot) | IsNotKind(slot=slot):
                    found.append(slot)
                case AreNot(pairs=pairs):
                    found += [slot for slot, _ in pairs]
                case Same(one=one, other=other):
                    found += [one, other]
        return tuple(dict.fromkeys(found))

    @property
    def operations(self) -> frozenset[str]:
        """Return the names of the operations that the traces use."""
        return frozenset(step.operation for trace in self.traces for step in trace.steps)

    @property
    def compares_states(self) -> bool:
        """Say whether the test compares all states with each other."""
        return any(isinstance(a, AreNot) and a.pattern for a in self.assertions)

    @property
    def looks_at_states(self) -> bool:
        """Say whether the test needs the state."""
        if self.compares_states:
            return True
        repeats = any(isinstance(a, Repeats) for a in self.assertions) and self.schema.state is not None
        return repeats or any(slot.kind == STATE for slot in self.slots)
