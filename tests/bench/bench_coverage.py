"""
What coverage costs: processor time of a host for each trace, in a build for coverage and in an ordinary one.

An empty trace does nothing but open and drop its subject. So the difference of both builds is the pass over
all counters. Five rounds on two busy cores gave 0.5 to 3.6 us for it. Long traces took 1.06 to 1.32 times the
processor time in Go, and 1.54 to 1.63 times in Rust, which is compiled at opt-level 1 then.
"""

from __future__ import annotations

import time
from itertools import islice

import pytest
from figures import Table
from scale import SMOKE, sized

from driftcheck.core.trace import Trace
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.search.session import open_session
from driftcheck.subjects.host import Host
from driftcheck_contracts.lru import Lru

BATCH = 32
EMPTY = sized(20_000, 2 * BATCH)
LONG = sized(20_000, BATCH)  # traces of up to 50 steps
SIDES = ("go", "rust")
_SCHEDULED = 2  # of clock_getcpuclockid(3): the time that the scheduler has counted for a process
MOST = 2.0  # times the processor time of an ordinary build: with coverage a host keeps half of its rate


def _cpu_s(lockstep: Lockstep, subject: str) -> float:
    """Return the processor time that the host of a subject has used.

    The clock of another process counts nanoseconds; /proc counts ticks of 10 ms, which is as long as a round.
    """
    return time.clock_gettime(~lockstep.pid(subject) << 3 | _SCHEDULED)


def _spent(lockstep: Lockstep, batch: list[Trace], count: int) -> dict[str, float]:
    """Return the seconds that each host spends on `count` traces."""
    lockstep.run_all(batch)
    before = {name: _cpu_s(lockstep, name) for name in SIDES}
    for _ in range(count // len(batch)):
        lockstep.run_all(batch)
    return {name: _cpu_s(lockstep, name) - before[name] for name in SIDES}


def test_the_pass_over_all_counters(table: Table) -> None:
    """A trace costs a host microseconds more, and a long one little more than in an ordinary build."""
    spent = {}
    for coverage in (False, True):
        with open_session(Lru, only=SIDES, coverage=coverage) as session:
            lockstep = session.lockstep
            strategy = traces(session.schema, model=session.model)
            long = list(islice(draw(strategy, 0), BATCH))
            spent[coverage] = (
                _spent(lockstep, [Trace((), (1,))] * BATCH, EMPTY),
                _spent(lockstep, long, LONG),
            )
            counters = {name: covered.table.counters for name, covered in lockstep.covered.items()}
    for name in SIDES:
        (empty, long_s), (counted_empty, counted_long_s) = (
            (spent[coverage][0][name], spent[coverage][1][name]) for coverage in (False, True)
        )
        pass_us = (counted_empty - empty) / EMPTY * 1e6
        table.add(f"pass over {counters[name]:,} counters, {name}", f"{pass_us:.2f} us a trace")
        ratio = counted_long_s / max(long_s, 1e-9)
        table.add(f"processor time with coverage, {name}", f"{ratio:.2f} times", f"at most {MOST}")
        assert SMOKE or ratio <= MOST


def test_a_batch_needs_one_more_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once nothing is new, each subject gets one question for each batch of traces."""
    with open_session(Lru, only=SIDES, coverage=True) as session:
        batch = [Trace((), (1,))] * BATCH
        session.lockstep.run_all(batch)
        sent = []
        plain = Host.send
        monkeypatch.setattr(
            Host, "send", lambda host, request: (sent.append(request), plain(host, request))[1]
        )

        session.lockstep.run_all(batch)

    assert len(sent) == 2 * len(SIDES)
