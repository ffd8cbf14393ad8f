"""
The groups of findings that one fault of an engine gives: the fault is the root cause, so one group is right.

`FAULT_GROUPS` sets how many faults are planted; all of them take more than half an hour.
"""

from __future__ import annotations

import os
import sys
from random import Random
from statistics import mean

from figures import Table, spread
from planted_cases import of_the_engines
from scale import SMOKE, sized

COUNT = int(os.environ.get("FAULT_GROUPS", sized("8", "1")))
MOST_GROUPS = 1.2  # for each fault, on average
SEED = 0


def test_a_fault_of_an_engine_is_about_one_group(table: Table) -> None:
    """Each fault is searched for within its own number of traces, and all that is found is grouped."""
    faults = of_the_engines()
    if SMOKE:
        faults = [fault for fault in faults if fault.side == "go"]
    counts: list[int] = []
    for fault in Random(SEED).sample(faults, min(COUNT, len(faults))):
        with fault.opened() as session:
            explored = fault.search(session, None)
        groups = [cause.finding.signature for cause in explored.root_causes]
        sys.stderr.write(f"\n{fault.name}: {len(groups)} groups of {len(explored.findings)} findings")
        if groups:
            counts.append(len(groups))
        if len(groups) > 1:
            sys.stderr.writelines(f"\n    {one.to_json()}" for one in groups)

    table.add("faults of the engines: found", f"{len(counts)} of {min(COUNT, len(faults))}")
    table.add("groups for a fault that was found", spread(counts, "{:.0f}"))
    table.add("groups for a fault, on average", f"{mean(counts):.2f}", f"at most {MOST_GROUPS}")
    assert counts
    assert SMOKE or mean(counts) <= MOST_GROUPS
