"""Two caches and a model agree, everywhere that the contract leads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from transcript import transcript

from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.self_consistency import examine_self_consistency
from driftcheck.search.session import open_session
from driftcheck.search.unexercised import not_exercised
from driftcheck_contracts.lru import Lru

STEPS = 50
SEED = 0
ALL = pytest.param(20_000, marks=pytest.mark.nightly)


@pytest.mark.parametrize("count", [500, ALL])
def test_the_caches_agree(count: int) -> None:
    """Go, Rust and the model answer alike to traces of fifty steps, and nothing is left unexercised."""
    with open_session(Lru) as session:
        assert len(session.lockstep.subjects) == 3
        result = explore(session, Budget(max_traces=count), seed=SEED, max_steps=STEPS)

    statistics = result.statistics
    assert result.findings == ()
    assert not_exercised(session.schema, statistics).items == ()
    assert statistics.traces == count
    assert statistics.steps > 0.99 * count * STEPS
    assert statistics.deaths == statistics.not_judged == 0


@pytest.mark.parametrize("count", [200, ALL])
@pytest.mark.parametrize("subject", ["go", "rust", "model"])
def test_each_cache_agrees_with_itself(subject: str, count: int) -> None:
    """In two hosts of one subject, each trace gives the same, the second time as the first."""
    with open_session(Lru, only=(subject,)) as session:
        assert examine_self_consistency(session, seed=SEED, max_traces=count) is None


def test_the_same_seed_gives_the_same_transcript() -> None:
    """Each reply is the same to the byte: again in the same hosts, and in another process."""
    arguments = [sys.executable, Path(__file__).with_name("transcript.py"), str(SEED), "200"]
    with open_session(Lru) as session:
        first, again = (transcript(session, seed=SEED, count=200) for _ in range(2))
        other = transcript(session, seed=SEED + 1, count=200)
    elsewhere = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.strip()

    assert first == again == elsewhere
    assert first != other
