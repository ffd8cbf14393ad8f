"""When a run sweeps, and how much: its share, its seeds, its pools and its size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from generation_contracts import EVERY, LRU, READS

from driftcheck import schema_of
from driftcheck.build import build_native
from driftcheck.contract.schema import Schema
from driftcheck.core.outcome import Crashed, Evidence
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.native import NativeSearch, SweepPlan
from driftcheck.lockstep.sweep import SweepDeath, Swept
from driftcheck.search import sweeps
from driftcheck.search.sweeps import Sweeps
from driftcheck.subjects.discover import Subject
from driftcheck_contracts.reconcile import Reconcile
from driftcheck_contracts.reconcile.model import ReconcileModel

RECONCILE = schema_of(Reconcile)
GO, RUST, MODEL = (
    Subject(name, language, "", "")
    for name, language in [("go", "go"), ("rust", "rust"), ("model", "python")]
)


class Hosts:
    """Notes what is swept, and answers as it is told."""

    def __init__(self, *subjects: Subject) -> None:
        self.subjects = subjects
        self.asked: list[tuple[bytes, tuple[int, ...]]] = []
        self.differs = False
        self.dies = False

    def sweep(self, plan: SweepPlan, numbers: Sequence[int], *, without: Sequence[str] = ()) -> Swept:
        """Answer a sweep."""
        self.asked.append((plan.digest, tuple(numbers)))
        deaths = (SweepDeath("go", Crashed(Evidence("exited")), 0),) if self.dies else ()
        return Swept(tuple(numbers), tuple(numbers) if self.differs else (), deaths, 50 * len(numbers))


def made(schema: Schema, hosts: Hosts, *, in_seconds: bool, model: type | None = None) -> Sweeps:
    """Return the sweeps of a run whose hosts are these."""
    native = NativeSearch(build_native(schema))
    lockstep: Any = hosts
    return Sweeps(native, lockstep, traces(schema, model=model), 5, in_seconds=in_seconds)


def test_sweeps_get_their_share_of_the_time() -> None:
    """After its first second the search sweeps as long as sweeps have had less than their share."""
    hosts = Hosts(GO, RUST)
    one = made(LRU, hosts, in_seconds=True)

    assert not one.is_due(10, sweeps.FIRST_S / 2)
    assert one.is_due(10, 8.0)
    one.add_seconds(0.95 * sweeps.SHARE * 8.0)
    assert one.is_due(10, 8.0)
    one.add_seconds(0.1 * sweeps.SHARE * 8.0)
    assert not one.is_due(10, 8.0)


def test_as_many_traces_are_swept_as_are_drawn() -> None:
    """With a budget in traces, sweeps follow each thousand of drawn traces, and no seed is used twice."""
    hosts = Hosts(GO, RUST)
    one = made(LRU, hosts, in_seconds=False)

    assert not one.is_due(sweeps.TURN - 1, 0.0)
    for drawn in (sweeps.TURN, 2 * sweeps.TURN):
        while one.is_due(drawn, 0.0):
            one.next(None, drawn)

    numbers = [number for _, asked in hosts.asked for number in asked]
    assert numbers == list(range(5, 5 + 2 * sweeps.TURN))
    assert {len(asked) for _, asked in hosts.asked} <= {sweeps.LARGEST, sweeps.TURN % sweeps.LARGEST}


@pytest.mark.parametrize("subjects", [(GO,), (GO, MODEL), (MODEL,)])
def test_two_native_subjects_sweep(subjects: tuple[Subject, ...]) -> None:
    """One native subject alone differs from nothing."""
    assert not made(LRU, Hosts(*subjects), in_seconds=True).is_due(100, 8.0)
    assert made(LRU, Hosts(GO, RUST, MODEL), in_seconds=True).is_due(100, 8.0)


def test_what_is_left_to_python_is_never_due() -> None:
    """A contract that the native search does not draw has no sweeps."""
    one = made(READS, Hosts(GO, RUST), in_seconds=True)

    assert one.why_not is not None
    assert not one.is_due(100, 8.0)


def test_pools_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some traces a plan with pools has new ones; a plan without pools stays."""
    monkeypatch.setattr(sweeps, "POOLED", sweeps.SMALLEST)
    with_pools, without = Hosts(GO, RUST), Hosts(GO, RUST)

    for schema, hosts in ((EVERY, with_pools), (LRU, without)):
        one = made(schema, hosts, in_seconds=True)
        for _ in range(3):
            one.next(sweeps.SMALLEST, 100)

    assert len({digest for digest, _ in with_pools.asked}) == 3
    assert len({digest for digest, _ in without.asked}) == 1


def test_all_traces_of_a_sweep_are_run_again_after_a_death() -> None:
    """A death leaves nothing settled, and the next sweep is smaller."""
    hosts = Hosts(GO, RUST)
    hosts.dies = True
    one = made(LRU, hosts, in_seconds=False)
    assert one.is_due(sweeps.TURN, 0.0)

    first, second = (one.next(None, sweeps.TURN) for _ in range(2))

    assert (len(first.again), first.is_counted) == (sweeps.LARGEST, False)
    assert len(second.again) == sweeps.LARGEST // 4
    (death,) = first.unconfirmed()
    assert (death.subject, death.number, len(death.traces)) == ("go", 0, sweeps.LARGEST)


def test_a_crowded_sweep_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """After sweeps in which nearly all traces differ, more and more traces are drawn here first."""
    monkeypatch.setattr(sweeps, "SOON_S", math.inf)  # so that the next sweep is always larger
    hosts = Hosts(GO, RUST)
    hosts.differs = True
    one = made(LRU, hosts, in_seconds=True)

    first = one.next(200, 100)
    assert (len(first.again), first.is_counted) == (16, True)
    for size in (32, 64):
        crowded = one.next(200, 100)
        assert len(crowded.again) == min(size, sweeps.CROWDED)
    assert not crowded.is_counted
    assert not one.is_due(100 + sweeps.REST - 1, 8.0)
    assert one.is_due(100 + sweeps.REST, 8.0)


def test_a_slow_model_does_not_take_the_time_of_sweeps() -> None:
    """Where time is limited, it runs no traces as long as it has taken longer than the hosts."""
    limited, counted = (
        made(RECONCILE, Hosts(GO, RUST, MODEL), in_seconds=in_seconds, model=ReconcileModel)
        for in_seconds in (True, False)
    )

    assert counted.is_due(sweeps.TURN, 0.0)
    for one, often in (limited, False), (counted, True):
        assert one.next(sweeps.SMALLEST, 100).again
        one.add_seconds(100.0)
        assert bool(one.next(sweeps.SMALLEST, 100).again) is often
