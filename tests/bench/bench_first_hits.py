"""How soon a run sees what is publicly known of the shipped libraries: payloads until each class."""

from __future__ import annotations

import tomllib
from pathlib import Path
from statistics import mean, median

import attrs
import pytest
from figures import Table, spread
from scale import SMOKE, sized

from driftcheck.contract import lookup
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.observer import Observer
from driftcheck.search.session import Session, open_session
from driftcheck.search.statistics import RunStatistics

CLASSES = Path(__file__).parent / "known_classes"
CONTRACTS = sorted(path.stem for path in CLASSES.glob("*.toml"))
SEEDS = sized(range(1, 11), range(1, 2))
MOST = sized(100_000, 100)
AFTER = sized((1_000, 10_000, MOST), (MOST,))
SHARE_AFTER_10_000 = 0.9


@attrs.frozen
class Known:
    """A class of differences that is publicly known."""

    name: str
    entries: tuple[str, ...]  # the class is seen when one of these is


def classes(contract: str) -> list[Known]:
    tables = tomllib.loads((CLASSES / f"{contract}.toml").read_text())
    return [Known(name, tuple(table["entries"])) for name, table in tables.items()]


def first_hits(session: Session, known: list[Known], seed: int) -> dict[str, int]:
    """Return the number of the payload at which each class was first met; a run ends when all are."""
    statistics: RunStatistics | None = None

    def note(now: RunStatistics, findings: int) -> None:
        nonlocal statistics
        statistics = now

    def is_done() -> bool:
        met = statistics.first_seen if statistics is not None else {}
        return all(any(entry in met for entry in one.entries) for one in known)

    observer = Observer(progress=note, interrupted=is_done)
    explored = explore(session, Budget(MOST), seed=seed, observer=observer, laws=True, witnesses=False)
    met = explored.statistics.first_seen
    assert [f.signature for f in explored.findings] == []
    return {
        one.name: min(met[e] for e in one.entries if e in met)
        for one in known
        if any(e in met for e in one.entries)
    }


@pytest.mark.parametrize("contract", CONTRACTS)
def test_known_classes_are_met_soon(contract: str, table: Table) -> None:
    """Over ten seeds a run sees nine in ten of the classes in 10,000 payloads, and all in 100,000."""
    known = classes(contract)
    with open_session(lookup.load_named(contract)) as session:
        runs = [first_hits(session, known, seed) for seed in SEEDS]

    shares = {n: [sum(hit <= n for hit in run.values()) / len(known) for run in runs] for n in AFTER}
    for n in AFTER:
        gate = {10_000: f"mean at least {SHARE_AFTER_10_000:.0%}", MOST: "all"}.get(n, "")
        table.add(f"{contract}: share of {len(known)} known classes seen in {n:,}", spread(shares[n]), gate)
    for one in sorted(known, key=lambda one: median(run.get(one.name, MOST) for run in runs)):
        hits = [run.get(one.name, MOST) for run in runs]
        table.add(f"{contract}: {one.name}: payloads to first hit", spread(hits, "{:,.0f}"))
    assert max(shares[MOST]) > 0
    assert SMOKE or mean(shares[10_000]) >= SHARE_AFTER_10_000
    assert SMOKE or min(shares[MOST]) == 1
