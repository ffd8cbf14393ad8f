"""Campaigns whose hosts, workers and brokers are killed: nothing is lost, doubled or left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
import tiny
from processes import children, command_of, kill, left_behind
from test_kills import DRIFTCHECK, LONGEST_S, ended, saved, started

from driftcheck.campaign.corpus import FOLDER, Corpus
from driftcheck.campaign.events import FOLDER as RECORDS
from driftcheck.contract.declare import schema_of
from driftcheck.findings.case import read_as_far_as_it_fits
from driftcheck.oracle import checks
from driftcheck.values.json_text import read_json

HOST = "driftcheck_bindings.host"
WORKER = "driftcheck.campaign.worker"
CAMPAIGN = ["campaign", "tiny:Tiny", "--workers", "2", "--seed", "3", "--no-coverage"]
FAULTS = {tiny.VARIABLE: "outside,query,law"}
FINDINGS = {one.code for one in (checks.OUTSIDE_TYPE, checks.QUERY_CHANGED_STATE, checks.LAW)}
SOON_S = 60.0  # for what an idle machine has in seconds: workers, and the findings of FAULTS


def events(folder: Path) -> list[dict[str, object]]:
    """Return the events of all campaigns in a folder; each line but the last of a campaign is whole."""
    found = []
    for path in sorted((folder / RECORDS).glob("*.ndjson")):
        found += [json.loads(line) for line in path.read_text().splitlines()]
    return found


def is_whole(folder: Path) -> int:
    """Check that each trace of the corpus can be read; return how many there are."""
    corpus = Corpus(folder, "tiny")
    for name in corpus.entries:
        read_as_far_as_it_fits(schema_of(tiny.Tiny), read_json(corpus.folder / name))
    return len(corpus)


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


@pytest.mark.parametrize("word", [WORKER, HOST], ids=["worker", "host"])
@pytest.mark.parametrize(("seed", "kills"), [(0, 3), pytest.param(1, 100, marks=pytest.mark.nightly)])
def test_a_campaign_outlives_its_workers_and_hosts(word: str, seed: int, kills: int, tmp_path: Path) -> None:
    """It ends with all its findings, each once; a dead worker's turn is counted and given again."""
    random = Random(seed)
    killed = 0
    with started(tmp_path, [*DRIFTCHECK, *CAMPAIGN], **FAULTS) as process:
        while killed < kills:
            time.sleep(random.uniform(0.1, 1.5))
            killed += kill(random.choice(working(process, word)), word)
        until = time.monotonic() + SOON_S
        while len({case.signature.check for case in saved(tmp_path)} & FINDINGS) < len(FINDINGS):
            assert time.monotonic() < until, saved(tmp_path)
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=LONGEST_S)
        assert process.returncode == 1, printed

    found = events(tmp_path)
    deaths = [event for event in found if event["event"] == "death"]
    assert (len(deaths) > 0) == (word == WORKER)
    assert once([event["signature"] for event in found if event["event"] == "finding"])
    assert found[-1]["event"] == "end"
    assert is_whole(tmp_path) > 0
    assert half_written(tmp_path) == []
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("seed", "kills"), [(0, 3), pytest.param(1, 100, marks=pytest.mark.nightly)])
def test_a_killed_broker_leaves_a_whole_corpus(seed: int, kills: int, tmp_path: Path) -> None:
    """No process outlives it, no entry and no case is lost, and the next campaign goes on from there."""
    random = Random(seed)
    entries, cases = 0, set()
    for _ in range(kills):
        with started(tmp_path, [*DRIFTCHECK, *CAMPAIGN], **FAULTS) as process:
            working(process, WORKER)
            time.sleep(random.uniform(0.5, 5.0))
            assert process.poll() is None, process.communicate()[0]
            process.kill()
            process.wait()
            assert left_behind(tmp_path) == []
        assert is_whole(tmp_path) >= entries // 2  # the start of a campaign minimises
        entries = is_whole(tmp_path)
        assert cases <= (cases := {case.path.name for case in saved(tmp_path)})

    code, printed = ended(tmp_path, *CAMPAIGN, "--max-time", "1s")
    found = events(tmp_path)
    assert code in (0, 1), printed  # the model has no faults any more
    assert once([event["signature"] for event in found if event["event"] == "finding"])
    assert found[-1]["event"] == "end"
    assert half_written(tmp_path) == []
    assert left_behind(tmp_path) == []
    assert os.listdir(tmp_path / FOLDER) == ["tiny"]
