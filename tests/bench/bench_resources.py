"""What a run takes: time to recover from a death, and memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from figures import Table, spread
from memory import EARLY, LATE
from scale import SMOKE, sized

from driftcheck.core.trace import Name, Ref, Step, Trace
from driftcheck.search.session import Session

DEATHS = sized(20, 2)

WELL = Trace((Step("walk"),), (1,))
KEY = Name("Key", 0, "0")
FATAL = Trace((Step("put", (KEY, b"")), Step("walk"), Step("finish", (Ref(1),))), (1,))


def test_recovers_from_a_dead_host(lru: Session, table: Table) -> None:
    """A host that is killed is replaced, and the next trace answered."""
    lockstep = lru.lockstep
    times = []
    for _ in range(DEATHS):
        lockstep.run(WELL)
        started = time.perf_counter()
        os.kill(lockstep.pid("go"), signal.SIGKILL)
        answered = lockstep.probe(WELL, deadline_s=1.0)
        times.append(1e3 * (time.perf_counter() - started))
        assert answered.answers["go"].death is None
        assert lockstep.killed == len(times)  # and its request was answered by another host

    table.add("host killed, to the next outcome: ms", spread(times, "{:.0f}"), "aim 50")


def test_puts_a_death_down_to_its_step(
    planted: Callable[[str], AbstractContextManager[Session]], table: Table
) -> None:
    """A trace that kills its host is run again alone, then its steps before the fatal one, then the next."""
    times = []
    with planted("panic") as session:
        for _ in range(DEATHS):
            session.lockstep.run(WELL)
            started = time.perf_counter()
            fatal, well = session.lockstep.run_all([FATAL, WELL])
            times.append(1e3 * (time.perf_counter() - started))
            assert fatal.answers["go"].died_at == 2
            assert well.is_equal

    table.add("fatal trace, confirmed alone, next one answered: ms", spread(times, "{:.0f}"))


def test_memory_is_flat(table: Table) -> None:
    """The parent takes at most a tenth more memory after 100,000 traces than after 10,000."""
    program = Path(__file__).with_name("memory.py")
    printed = subprocess.run([sys.executable, program], check=True, capture_output=True, text=True).stdout
    early, late = map(int, printed.split())

    after = f"{EARLY:,} and {LATE:,} traces"
    table.add(f"parent's memory after {after}: MiB", f"{early >> 20} and {late >> 20}")
    table.add("their ratio", f"{late / early:.3f}", "at most 1.1")
    assert SMOKE or late / early <= 1.1
