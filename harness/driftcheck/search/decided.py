"""
How often a run has decided each law and invariant, and has varied traces for each check.

Knows the counts of a run. Knows nothing of what is printed with them.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftcheck.contract.schema import Schema
from driftcheck.search.statistics import RunStatistics

FEW = 10  # a law that fewer cases have decided was barely looked at


def times_decided(schema: Schema, statistics: RunStatistics) -> Iterator[tuple[str, int]]:
    """Yield each law and invariant with the number of cases, or of states, in which it was decided."""
    for law in schema.laws:
        yield f"law {law.name}", statistics.laws[law.name]
    for invariant in schema.invariants:
        yield f"invariant {invariant.name}", statistics.invariants[invariant.name]


def rarely_decided(schema: Schema, statistics: RunStatistics) -> str:
    """Name in a line what was decided fewer than ten times; "" where there is nothing."""
    few = [f"{what} {times}" for what, times in times_decided(schema, statistics) if times < FEW]
    return f"decided fewer than {FEW} times: {', '.join(few)}" if few else ""


def decided_no_law(schema: Schema, statistics: RunStatistics) -> bool:
    """Say whether a contract has laws, and no case decided any of them."""
    return bool(schema.laws) and not any(statistics.laws[law.name] for law in schema.laws)
