"""Steps per second of a whole run: drawn, run in Go and in Rust, judged and counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from random import Random
from statistics import median
from typing import Any

import pytest
from figures import Table, spread
from hypothesis import HealthCheck, Phase, given, seed, settings
from scale import SMOKE, sized

from driftcheck import schema_of
from driftcheck.generate._conjecture import fresh_data
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.search.budget import Budget
from driftcheck.search.drawing import derived_seed
from driftcheck.search.explore import explore
from driftcheck.search.session import Session
from driftcheck_contracts.lru import Lru

ROUNDS = sized(7, 1)  # each measures everything that is compared, in turn
TRACES = sized(1_000, 50)
EXAMPLES = sized(100, 10)  # of the state machine, and of Hypothesis' generation: they are slower

STRATEGY = traces(schema_of(Lru))


def whole_run(session: Session, number: int) -> tuple[float, int]:
    """Run traces, judge and count them; return seconds and steps."""
    started = time.perf_counter()
    explored = explore(session, Budget(max_traces=TRACES), seed=number)
    seconds = time.perf_counter() - started
    assert (explored.statistics.traces, explored.findings) == (TRACES, ())
    return seconds, explored.statistics.steps


def own_generation(number: int) -> float:
    """Draw the traces of `whole_run`, and do nothing with them; return seconds."""
    started = time.perf_counter()
    assert sum(1 for _ in islice(draw(STRATEGY, derived_seed(number, 0)), TRACES)) == TRACES
    return time.perf_counter() - started


def recorded_generation(number: int) -> float:
    """Draw from Hypothesis' record of choices, without its engine; return seconds a trace."""
    random = Random(number)
    started = time.perf_counter()
    for _ in range(EXAMPLES):
        STRATEGY.do_draw(fresh_data(random))
    return (time.perf_counter() - started) / EXAMPLES


def given_generation(number: int) -> float:
    """Draw in a test of Hypothesis that does nothing; return seconds a trace."""
    drawn = []

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGY)
    def nothing(trace: object) -> None:
        drawn.append(trace)

    started = time.perf_counter()
    nothing()
    return (time.perf_counter() - started) / len(drawn)


def test_outruns_a_state_machine(lru: Session, machine: Callable[..., dict[str, Any]], table: Table) -> None:
    """A run makes at least four times the steps of a state machine that calls the same libraries."""
    whole_run(lru, 0)
    ours, theirs = [], []
    for number in range(1, ROUNDS + 1):
        seconds, steps = whole_run(lru, number)
        ours.append(steps / seconds)
        beside = machine(number, EXAMPLES)
        theirs.append(beside["steps"] / beside["seconds"])
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]

    table.add("run, lru, Go and Rust: steps/s", spread(ours, "{:,.0f}"))
    table.add("RuleBasedStateMachine, same libraries in process: steps/s", spread(theirs, "{:,.0f}"))
    table.add("run / RuleBasedStateMachine", spread(ratios), "at least 4")
    assert SMOKE or median(ratios) >= 4


def test_costs_little_beside_generation(lru: Session, table: Table) -> None:
    """A whole run takes at most 1.10 of the time in which Hypothesis draws its traces."""
    whole_run(lru, 0)
    shares, whole, of_given, of_record, of_own = [], [], [], [], []
    for number in range(1, ROUNDS + 1):
        seconds, steps = whole_run(lru, number)
        own = own_generation(number)
        whole.append(seconds / steps * 1e6)
        shares.append(100 * own / seconds)
        of_own.append(seconds / own)
        of_given.append(seconds / TRACES / given_generation(number))
        of_record.append(seconds / TRACES / recorded_generation(number))

    table.add("run: µs a step", spread(whole, "{:.1f}"))
    table.add("own generation: % of the run", spread(shares, "{:.0f}"))
    table.add("run / generation by @given, same strategy", spread(of_given), "at most 1.10")
    table.add("run / generation into Hypothesis' record, no engine", spread(of_record))
    table.add("run / own generation", spread(of_own))
    assert SMOKE or median(of_given) <= 1.10


def test_invariants_cost_little(lru: Session, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holding states against their type and the invariants takes at most 5 % of the parent's time."""
    promises = lru.oracle.judge.promises
    plain = promises.fault_of_state
    spent, states = 0.0, 0

    def timed(data: bytes) -> Any:
        nonlocal spent, states
        started = time.thread_time()
        found = plain(data)
        spent += time.thread_time() - started
        states += 1
        return found

    monkeypatch.setattr(promises, "fault_of_state", timed)
    shares = []
    for number in range(1, ROUNDS + 1):
        promises.sound_states.clear()  # other tests drew the same traces
        spent, states, started = 0.0, 0, time.process_time()
        whole_run(lru, number)
        assert states > 0  # else the oracle holds states elsewhere now, and this measures nothing
        shares.append(100 * spent / (time.process_time() - started))

    table.add("invariants: % of the parent's processor time", spread(shares, "{:.1f}"), "at most 5")
    assert SMOKE or median(shares) <= 5
