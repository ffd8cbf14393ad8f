"""
What a finding costs: seconds and judged cases from the first trace that shows it until it is confirmed.

`COSTS_TRACES` sets how many traces each pair of libraries is given.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import attrs
import pytest
import truth_rows
from figures import Table, spread
from planted_cases import SHIPPED, faults
from scale import sized

from driftcheck.contract import lookup
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.shrink import Shrunk
from driftcheck.search import triage
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.observer import Observer
from driftcheck.search.session import open_session

TRACES = int(os.environ.get("COSTS_TRACES", sized("1000", "3")))
PAIRS = sized([*truth_rows.CONTRACTS, *SHIPPED], ["time"])
FAULTS = sized(40, 1)  # planted ones
SEED = 0


@attrs.define
class Costs:
    """The costs of findings, while they are made."""

    seconds: list[float] = attrs.field(factory=list)
    calls: list[int] = attrs.field(factory=list)
    _seen: dict[int, tuple[float, Any]] = attrs.field(factory=dict)  # when, by the identity of the case
    _shrunk: dict[Any, int] = attrs.field(factory=dict)  # of the judge so far, by signature

    def see(self, case: Trace | LawCase) -> None:
        """Note that a case diverges."""
        self._seen.setdefault(
            id(case), (time.monotonic(), case)
        )  # the case is kept, and with it its identity

    def count(self, shrunk: Shrunk[Any]) -> None:
        """Note the calls of a shrink, or of a slice of one."""
        self._shrunk[shrunk.signature] = self._shrunk.get(shrunk.signature, 0) + shrunk.calls

    def end(self, shrunk: Shrunk[Any]) -> None:
        """Note that a case was confirmed."""
        seen = self._seen.get(id(shrunk.original))
        if seen is not None:
            self.seconds.append(time.monotonic() - seen[0])
            self.calls.append(self._shrunk.get(shrunk.signature, 0))


@contextmanager
def measured(costs: Costs) -> Iterator[None]:
    """Measure all findings that triage makes meanwhile."""
    offer, report, shrink, confirm = (
        triage.Triage.offer,
        triage.Triage.report,
        triage.shrink,
        triage.confirm_shrunk,
    )

    def offered(self: Any, sighting: Any) -> bool:
        costs.see(sighting.trace)
        return offer(self, sighting)

    def reported(self: Any, verdict: Any, case: Any, *more: Any) -> None:
        if verdict.divergence is not None:
            costs.see(case)
        report(self, verdict, case, *more)

    def shrunk(*arguments: Any, **options: Any) -> Any:
        result = shrink(*arguments, **options)
        costs.count(result)
        return result

    def confirmed(session: Any, result: Any, *more: Any) -> Any:
        confirmation = confirm(session, result, *more)
        if confirmation.finding is not None:
            costs.end(result)
        return confirmation

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(triage.Triage, "offer", offered)
        patch.setattr(triage.Triage, "report", reported)
        patch.setattr(triage, "shrink", shrunk)
        patch.setattr(triage, "confirm_shrunk", confirmed)
        yield


def add_rows(table: Table, name: str, costs: Costs) -> None:
    """Add what findings cost, if there were any."""
    if costs.seconds:
        table.add(f"{name}: findings measured", str(len(costs.seconds)))
        table.add(f"{name}: s from first sight to confirmed", spread(costs.seconds, "{:.1f}"))
        table.add(f"{name}: judged cases to shrink one", spread(costs.calls, "{:.0f}"))


@pytest.mark.parametrize("name", PAIRS)
def test_findings_of_a_pair(name: str, table: Table) -> None:
    """Prints what findings cost where very many things diverge: a pair without its asymmetries."""
    costs = Costs()
    contract = lookup.load_named(truth_rows.CONTRACTS.get(name, name))
    with open_session(contract, ignore_asymmetries=True) as session, measured(costs):
        explored = explore(session, Budget(max_traces=TRACES), seed=SEED)

    add_rows(table, name, costs)
    assert len(costs.seconds) <= len(explored.findings)
    assert bool(costs.seconds) == bool(explored.findings)


def test_findings_of_planted_faults(table: Table) -> None:
    """Prints what the first finding of each of some planted faults costs."""
    costs = Costs()
    all_of_them = [fault for fault in faults() if not fault.side] if FAULTS == 1 else faults()
    for fault in Random(SEED).sample(all_of_them, FAULTS):
        with fault.opened() as session, measured(costs):
            fault.search(session, one_finding())

    add_rows(table, "planted faults", costs)
    assert costs.seconds


def one_finding() -> Observer:
    """Return an observer that ends a run with its first finding."""
    found: list[Finding] = []
    return Observer(finding=found.append, interrupted=lambda: bool(found))
