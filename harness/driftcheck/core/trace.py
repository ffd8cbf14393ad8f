"""
Traces: a header and steps, as frozen values.

Knows nothing of how they were drawn, sent or judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Document:
    """A payload argument: the bytes that are sent, and where they come from."""

    data: bytes
    value: Any = None  # what well-formed bytes were encoded from
    mutations: tuple[str, ...] = ()  # names, in the order in which they were applied
    seed: str | None = None  # the real document that was mutated, by file name
    # What each mutation drew, so that the document can be drawn again; no part of what it is.
    draws: tuple[tuple[int | bool, ...], ...] = attrs.field(default=(), eq=False, repr=False)
    # The bytes that the mutations broke; None where they are not known, as in a file from elsewhere.
    origin: bytes | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def is_well_formed(self) -> bool:
        """Say whether the bytes are what the codec made of `value`, unbroken."""
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
    """A name in play: the `index`-th value of a roster, and that value."""

    roster: str
    index: int
    value: Any


@attrs.frozen
class Step:
    """One operation with its arguments, in the contract's order."""

    operation: str
    arguments: tuple[Any, ...] = ()
    instance: int = 0
    fault: str | None = None  # what goes wrong around it, by name


@attrs.frozen
class Trace:
    """What every subject is asked to do."""

    steps: tuple[Step, ...]
    opening: tuple[Any, ...] = ()
    rosters: Mapping[str, tuple[Any, ...]] = attrs.field(factory=dict)  # names in play, by roster

    def with_steps(self, steps: tuple[Step, ...]) -> Trace:
        """Return the same header over other steps; handles must still point at their makers."""
        return attrs.evolve(self, steps=steps)


@attrs.frozen
class LawCase:
    """What a law is tried on: the steps before it, and its arguments.

    A `Steps` argument is a tuple of steps. In it a handle below `len(trace.steps)` is of that step of the
    trace; the one after is of the run's own first step, and so on.
    """

    trace: Trace  # without steps where the law is fresh or the contract stateless
    law: str
    arguments: tuple[Any, ...] = ()


def cut(trace: Trace, keep: list[int]) -> Trace:
    """Return the trace with only the steps numbered in `keep` (ascending), handles renumbered.

    A kept step that takes the handle of a step that is not kept goes too.
    """
    new: dict[int, int] = {}
    steps: list[Step] = []
    for number in keep:
        step = trace.steps[number]
        refs = [a for a in step.arguments if isinstance(a, Ref)]
        if any(r.step not in new for r in refs):
            continue
        if refs:
            arguments = tuple(Ref(new[a.step]) if isinstance(a, Ref) else a for a in step.arguments)
            step = attrs.evolve(step, arguments=arguments)
        new[number] = len(steps)
        steps.append(step)
    return trace.with_steps(tuple(steps))
