"""A long run on `lru` in a process of its own; prints its resident bytes after 10,000 and 100,000 traces."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

from scale import sized

from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.observer import Observer
from driftcheck.search.session import open_session
from driftcheck.search.statistics import RunStatistics
from driftcheck_contracts.lru import Lru

EARLY, LATE = sized((10_000, 100_000), (100, 400))


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE


if __name__ == "__main__":
    seen: list[int] = []

    def look(statistics: RunStatistics, findings: int) -> None:
        if not seen and statistics.traces >= EARLY:
            seen.append(resident_bytes())

    with open_session(Lru, only=("go", "rust")) as session:
        explored = explore(session, Budget(max_traces=LATE), seed=1, observer=Observer(progress=look))
    assert explored.statistics.traces == LATE
    sys.stdout.write(f"{seen[0]} {resident_bytes()}\n")
