"""
Traces: a header and steps, as frozen values.

Knows nothing of how they were drawn, sent or judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

MOST_STEPS = 10_000  # of a trace, in a search and in a case file


@attrs.frozen
class Document:
    """A payload argument: the bytes that are sent, and where they come from."""

    data: bytes
    value: Any = None  # the value that well-formed bytes were encoded from
    mutations: tuple[str, ...] = ()  # names, in the order in which they were applied
    seed: str | None = None  # the real document that was mutated, by file name
    # What each mutation drew, so that the document can be drawn again; not part of its identity.
    draws: tuple[tuple[int | bool, ...], ...] = attrs.field(default=(), eq=False, repr=False)
    # The bytes before the mutations; None if they are not known, as in a file from another program.
    origin: bytes | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def is_well_formed(self) -> bool:
        """Tell whether the bytes are what the codec wrote for `value`."""
        return not self.mutations and self.seed is None and self.value is not None


@attrs.frozen
class Ref:
    """A handle argument: the handle that step number `step` (from 0) made."""

    step: int


@attrs.frozen
class Instance:
    """A peer argument: another instance of the trace, from 0."""

    number: int


@attrs.frozen
class Name:
    """A name in play: its roster, its index there, and its value."""

    roster: str
    index: int
    value: Any


@attrs.frozen
class Step:
    """One operation with its arguments, in the contract's order."""

    operation: str
    arguments: tuple[Any, ...] = ()
    instance: int = 0
    fault: str | None = None  # the name of the fault around it


@attrs.frozen
class Trace:
    """What every subject executes: a header and steps."""

    steps: tuple[Step, ...]
    opening: tuple[Any, ...] = ()
    rosters: Mapping[str, tuple[Any, ...]] = attrs.field(factory=dict)  # names in play, by roster

    def with_steps(self, steps: tuple[Step, ...]) -> Trace:
        """Return the same header with other steps; handles must still refer to the steps that made them."""
        return attrs.evolve(self, steps=steps)


@attrs.frozen
class LawCase:
    """The input of a law: the steps before it, and its arguments.

    A `Steps` argument is a tuple of steps. A handle with a number below `len(trace.steps)` refers to that
    step of the trace. A higher number refers to a step of the argument itself.
    """

    trace: Trace  # without steps if the law is fresh or the contract stateless
    law: str
    arguments: tuple[Any, ...] = ()


def cut(trace: Trace, keep: list[int]) -> Trace:
    """Return the trace with only the steps numbered in `keep` (ascending), and renumber its handles.

    A step that takes the handle of a removed step is removed too.
    """
    new = {old: number for number, old in enumerate(with_their_handles(trace, keep))}
    return trace.with_steps(tuple(renumbered(trace.steps[old], new) for old in new))


def with_their_handles(trace: Trace, keep: list[int]) -> list[int]:
    """Return the numbers in `keep` (ascending) without the steps that take the handle of a removed step."""
    kept: dict[int, None] = {}
    for number in keep:
        if all(a.step in kept for a in trace.steps[number].arguments if isinstance(a, Ref)):
            kept[number] = None
    return list(kept)


def renumbered(step: Step, new: Mapping[int, int]) -> Step:
    """Return the step with the new numbers of the steps whose handles it takes."""
    if not any(isinstance(a, Ref) for a in step.arguments):
        return step
    arguments = tuple(Ref(new[a.step]) if isinstance(a, Ref) else a for a in step.arguments)
    return attrs.evolve(step, arguments=arguments)
