"""
Alarms: asymmetries that somebody has to look at.

*Expired*: the expiry date of the entry is over. *Healed*: the trigger occurred often enough, and the
difference was not observed. *Widened*: a finding has the trigger of the entry and another shape. *Stale*: the
trigger did not occur in a run that was long enough. Knows counts and entries, and nothing of printing.
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

# An entry is stale when its mutation did not occur although each mutation of the operation occurred alone so
# many times on average. By chance this happens once in 10^13 runs.
STALE_MEAN = 30
STALE_STEPS = 100_000  # of the operation, for a trigger that is no mutation, such as NaN among plain values

Kind = Literal["expired", "healed", "stale", "widened"]


@attrs.frozen
class Alarm:
    """An asymmetry that somebody has to look at, and the reason."""

    kind: Kind
    entry: Asymmetry
    reason: str

    @property
    def fails(self) -> bool:
        """Say whether it makes a run fail. A widened entry does not need to: it comes with a finding."""
        return self.kind in ("expired", "healed")

    def __str__(self) -> str:
        return f"{self.kind}: {self.entry.id} ({self.entry.owner}): {self.reason}"


def alarms(
    schema: Schema,
    asymmetries: Asymmetries,
    statistics: RunStatistics,
    found: Iterable[Divergence],
    today: datetime.date,
) -> tuple[Alarm, ...]:
    """Compare the asymmetries of a contract with what a run saw.

    Args:
        found: the divergences that no entry covers.
        today: the day by which entries expire.
    """
    raised = [
        Alarm("expired", entry, f"expired on {entry.expires}; renew it or remove it")
        for entry in asymmetries.expired(today)
    ]
    widened = {e.id: e for one in found if (e := asymmetries.widened_by(one)) is not None}
    raised += [
        Alarm("widened", entry, "a finding has its trigger and another shape; compare the two")
        for entry in widened.values()
    ]
    for entry in asymmetries.entries:
        if not statistics.known[entry.id] and entry.id not in widened:
            raised += _unseen(schema, entry, statistics)
    return tuple(raised)


def _unseen(schema: Schema, entry: Asymmetry, statistics: RunStatistics) -> list[Alarm]:
    """Return the alarm of an entry that was not seen, if there is one."""
    triggers = triggers_of(schema, entry, statistics)
    if triggers is not None and triggers >= entry.triggers_to_heal:
        seen = f"the trigger occurred {triggers:,} times and the difference was not observed"
        return [Alarm("healed", entry, f"{seen}; remove the entry")]
    steps = statistics.of_operation(entry.operation)
    if triggers == 0 and not entry.law and _mean(entry.operation, statistics, schema) >= STALE_MEAN:
        seen = f"the trigger did not occur in {steps:,} steps of {entry.operation}"
        return [Alarm("stale", entry, f"{seen}; fix the trigger or remove the entry")]
    if triggers is None and steps >= STALE_STEPS:
        seen = f"it was not seen in {steps:,} steps of {entry.operation}{_near(schema, entry)}"
        return [Alarm("stale", entry, f"{seen}; fix the trigger or remove the entry")]
    return []


def triggers_of(schema: Schema, entry: Asymmetry, statistics: RunStatistics) -> int | None:
    """Return how often the trigger of an entry occurred alone; None where that is not counted."""
    if entry.law:
        return statistics.laws[entry.law]
    if not entry.operation or len(entry.features) > 1:
        return None
    if entry.features and entry.features[0] not in mutation_names(schema):
        return None
    return statistics.clean[entry.operation, entry.features[0] if entry.features else ""]


def _mean(operation: str, statistics: RunStatistics, schema: Schema) -> float:
    """Return how often each mutation of an operation occurred alone, on average."""
    counts = [n for (name, mutation), n in statistics.clean.items() if name == operation and mutation]
    return sum(counts) / max(1, len(mutation_names(schema)))


def _near(schema: Schema, entry: Asymmetry) -> str:
    for feature in entry.features:
        near = difflib.get_close_matches(feature, mutation_names(schema), n=1)
        if near and feature not in mutation_names(schema):
            return f"; no mutation is named {feature!r}, did you mean {near[0]!r}?"
    return ""
