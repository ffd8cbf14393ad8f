"""Hosts, workers and whole runs that are killed: what is saved is whole, and nothing stays behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
import tiny
from processes import children, command_of, kill, left_behind

from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.findings import keep
from driftcheck.findings.case import Case, load
from driftcheck.oracle import checks
from driftcheck.search.budget import Budget
from driftcheck.search.explore import Explored, explore
from driftcheck.search.observer import Observer
from driftcheck.search.session import open_session
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru

HOST = "driftcheck_bindings.host"
WORKER = "sys.stdin.readline"  # as execnet starts it
SUBJECTS = Path(tiny.__file__).parents[1]
SCHEMAS: Mapping[str, Schema] = {s.name: s for s in map(schema_of, (JsonContract, Lru, tiny.Tiny))}
DRIFTCHECK = [sys.executable, "-c", "from driftcheck.cli import main; main()"]
FINDING = ["run", "json", "--ignore-asymmetries"]  # a run that finds something several times a second


@contextmanager
def started(folder: Path, command: Sequence[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a folder; kill it if the test does not end it."""
    path = os.pathsep.join([str(SUBJECTS), *sys.path])
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run driftcheck in a folder to its end; return its exit code and what it printed."""
    with started(folder, [*DRIFTCHECK, *arguments]) as process:
        printed, _ = process.communicate(timeout=100)
        return process.returncode, printed


def saved(folder: Path) -> list[Case]:
    """Read all cases; raises CaseError if one is incomplete."""
    return [load(path, SCHEMAS.__getitem__) for path in sorted(folder.glob("cases/*/*.json"))]


def while_hosts_are_killed(random: Random, kills: int) -> Explored:
    """Explore `lru` while its hosts are killed, one after the other, and a little longer."""
    killed: list[int] = []
    ended = threading.Event()

    def killing() -> None:
        while len(killed) < kills and not ended.wait(random.uniform(0.02, 0.6)):
            hosts = [pid for pid in children(os.getpid()) if pid not in killed]
            if hosts and kill(victim := random.choice(hosts), HOST):
                killed.append(victim)
        ended.wait(0.5)
        ended.set()

    with open_session(Lru, only=("go", "rust")) as session:
        killer = threading.Thread(target=killing)
        killer.start()
        try:
            seed = random.randrange(2**32)
            return explore(session, Budget(), seed=seed, observer=Observer(interrupted=ended.is_set))
        finally:
            ended.set()
            killer.join()


@pytest.mark.parametrize(("seed", "kills"), [(0, 6), pytest.param(1, 100, marks=pytest.mark.nightly)])
def test_a_killed_host_is_a_flaky_death(seed: int, kills: int, tmp_path: Path) -> None:
    """The run goes on, and reports once for each subject that it died and did not die again."""
    result = while_hosts_are_killed(Random(seed), kills)

    assert result.ended_by == "interrupt"
    assert result.hosts_spent > kills
    assert 1 <= len(result.findings) <= 2
    for finding in result.findings:
        assert finding.is_flaky
        assert finding.batch
        assert finding.divergence.check == checks.CRASH
        assert finding.divergence.evidence is not None
        assert finding.divergence.evidence.signal == signal.SIGKILL
        keep.save(finding, SCHEMAS["lru"], tmp_path)
    batches = {case.signature: case.batch for case in saved(tmp_path)}
    assert batches == {finding.signature: finding.batch for finding in result.findings}


@pytest.mark.parametrize(("seed", "kills"), [(0, 2), pytest.param(1, 40, marks=pytest.mark.nightly)])
def test_a_killed_run_leaves_whole_cases(seed: int, kills: int, tmp_path: Path) -> None:
    """Each case can be read, no host is left, and the next run ends as usual."""
    random = Random(seed)
    for _ in range(kills):
        with started(tmp_path, [*DRIFTCHECK, *FINDING]) as process:
            time.sleep(random.uniform(0.5, 2.5))
            assert process.poll() is None
            process.kill()
            process.wait()
            assert left_behind(tmp_path) == []
        saved(tmp_path)

    before = {case.signature for case in saved(tmp_path)}
    code, printed = ended(tmp_path, *FINDING, "--max-traces", "25")
    assert code == 1, printed
    assert before < {case.signature for case in saved(tmp_path)} or len(before) >= 16
    assert not list(tmp_path.glob("cases/*/.*"))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("seed", "kills"), [(0, 1), pytest.param(1, 20, marks=pytest.mark.nightly)])
def test_a_killed_worker_leaves_whole_cases(seed: int, kills: int, tmp_path: Path) -> None:
    """Each case can be read, no process is left, and pytest reports the crash."""
    random = Random(seed)
    (tmp_path / "test_tiny.py").write_text(
        "import driftcheck\nfrom tiny import Tiny\n\ntest_tiny = driftcheck.test(Tiny)\n"
    )
    pytest_2 = [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider"]
    endless = ["--driftcheck-traces=1000000", "--driftcheck-max-time=1.5s"]
    for _ in range(kills):
        with started(tmp_path, [*pytest_2, *endless], **{tiny.VARIABLE: "outside,query,law"}) as process:
            while not any(HOST in command_of(pid) for pid in children(process.pid)):
                time.sleep(0.05)  # xdist itself does not outlive a worker that is killed as it starts
            time.sleep(random.uniform(0.0, 1.5))
            workers = sorted(pid for pid in children(process.pid) if WORKER in command_of(pid))
            assert kill(random.choice(workers), WORKER)
            printed, _ = process.communicate(timeout=100)
            assert process.returncode == 1, printed
            assert "crashed" in printed
            assert left_behind(tmp_path) == []
        saved(tmp_path)

    assert saved(tmp_path)
    with started(tmp_path, [*pytest_2, "--driftcheck-traces=200"]) as process:
        printed, _ = process.communicate(timeout=100)
    assert process.returncode == 0, printed
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "lru"], 130, "interrupted: no divergence"),
        (FINDING, 1, r"interrupted: \d+ divergences?"),
    ],
    ids=["without findings", "with findings"],
)
def test_an_interrupted_run_is_closed(arguments: list[str], code: int, words: str, tmp_path: Path) -> None:
    """Ctrl-C ends a run with its summary and its cases; the exit code says whether there were findings."""
    with started(tmp_path, [*DRIFTCHECK, *arguments, "--verbose"]) as process:
        while not any(HOST in command_of(pid) for pid in children(process.pid)):
            time.sleep(0.05)  # before, there is no run that could be closed
        time.sleep(0.5)  # and the first finding
        while code == 1 and not saved(tmp_path):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=30)

    assert process.returncode == code, printed
    assert re.search(f"^{words} in ", printed, re.MULTILINE)
    assert "ended by interrupt" in printed
    assert {f"cases/{case.path.parent.name}/{case.path.name}" for case in saved(tmp_path)} == set(
        re.findall(r"^  D.*: (?:driftcheck replay )?(cases/.*)$", printed, re.MULTILINE)
    )
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "code"), [(["run", "lru"], 0), (FINDING, 1)], ids=["agreement", "findings"]
)
def test_a_run_that_is_out_of_time_is_closed(arguments: list[str], code: int, tmp_path: Path) -> None:
    """It ends with its summary and its cases; the exit code says whether there were findings."""
    found, printed = ended(tmp_path, *arguments, "--max-time", "1.5s", "--verbose")

    assert found == code, printed
    assert "ended by time" in printed
    assert bool(saved(tmp_path)) == bool(code)
    assert left_behind(tmp_path) == []
