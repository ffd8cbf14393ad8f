"""Campaigns of the contracts that ship, on their real subjects, and a planted fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import faulty
import pytest

from driftcheck import schema_of
from driftcheck.build import build_all
from driftcheck.campaign import limits
from driftcheck.campaign.blocks import of_blocks
from driftcheck.campaign.broker import Broker, Search
from driftcheck.campaign.corpus import FOLDER, Candidate, Corpus, opened
from driftcheck.campaign.events import last_campaign
from driftcheck.campaign.limits import Limits
from driftcheck.contract import lookup
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import for_coverage

SUBJECTS = Path(__file__).parents[1] / "subjects"


def campaign(
    root: Path, names: list[str], seconds: float, *subjects: str, seed: int = 1, coverage: bool = False
) -> Broker:
    """Build everything, and run a campaign with two workers."""
    settings = SessionSettings.from_project(root, subjects=subjects, extend=load_plugins().extended)
    contracts = {name: lookup.load_named(name) for name in names}
    for contract in contracts.values():  # a campaign ends the builds that go on when its time is over
        sources = settings.sources(contract)
        build_all([*sources, *(map(for_coverage, sources) if coverage else ())], schema_of(contract))
    search = Search(settings, load_plugins(), seed, 2, coverage=coverage)
    broker = Broker(contracts, search, Limits(seconds))
    broker.run(lambda: False)
    return broker


def kinds(root: Path, contract: str) -> set[tuple[str, bool]]:
    """Return the operations that entries of a stateless contract show, and whether these are documents."""
    entries = Corpus(root, contract).entries.values()
    return {(thing.partition(" ")[0], entry.is_document) for entry in entries for thing in entry.shows}


@pytest.mark.nightly
def test_two_contracts_with_real_subjects(tmp_path: Path) -> None:
    """Two workers search both, and what was new is kept of both.

    The caches of `lru` agree. The asymmetries of `time` cover what its libraries do, also with a document
    that is odd in several ways at once, as mutated documents of the corpus are.
    """
    broker = campaign(tmp_path, ["lru", "time"], 8.0)

    lru, time_ = broker.states["lru"], broker.states["time"]
    assert [one.finding.signature for state in (lru, time_) for one in state.new] == []
    assert len(lru.descriptions) == 3
    assert lru.statistics.traces > 20
    assert time_.statistics.traces > 20
    assert len(Corpus(tmp_path, "lru")) > 3
    assert len(Corpus(tmp_path, "time")) > 3
    assert kinds(tmp_path, "time") == {("parse", True), ("add", False), ("compare", False), ("show", False)}


@pytest.mark.nightly  # its inputs depend on the time, and any of them may show a difference that nobody knows
def test_json_and_cbor_show_nothing_new(tmp_path: Path) -> None:
    """Their asymmetries cover what their libraries do, with documents that were mutated more than once."""
    broker = campaign(tmp_path, ["json", "cbor"], 60.0)

    for name in ("json", "cbor"):
        state = broker.states[name]
        assert [one.finding.signature for one in state.new] == []
        assert state.statistics.traces > 20
        assert any(is_document for _, is_document in kinds(tmp_path, name))


@pytest.mark.nightly
def test_workers_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a turn of some seconds, the hosts draw most traces themselves."""
    monkeypatch.setattr(limits, "TURNS_OF_A_CAMPAIGN", 1)
    statistics = campaign(tmp_path, ["lru"], 5.0).states["lru"].statistics

    assert statistics.swept > statistics.drawn > 0


def test_a_second_night_begins_where_the_first_ended(tmp_path: Path) -> None:
    """After its first turn it has shown what the first one had shown at its end."""
    campaign(tmp_path, ["lru"], 6.0)
    before = Corpus(tmp_path, "lru").things
    second = campaign(tmp_path, ["lru"], 0.001, seed=2)

    after = Corpus(tmp_path, "lru").things
    assert second.states["lru"].turns == 1
    assert len(after) >= 0.95 * len(before)
    assert second.states["lru"].new_entries == 0


def test_coverage_guides_a_campaign(tmp_path: Path) -> None:
    """What runs new code of either side is kept, and a later campaign keeps it also without coverage."""
    first = campaign(tmp_path, ["lru"], 8.0, coverage=True)
    ran = of_blocks(Corpus(tmp_path, "lru").things)
    campaign(tmp_path, ["lru"], 0.001, seed=2)

    assert first.states["lru"].blocks.keys() == {"go", "rust"}
    for name, (reached, most) in first.states["lru"].blocks.items():
        assert 0.5 * most < reached <= most
        blocks = {thing.rpartition(":")[2].split()[0] for thing in ran if f" {name} " in thing}
        assert len(blocks) >= 0.9 * reached
    assert of_blocks(Corpus(tmp_path, "lru").things) == ran


@pytest.mark.nightly
def test_a_planted_fault_is_found_once(tmp_path: Path) -> None:
    """Two workers see a fault of the Go subject, and keep one case of it."""
    path = os.pathsep.join([str(SUBJECTS), *sys.path])
    words = [
        "campaign",
        "faulty:Faulty",
        "--workers",
        "2",
        "--max-time",
        "10s",
        "--seed",
        "1",
        "--json",
        "--no-coverage",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "from driftcheck.cli import main; main()", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, faulty.VARIABLE: "get_cuts_zero"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    (data,) = json.loads(done.stdout)
    assert [one["check"] for one in data["findings"]] == ["D103 value"]
    assert sorted(one["case"] for one in data["findings"]) == sorted(
        str(case.relative_to(tmp_path)) for case in tmp_path.glob("cases/*/*.json")
    )


@pytest.mark.parametrize("kind", ["traces", "documents"])
def test_what_does_not_fit_any_more_is_dropped(kind: str, tmp_path: Path) -> None:
    """After an upgrade of the contract the rest of the corpus stays; what was dropped is counted."""
    with opened(tmp_path, "lru") as corpus:
        corpus.add(Candidate(kind, b'{"steps":[{"operation":"fly"}]}', frozenset({"flies"})))
        fits = b'{"opening":{"capacity":1},"steps":[{"operation":"walk"},{"operation":"fly"}]}'
        corpus.add(Candidate("traces", fits, frozenset({"walks"})))
    broker = campaign(tmp_path, ["lru"], 0.001)

    assert broker.states["lru"].misfits == 1
    assert [*Corpus(tmp_path, "lru").entries] == [Candidate("traces", fits, frozenset()).name]


def test_a_broken_file_in_the_corpus_is_dropped(tmp_path: Path) -> None:
    """A file that is no trace ends nothing."""
    folder = tmp_path / FOLDER / "lru" / "traces"
    folder.mkdir(parents=True)
    (folder / "0123456789abcdef.json").write_text("[1, 2")
    broker = campaign(tmp_path, ["lru"], 0.001)

    assert broker.states["lru"].misfits == 1
    assert last_campaign(tmp_path) is not None
