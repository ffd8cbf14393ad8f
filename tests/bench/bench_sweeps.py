"""Steps per second of sweeps, drawn natively and run in Go and in Rust, beside drawing in Python alone."""

from __future__ import annotations

import time
from itertools import islice
from statistics import median

import pytest
from figures import Table, spread
from scale import SMOKE, sized

from driftcheck import Contract
from driftcheck.build import build_native
from driftcheck.generate.draw import draw
from driftcheck.generate.plan_export import export_plan
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.native import NativeSearch, SweepPlan
from driftcheck.search.session import Session, open_session
from driftcheck_contracts.lru import Lru
from driftcheck_contracts.reconcile import Reconcile

ROUNDS = sized(7, 1)  # each measures everything that is compared, in turn
SIZES = (16, 64, 256)  # traces of a sweep
TRACES = {"lru": sized(8_192, 256), "reconcile": sized(512, 256)}  # of a round, in sweeps of each size
DRAWN = {"lru": sized(1_000, 50), "reconcile": sized(200, 10)}  # in Python
MOST_STEPS = 50


def swept(session: Session, plan: SweepPlan, count: int, size: int, first: int) -> float:
    """Sweep traces in sweeps of one size; return steps a second."""
    steps, started = 0, time.perf_counter()
    for start in range(first, first + count, size):
        one = session.lockstep.sweep(plan, range(start, start + size))
        assert (one.differing, one.deaths) == ((), ())
        steps += one.steps
    return steps / (time.perf_counter() - started)


@pytest.mark.parametrize("contract", [Lru, Reconcile])
def test_sweeps_outrun_the_dice(contract: type[Contract], table: Table) -> None:
    """Hosts draw, run and compare more steps a second than Python draws."""
    with open_session(contract, only=("go", "rust")) as session:
        name = session.schema.name
        strategy = traces(session.schema)
        exported = export_plan(strategy.interpreter, 7)
        plan = NativeSearch(build_native(session.schema)).plan(exported.data, MOST_STEPS)
        swept(session, plan, SIZES[-1], SIZES[-1], 0)
        figures: dict[int, list[float]] = {size: [] for size in SIZES}
        python = []
        for number in range(ROUNDS):
            for size in SIZES:
                figures[size].append(swept(session, plan, TRACES[name], size, (number + 1) << 32))
            started = time.perf_counter()
            steps = sum(len(trace.steps) for trace in islice(draw(strategy, number), DRAWN[name]))
            python.append(steps / (time.perf_counter() - started))

    ratios = [a / b for a, b in zip(figures[SIZES[-1]], python, strict=True)]
    for size in SIZES:
        table.add(f"sweeps of {size} traces, {name}: steps/s", spread(figures[size], "{:,.0f}"))
    table.add(f"dice alone, {name}: steps/s", spread(python, "{:,.0f}"))
    table.add(f"sweeps of {SIZES[-1]} / dice alone, {name}", spread(ratios), "at least 2")
    assert SMOKE or median(ratios) >= 2
