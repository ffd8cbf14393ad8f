"""Planted faults found and shrunk, beside a state machine that looks for the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

from figures import Table, spread
from scale import SMOKE, sized

from driftcheck.core.trace import Trace
from driftcheck.findings.finding import Finding
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session

SEEDS = sized(range(1, 11), range(1, 2))
SEEDS_BESIDE = sized(range(1, 6), range(1, 2))  # of the state machine, which takes ten times as long
EXAMPLES_BESIDE = sized(2_000, 20)  # examples; if it finds nothing in them, its time is a lower bound
MOST_TRACES = 1_000

Planted = Callable[[str], AbstractContextManager[Session]]


def steps_of(finding: Finding) -> list[tuple[str, Any]]:
    assert isinstance(finding.case, Trace)
    return [(s.operation, [a for a in s.arguments if isinstance(a, bytes)]) for s in finding.case.steps]


def test_finds_and_shrinks_a_four_step_fault(
    planted: Planted, machine: Callable[..., dict[str, Any]], table: Table
) -> None:
    """A fault of four steps and nine bytes is found by ten seeds, and shrunk in a quarter of the time."""
    found_after, seconds, found = [], [], []
    with planted("cut") as session:
        for seed in SEEDS:
            started = time.perf_counter()
            explored = explore(session, Budget(max_traces=MOST_TRACES), seed=seed, fail_fast=True)
            seconds.append(time.perf_counter() - started)
            found_after.append(explored.statistics.traces)
            found += [steps_of(finding) for finding in explored.findings]
    beside = [machine(seed, EXAMPLES_BESIDE, "cut") for seed in SEEDS_BESIDE]
    theirs = [one["seconds"] for one in beside]
    shrunk = sum(len(one["last"]) == 4 for one in beside if one["found"])

    table.add("four steps, nine bytes: found after", spread(found_after, "{:.0f}"), "median at most 50")
    table.add("found, shrunk, confirmed: s", spread(seconds))
    table.add("RuleBasedStateMachine: s", spread(theirs, "{:.1f}"))
    table.add(
        "RuleBasedStateMachine: found, shrunk to four steps",
        f"{sum(one['found'] for one in beside)} and {shrunk} of {len(beside)}",
    )
    table.add("run / RuleBasedStateMachine", f"{median(seconds) / median(theirs):.3f}", "at most 0.25")
    assert found == [[("put", [bytes(9)]), ("walk", []), ("get", []), ("advance", [])]] * len(SEEDS)
    assert SMOKE or median(found_after) <= 50
    assert SMOKE or median(seconds) <= median(theirs) / 4


def test_shrinks_a_goroutine_panic(planted: Planted, table: Table) -> None:
    """A panic in another goroutine is shrunk to three steps, and the run goes on."""
    seconds, hosts, found = [], [], []
    for seed in SEEDS:
        with planted("panic") as session:
            started = time.perf_counter()

            def note(finding: Finding, *, session: Session = session, started: float = started) -> None:
                seconds.append(time.perf_counter() - started)
                hosts.append(session.lockstep.hosts_spent)
                found.append(steps_of(finding))

            explored = explore(session, Budget(max_traces=8), seed=seed, observer=Observer(finding=note))
            assert explored.statistics.traces == 8  # it went on

    table.add("goroutine panic found, shrunk, confirmed: s", spread(seconds), "aim 5")
    table.add("goroutine panic: hosts spent until then", spread(hosts, "{:.0f}"), "aim 100")
    assert [[name for name, _ in steps] for steps in found] == [["put", "walk", "finish"]] * len(SEEDS)
