"""
Alarms: asymmetries that somebody must look at.

*Expired*: its expiry date has passed.
*Healed*: the saved cases that it covers no longer diverge; or, where there is none, its trigger occurred
often, and the difference was not observed.
*Stale*: its trigger did not occur, though the run was long enough.
*Widened*: its trigger now shows a divergence of another shape, which is also a finding.

Knows counts and entries. Knows nothing of terminals.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.suggest import did_you_mean
from driftcheck.findings.accept import as_divergence
from driftcheck.findings.replayed import Replayed
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.signature import Divergence
from driftcheck.search.statistics import RunStatistics, mutation_names

# An entry is stale only if each mutation of its operation was the only one in this many steps, on average.
# By chance, one mutation is then missing once in 10^13 runs.
STALE_MEAN = 30
STALE_STEPS = 100_000  # of the operation, if no mutation is the trigger, such as NaN among plain values

Kind = Literal["expired", "healed", "stale", "widened"]


@attrs.frozen
class Alarm:
    """An asymmetry that somebody must look at."""

    kind: Kind
    entry: Asymmetry
    reason: str

    @property
    def fails(self) -> bool:
        """Say whether a run with this alarm fails; where it is widened, its finding fails the run."""
        return self.kind in ("expired", "healed")

    def __str__(self) -> str:
        return f"{self.kind}: {self.entry.id} ({self.entry.owner}): {self.reason}"


def alarms(
    schema: Schema,
    asymmetries: Asymmetries,
    statistics: RunStatistics,
    found: Iterable[Divergence],
    running: Collection[str],
    today: datetime.date,
    replays: Iterable[Replayed] = (),
) -> tuple[Alarm, ...]:
    """Compare the asymmetries of a contract with what a run has seen.

    Args:
        found: the divergences that no entry covers.
        running: the names of the subjects of the run. It says nothing of an entry that they cannot show.
        today: entries that expire before this day have expired.
        replays: of the saved cases, which are the witnesses of the entries that cover them.
    """
    replays = list(replays)
    raised = [
        Alarm("expired", entry, f"expired on {entry.expires}; renew it or remove it")
        for entry in asymmetries.expired(today)
    ]
    widened = {e.id: e for one in found if (e := asymmetries.widened_by(one)) is not None}
    raised += [
        Alarm("widened", entry, "a finding has its trigger but another shape; compare the two")
        for entry in widened.values()
    ]
    shown = {entry.id for one in replays for entry in one.known}
    witnesses = _witnesses(asymmetries, replays)
    for entry in asymmetries.entries:
        is_seen = statistics.known[entry.id] or entry.id in widened or entry.id in shown
        if is_seen or not asymmetries.can_be_seen(entry, running):
            continue
        if entry.id in witnesses:
            raised += _not_shown(entry, witnesses[entry.id])
        else:
            raised += _not_seen(schema, entry, statistics)
    return tuple(raised)


def _witnesses(asymmetries: Asymmetries, replays: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """Return the saved cases that each entry covers, by its id; one replay of a flaky case says nothing."""
    found: dict[str, list[Replayed]] = {}
    for one in replays:
        entry = asymmetries.match(as_divergence(one.case.signature, one.case.schema))
        if entry is not None and one.is_judged and not one.case.is_flaky:
            found.setdefault(entry.id, []).append(one)
    return found


def _not_shown(entry: Asymmetry, witnesses: Sequence[Replayed]) -> list[Alarm]:
    """Return the alarm of an entry whose saved cases do not show it; none where one diverges otherwise."""
    if any(one.diverges for one in witnesses):
        return []  # that is a finding
    first, *others = witnesses
    more = f" and {len(others)} more" if others else ""
    verb = "diverge" if others else "diverges"
    reason = f"{first.case.path}{more} no longer {verb}, and the run did not see it; remove the entry"
    return [Alarm("healed", entry, reason)]


def _not_seen(schema: Schema, entry: Asymmetry, statistics: RunStatistics) -> list[Alarm]:
    """Return the alarm of an entry that the run has not seen, if there is one."""
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
    """Return how often the trigger of an entry occurred alone; None if that is not counted."""
    if entry.law:
        return statistics.laws[entry.law]
    if not entry.operation or len(entry.features) > 1 or entry.where is not None:
        return None  # how often a function of the author would have said yes, nobody counts
    if entry.features and entry.features[0] not in mutation_names(schema):
        return None
    return statistics.single_mutation[entry.operation, entry.features[0] if entry.features else ""]


def _mean(operation: str, statistics: RunStatistics, schema: Schema) -> float:
    """Return in how many steps each mutation of an operation was the only one, on average."""
    counts = [
        n for (name, mutation), n in statistics.single_mutation.items() if name == operation and mutation
    ]
    return sum(counts) / max(1, len(mutation_names(schema)))


def _near(schema: Schema, entry: Asymmetry) -> str:
    for feature in entry.features:
        nearest = did_you_mean(feature, mutation_names(schema))
        if nearest and feature not in mutation_names(schema):
            return f"; no mutation is named {feature!r}{nearest}"
    return ""
