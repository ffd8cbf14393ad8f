"""Seeds: fixed by each contract unless given, printed, honoured, and different in each shard."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
import tiny
from inner import RunPytest, saved, seed_in

from driftcheck import schema_of
from driftcheck.plugins import Registry
from driftcheck.search.settings import SessionSettings
from driftcheck.testing.jobs import Job
from driftcheck.testing.settings import Settings
from driftcheck_contracts.lru import Lru


def job(kind: str, what: str, seed: int) -> Job:
    """Return a job of the contract `tiny`."""
    settings = Settings(SessionSettings(Path()), seed, 2, 100, None, None)
    return Job(kind, what, tiny.Tiny, settings, Registry())  # type: ignore[arg-type] # the kinds are listed below


def test_no_two_items_draw_the_same() -> None:
    """Shards, laws and self-runs have seeds of their own, which the run's seed gives."""
    items = [("shard", "0"), ("shard", "1"), ("law", "reads_alike"), ("self", "model")]
    corpus = {job(kind, what, seed).seed for kind, what in items for seed in (1, 2)}

    assert len(corpus) == 8
    assert job("shard", "0", 1).seed == job("shard", "0", 1).seed


def test_shards_share_the_traces() -> None:
    """All of them together run as many as were asked for."""
    settings = Settings(SessionSettings(Path()), 1, 3, 100, None, None)

    assert sum(Job("shard", str(n), tiny.Tiny, settings, Registry()).share for n in range(3)) == 100


def test_a_contract_has_its_seed() -> None:
    """Every run draws the same, so that only a change of the contract can bring an old, rare bug to light."""
    unset = Settings(SessionSettings(Path()), None, 2, 100, None, None)
    tiny_schema, lru_schema = schema_of(tiny.Tiny), schema_of(Lru)

    assert unset.seed_of(tiny_schema) == unset.seed_of(tiny_schema)
    assert unset.seed_of(tiny_schema) != unset.seed_of(lru_schema)
    assert unset.seed_of(attrs.evolve(tiny_schema, doc="another text")) != unset.seed_of(tiny_schema)


@pytest.mark.nightly
def test_runs_without_a_seed_are_the_same(run_pytest: RunPytest) -> None:
    """The header says so, and the closing section gives the seed, which repeats the run."""
    first, second = run_pytest("-k", "shard"), run_pytest("-k", "shard")

    first.stdout.fnmatch_lines(["driftcheck: seed fixed by each contract"])
    printed = [
        re.findall(r"^tiny: .* seed (\d+)$", one.stdout.str(), re.MULTILINE) for one in (first, second)
    ]
    assert printed[0] == printed[1]
    assert len(printed[0]) == 1


def test_the_same_seed_gives_the_same_finding(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """A run is repeated by its seed, to the same files, byte for byte."""
    found = []
    for _ in range(2):
        run_pytest("-k", "shard", "--driftcheck-seed=11", faults="outside,query")
        found.append({p.name: p.read_text() for p in (pytester.path / "cases" / "tiny").iterdir()})
        for path in (pytester.path / "cases" / "tiny").iterdir():
            path.unlink()

    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_an_ini_key_sets_the_seed_and_an_option_goes_before_it(
    run_pytest: RunPytest, pytester: pytest.Pytester
) -> None:
    """The header says which seed counts."""
    pytester.makeini("[pytest]\ndriftcheck_seed = 5\n")

    assert seed_in(run_pytest("--collect-only", ends_early=True)) == 5
    assert seed_in(run_pytest("--collect-only", "--driftcheck-seed=0", ends_early=True)) == 0


@pytest.mark.nightly
def test_workers_are_told_the_seed(run_pytest: RunPytest, pytester: pytest.Pytester) -> None:
    """What failed under xdist says which run to repeat, with how many workers."""
    result = run_pytest("-n", "2", "-k", "shard", "--driftcheck-seed=17", faults="query")

    result.stdout.fnmatch_lines(["driftcheck: seed 17", "seed: --driftcheck-seed 17 -n 2"])
    assert saved(pytester.path) == ["query-changed-state-read"]
