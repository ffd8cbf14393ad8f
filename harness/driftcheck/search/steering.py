"""
Steering: causes that a search has seen often enough are drawn rarely, so that the rest is explored.

A cause is known once a divergence was examined: an asymmetry covers it, or it becomes a finding. Counts
only judged traces, so that a seed gives the same run on any machine. Knows nothing of how steps are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.findings.last_run import Sighted
from driftcheck.oracle.causes import features_of
from driftcheck.oracle.signature import Divergence

OFTEN = 20  # traces that show a known cause; after these it is drawn rarely
NEARLY_ALWAYS = 0.75  # of the calls of an operation; where so many diverge, arguments do not matter


ShownAs = tuple[str, tuple[tuple[str, str], ...]]  # the check, and the outcomes


@attrs.define(eq=False)
class _Trigger:
    """What a step of an operation must have to show a known divergence; nothing: any call may."""

    operation: str
    cause: frozenset[str]
    shown_as: set[ShownAs] = attrs.field(factory=set)
    seen: int = 0  # traces

    @property
    def is_rare(self) -> bool:
        return self.seen >= OFTEN

    def __str__(self) -> str:
        cause = " and ".join(sorted(self.cause))
        return f"{self.operation} with {cause}" if cause else self.operation


class Steering:
    """What one search draws rarely.

    Args:
        sighted: the divergences so far, since a cause becomes known only after it was seen for a while.
    """

    def __init__(self, schema: Schema, sighted: Mapping[Sighted, int]) -> None:
        self._schema = schema
        self._sighted = sighted
        self._triggers: dict[str, list[_Trigger]] = {}  # by operation
        self._diverged: Counter[str] = Counter()  # calls, by operation
        self._called: Counter[str] = Counter()  # calls whose outcomes were compared

    def learn(self, divergence: Divergence) -> None:
        """Take a divergence that was examined, so that its cause is known."""
        if divergence.step is None or divergence.variation is not None:
            return  # no step alone shows it
        of_operation = self._triggers.setdefault(divergence.operation, [])
        cause = frozenset(divergence.cause)
        trigger = next((one for one in of_operation if one.cause == cause), None)
        if trigger is None:
            trigger = _Trigger(divergence.operation, cause)
            of_operation.append(trigger)
        shown = _shown_as(divergence)
        if shown not in trigger.shown_as:
            trigger.shown_as.add(shown)
            for kind, times in self._sighted.items():
                is_like_it = (kind.signature.operation, *_shown_as(kind)) == (divergence.operation, *shown)
                trigger.seen += times if is_like_it and self._may_show(trigger, kind.features) else 0

    def count(self, trace: Trace, divergence: Divergence | None, features: Collection[str]) -> None:
        """Count a trace that was judged.

        Args:
            divergence: the first one.
            features: of the step that diverges, whether they are needed or not.
        """
        end = None if divergence is None or divergence.step is None else divergence.step + 1
        self._called.update([step.operation for step in trace.steps[:end]])
        if divergence is None or divergence.step is None:
            return
        operation, shown = divergence.operation, _shown_as(divergence)
        self._diverged[operation] += 1
        for trigger in self._triggers.get(operation, ()):
            if shown in trigger.shown_as and self._may_show(trigger, features):
                trigger.seen += 1

    def is_rare_operation(self, operation: str) -> bool:
        """Say whether nearly every call of an operation shows a known divergence without a cause."""
        return any(one.is_rare and not one.cause for one in self._triggers.get(operation, ()))

    def is_rare(self, step: Step) -> bool:
        """Say whether a step has a cause that was seen often enough."""
        causes = [one.cause for one in self._triggers.get(step.operation, ()) if one.is_rare and one.cause]
        if not causes:
            return False
        mutations = {name for one in step.arguments if isinstance(one, Document) for name in one.mutations}
        if any(cause <= mutations for cause in causes):
            return True  # without a look at the bytes
        features = features_of(self._schema, step).keys()
        return any(cause <= features for cause in causes)

    @property
    def drawn_rarely(self) -> tuple[str, ...]:
        """Return what is drawn rarely now, in words, in the order of operations and then of discovery."""
        return tuple(str(one) for known in self._triggers.values() for one in known if one.is_rare)

    def _may_show(self, trigger: _Trigger, features: Collection[str]) -> bool:
        """Say whether a step with these features that diverges probably diverges by this cause.

        Without a cause it does if nearly every call of the operation diverges, whatever its arguments.
        """
        if trigger.cause:
            return trigger.cause.issubset(features)
        operation = trigger.operation
        return self._diverged[operation] >= NEARLY_ALWAYS * self._called[operation]


def _shown_as(one: Divergence | Sighted) -> ShownAs:
    return one.signature.check, one.signature.shape
