"""
The queue of divergences that wait to be examined, in buckets by what a glance shows about them.

Two divergences of one bucket may still have two causes. So a few of each bucket are examined, and the latest
of the others is kept. Knows nothing of hosts, of shrinking or of time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import attrs

from driftcheck.core.trace import Document, Trace
from driftcheck.generate.strategy import CaseStrategy
from driftcheck.oracle.oracle import Glance
from driftcheck.oracle.signature import Divergence, Signature

FIRST_ONES = 3  # of a bucket, which are examined before its others

Key = tuple[
    Signature, str, str
]  # without its cause; the relation; one word for what is special about the step


@attrs.frozen(eq=False)
class Sighting:
    """A drawn trace that diverges, as a glance shows it."""

    glance: Glance
    divergence: Divergence
    strategy: CaseStrategy[Trace] = attrs.field(repr=False)
    seed: int

    @property
    def trace(self) -> Trace:
        """Return the trace that diverges."""
        return self.glance.execution.trace


@attrs.define(eq=False)
class _Bucket:
    waiting: deque[Sighting] = attrs.field(factory=deque)
    examined: int = 0


class DivergenceQueue:
    """Divergences in buckets; those of the bucket that was examined least come first."""

    def __init__(self) -> None:
        self._buckets: dict[Key, _Bucket] = {}

    def offer(self, sighting: Sighting) -> bool:
        """Take a divergence into the emptiest of its buckets.

        Returns:
            Whether its bucket needs it. Otherwise it replaces the one that the bucket keeps.
        """
        buckets = [self._buckets.setdefault(key, _Bucket()) for key in keys(sighting)]
        bucket = min(buckets, key=lambda one: one.examined + len(one.waiting))
        needed = bucket.examined + len(bucket.waiting) < FIRST_ONES
        if not needed and bucket.examined >= FIRST_ONES:
            bucket.waiting.clear()
        if needed or not bucket.waiting:
            bucket.waiting.append(sighting)
        return needed

    @property
    def needed(self) -> int:
        """Return how many divergences wait in buckets that need them."""
        return sum(len(one.waiting) for one in self._buckets.values() if one.examined < FIRST_ONES)

    def next(self, *, first_ones: bool) -> Sighting | None:
        """Remove and return the divergence to examine next.

        Args:
            first_ones: only from buckets of which few were examined.
        """
        waiting = [one for one in self._buckets.values() if one.waiting]
        if first_ones:
            waiting = [one for one in waiting if one.examined < FIRST_ONES]
        if not waiting:
            return None
        # Of several buckets, the newest comes first, since the old ones may already have many examined.
        bucket = min(reversed(waiting), key=lambda one: one.examined)
        bucket.examined += 1
        return bucket.waiting.popleft()


def keys(sighting: Sighting) -> Iterator[Key]:
    """Yield the keys of the buckets that a divergence belongs to."""
    found = sighting.divergence
    for word in dict.fromkeys(words_of(sighting)) or [""]:
        yield found.signature.without_cause, found.relation, word


def words_of(sighting: Sighting) -> Iterator[str]:
    """Yield what is special about the step: its fault, and each mutation and the file of its documents."""
    if sighting.divergence.step is None:
        return
    step = sighting.trace.steps[sighting.divergence.step]
    if step.fault is not None:
        yield step.fault
    for argument in step.arguments:
        if isinstance(argument, Document):
            yield from argument.mutations
            if argument.seed is not None:
                yield argument.seed
