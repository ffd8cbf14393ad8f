"""
Alarms: which known differences are not what they were.

*Expired*: the day by which it was to be decided anew is over. *Healed*: what brings it about was met often
enough, and it never showed. *Stale*: nothing brought it about in a run long enough for that. *Widened*: what
brings it about shows something else now, which is a finding besides. Knows counts and entries, no screen.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable
from typing import Literal

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.signature import Divergence
from driftcheck.search.statistics import RunStatistics, mutation_names

# So often must each mutation of the operation have come alone, on average, before one that never came is
# stale: by chance it stays away once in 10^13 runs then.
STALE_MEAN = 30
STALE_STEPS = 100_000  # of the operation, for what no mutation brings about, as NaN among plain values

Kind = Literal["expired", "healed", "stale", "widened"]


@attrs.frozen
class Alarm:
    """A known difference that somebody has to look at."""

    kind: Kind
    entry: Asymmetry
    why: str

    @property
    def fails(self) -> bool:
        """Say whether a run that raises it fails by it; what is widened is a finding already."""
        return self.kind in ("expired", "healed")

    def __str__(self) -> str:
        return f"{self.kind}: {self.entry.id} ({self.entry.owner}): {self.why}"


def alarms(
    schema: Schema,
    asymmetries: Asymmetries,
    statistics: RunStatistics,
    found: Iterable[Divergence],
    today: datetime.date,
) -> tuple[Alarm, ...]:
    """Hold the known differences of a contract against what a run met.

    Args:
        found: the divergences that no entry covers.
        today: the day by which entries expire.
    """
    raised = [
        Alarm("expired", entry, f"its time was over on {entry.expires}; decide on it anew")
        for entry in asymmetries.expired(today)
    ]
    widened = {e.id: e for one in found if (e := asymmetries.widened_by(one)) is not None}
    raised += [
        Alarm("widened", entry, "a finding has its trigger and another shape; see what has changed")
        for entry in widened.values()
    ]
    for entry in asymmetries.entries:
        if not statistics.known[entry.id] and entry.id not in widened:
            raised += _unmet(schema, entry, statistics)
    return tuple(raised)


def _unmet(schema: Schema, entry: Asymmetry, statistics: RunStatistics) -> list[Alarm]:
    """Say what is to be thought of an entry that was not met."""
    triggers = triggers_of(schema, entry, statistics)
    if triggers is not None and triggers >= entry.long_enough:
        why = f"what brings it about came {triggers:,} times, and it never showed; remove the entry"
        return [Alarm("healed", entry, why)]
    steps = statistics.of_operation(entry.operation)
    if triggers == 0 and not entry.law and _mean(entry.operation, statistics, schema) >= STALE_MEAN:
        why = (
            f"nothing brought it about in {steps:,} steps of {entry.operation}; mend its trigger or remove it"
        )
        return [Alarm("stale", entry, why)]
    if triggers is None and steps >= STALE_STEPS:
        why = f"not met in {steps:,} steps of {entry.operation}{_near(schema, entry)}; mend or remove it"
        return [Alarm("stale", entry, why)]
    return []


def triggers_of(schema: Schema, entry: Asymmetry, statistics: RunStatistics) -> int | None:
    """Return how often what brings an entry about came, and nothing else; None where that is not counted."""
    if entry.law:
        return statistics.laws[entry.law]
    if not entry.operation or len(entry.features) > 1:
        return None
    if entry.features and entry.features[0] not in mutation_names(schema):
        return None
    return statistics.clean[entry.operation, entry.features[0] if entry.features else ""]


def _mean(operation: str, statistics: RunStatistics, schema: Schema) -> float:
    """Return how often each mutation of an operation came alone, on average."""
    counts = [n for (name, mutation), n in statistics.clean.items() if name == operation and mutation]
    return sum(counts) / max(1, len(mutation_names(schema)))


def _near(schema: Schema, entry: Asymmetry) -> str:
    for feature in entry.features:
        near = difflib.get_close_matches(feature, mutation_names(schema), n=1)
        if near and feature not in mutation_names(schema):
            return f"; no mutation is named {feature!r}, did you mean {near[0]!r}?"
    return ""
