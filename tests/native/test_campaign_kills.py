"""Campaigns whose hosts, workers and brokers are killed: nothing is lost, doubled or left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import attrs
import pytest
import tiny
from processes import children, command_of, kill, left_behind
from test_kills import DRIFTCHECK, LONGEST_S, saved, started

from driftcheck import Contract, schema_of
from driftcheck.build import build_all
from driftcheck.campaign.blocks import of_blocks
from driftcheck.campaign.corpus import FOLDER, Corpus
from driftcheck.campaign.events import FOLDER as RECORDS
from driftcheck.findings.case import read_as_far_as_it_fits
from driftcheck.oracle import checks
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import for_coverage
from driftcheck.values.json_text import read_json
from driftcheck_contracts.lru import Lru

HOST = "driftcheck_bindings.host"
WORKER = "driftcheck.campaign.worker"


@attrs.frozen
class Searched:
    """A contract, and what a campaign shows within seconds."""

    cls: type[Contract]
    faults: Mapping[str, str]  # in the environment of the campaign
    checks: frozenset[str]  # the codes of the findings
    coverage: bool = False

    @property
    def name(self) -> str:
        """Return its name in a corpus."""
        return schema_of(self.cls).name

    @property
    def campaign(self) -> list[str]:
        """Return the arguments of a campaign."""
        contract = f"{self.cls.__module__}:{self.cls.__qualname__}"
        words = ["campaign", contract, "--workers", "2", "--seed", "3"]
        return words if self.coverage else [*words, "--no-coverage"]

    def build(self) -> None:
        """Build its subjects, so that a campaign has the builds for coverage from its start."""
        sources = SessionSettings(Path.cwd()).sources(self.cls)
        build_all([*sources, *(map(for_coverage, sources) if self.coverage else ())], schema_of(self.cls))


_OF_TINY = frozenset(one.code for one in (checks.OUTSIDE_TYPE, checks.QUERY_CHANGED_STATE, checks.LAW))
TINY = Searched(tiny.Tiny, {tiny.VARIABLE: "outside,query,law"}, _OF_TINY)
COVERED = Searched(Lru, {}, frozenset(), coverage=True)  # its subjects agree
MOST_LOST = 0.05  # of the behaviours that a corpus has ever shown
SOON_S = 60.0  # for what an idle machine has in seconds: workers, and what a campaign shows


def events(folder: Path) -> list[dict[str, object]]:
    """Return the events of all campaigns in a folder; each line but the last of a campaign is whole."""
    found = []
    for path in sorted((folder / RECORDS).glob("*.ndjson")):
        found += [json.loads(line) for line in path.read_text().splitlines()]
    return found


def is_whole(folder: Path, searched: Searched) -> int:
    """Check that each trace of the corpus can be read; return how many entries there are."""
    corpus = Corpus(folder, searched.name)
    for entry in corpus.entries.values():
        if not entry.is_document:
            read_as_far_as_it_fits(schema_of(searched.cls), read_json(corpus.folder / entry.name))
    return len(corpus)


def has_shown(folder: Path, searched: Searched) -> bool:
    """Say whether a campaign has saved each finding, and with coverage also which blocks its corpus ran."""
    found = {case.signature.check for case in saved(folder)}
    ran = of_blocks(Corpus(folder, searched.name).things)
    return searched.checks <= found and bool(ran) == searched.coverage


def half_written(folder: Path) -> list[Path]:
    """List the temporary files of a campaign in a folder."""
    return [*folder.glob("scratch/*"), *(folder / FOLDER).glob("**/.*"), *folder.glob("cases/*/.*")]


def working(process: subprocess.Popen[str], word: str) -> list[int]:
    """Return the processes below a campaign whose command has a word, once there are any."""
    until = time.monotonic() + SOON_S
    while True:
        found = [pid for pid in children(process.pid) if word in command_of(pid)]
        if found:
            return found
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.05)


def once(signatures: Sequence[object]) -> bool:
    """Say whether no signature occurs twice."""
    return len(signatures) == len({json.dumps(one, sort_keys=True) for one in signatures})


KILLED = pytest.mark.parametrize(
    ("searched", "seed", "kills"),
    [
        pytest.param(TINY, 0, 3, id="few"),
        pytest.param(TINY, 1, 100, marks=pytest.mark.nightly, id="many"),
        pytest.param(COVERED, 2, 30, marks=pytest.mark.nightly, id="coverage"),
    ],
)


@pytest.mark.parametrize("word", [WORKER, HOST], ids=["worker", "host"])
@KILLED
def test_a_campaign_outlives_its_workers_and_hosts(
    word: str, searched: Searched, seed: int, kills: int, tmp_path: Path
) -> None:
    """It ends with all its findings, each once; a dead worker's turn is counted and given again."""
    searched.build()
    random = Random(seed)
    killed = 0
    with started(tmp_path, [*DRIFTCHECK, *searched.campaign], **searched.faults) as process:
        while killed < kills:
            time.sleep(random.uniform(0.1, 1.5))
            killed += kill(random.choice(working(process, word)), word)
        until = time.monotonic() + SOON_S
        while not has_shown(tmp_path, searched):
            assert time.monotonic() < until, saved(tmp_path)
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=LONGEST_S)
        assert process.returncode == (1 if searched.checks else 130), printed

    found = events(tmp_path)
    deaths = [event for event in found if event["event"] == "death"]
    assert (len(deaths) > 0) == (word == WORKER)
    assert once([event["signature"] for event in found if event["event"] == "finding"])
    assert found[-1]["event"] == "end"
    assert is_whole(tmp_path, searched) > 0
    assert has_shown(tmp_path, searched)
    assert half_written(tmp_path) == []
    assert left_behind(tmp_path) == []


@KILLED
def test_a_killed_broker_leaves_a_whole_corpus(
    searched: Searched, seed: int, kills: int, tmp_path: Path
) -> None:
    """No process outlives it, no behaviour and no case is lost, and the next campaign goes on from there."""
    searched.build()
    random = Random(seed)
    shown, cases = set(), set()
    for _ in range(kills):
        with started(tmp_path, [*DRIFTCHECK, *searched.campaign], **searched.faults) as process:
            working(process, WORKER)
            time.sleep(random.uniform(0.5, 5.0))
            assert process.poll() is None, process.communicate()[0]
            process.kill()
            process.wait()
            assert left_behind(tmp_path) == []
        is_whole(tmp_path, searched)
        shown |= Corpus(tmp_path, searched.name).things
        assert cases <= (cases := {case.path.name for case in saved(tmp_path)})

    last = [*searched.campaign, "--max-time", "10s" if searched.coverage else "1s"]
    with started(tmp_path, [*DRIFTCHECK, *last], **searched.faults) as process:
        printed, _ = process.communicate(timeout=LONGEST_S)
    found = events(tmp_path)
    assert process.returncode == (1 if searched.checks else 0), printed
    assert is_whole(tmp_path, searched) > 0
    lost = shown - Corpus(tmp_path, searched.name).things  # how often some blocks run varies
    assert len(lost) <= MOST_LOST * len(shown), lost
    assert once([event["signature"] for event in found if event["event"] == "finding"])
    assert found[-1]["event"] == "end"
    assert half_written(tmp_path) == []
    assert left_behind(tmp_path) == []
    assert os.listdir(tmp_path / FOLDER) == [searched.name]
