"""Hosts, builds, workers and whole runs that are killed: what is saved is whole, and nothing stays behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import deadly
import pytest
import tiny
from processes import children, command_of, kill, left_behind

from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Step, Trace
from driftcheck.findings import keep
from driftcheck.findings.case import Case, load
from driftcheck.findings.finding import Finding
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.observer import Observer
from driftcheck.search.session import open_session
from driftcheck.subjects.host import Host
from driftcheck_contracts.json import JsonContract
from driftcheck_contracts.lru import Lru

HOST = "driftcheck_bindings.host"
WORKER = "sys.stdin.readline"  # as execnet starts it
SUBJECTS = Path(tiny.__file__).parents[1]
SCHEMAS: Mapping[str, Schema] = {s.name: s for s in map(schema_of, (JsonContract, Lru, tiny.Tiny))}
DRIFTCHECK = [sys.executable, "-c", "from driftcheck.cli import main; main()"]
# A run that finds something several times a second.
FINDING = ["run", "json", "--subject", "go", "--subject", "serde", "--ignore-asymmetries"]
LONGEST_S = 300.0  # for a program that takes seconds on an idle machine, and more on a busy one


@contextmanager
def started(folder: Path, command: Sequence[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a folder, where its temporary files are too; kill it if the test does not end it."""
    path = os.pathsep.join([str(folder), str(SUBJECTS), *sys.path])
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(scratch), **environment},
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
        printed, _ = process.communicate(timeout=LONGEST_S)
        return process.returncode, printed


def saved(folder: Path) -> list[Case]:
    """Read all cases; raises CaseError if one is incomplete."""
    return [load(path, SCHEMAS.__getitem__) for path in sorted(folder.glob("cases/*/*.json"))]


def temporary(folder: Path) -> list[Path]:
    """List the temporary files that are left in a folder; pytest keeps a folder of its own."""
    patterns = ("scratch/*", "**/.driftcheck/*", "**/*.new", "cases/*/.*")
    known = ("pytest-of-", "build", "lock", "sdk", "last-run")
    found = [path for pattern in patterns for path in folder.glob(pattern)]
    return [path for path in found if not path.name.startswith(known)]


def wait_for_host(process: subprocess.Popen[str]) -> None:
    """Wait until a run has started a host."""
    until = time.monotonic() + LONGEST_S
    while not any(HOST in command_of(pid) for pid in children(process.pid)):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.05)


def while_hosts_are_killed(
    contract: type, random: Random, kills: int, kept: Callable[[Finding], None]
) -> Explored:
    """Explore a contract while its hosts and their supervisors are killed, and a little longer."""
    killed: list[int] = []
    ended = threading.Event()

    def killing() -> None:
        while len(killed) < kills and not ended.wait(random.uniform(0.02, 0.6)):
            hosts = [pid for pid in children(os.getpid()) if pid not in killed]
            if hosts and kill(victim := random.choice(hosts), HOST):
                killed.append(victim)
        ended.wait(0.5)
        ended.set()

    only = {Lru: ("go", "rust"), JsonContract: ("go", "serde")}[contract]
    with open_session(contract, only=only, ignore_asymmetries=True) as session:
        killer = threading.Thread(target=killing)
        killer.start()
        try:
            seed = random.randrange(2**32)
            observer = Observer(finding=kept, interrupted=ended.is_set)
            return explore(session, Budget(), seed=seed, observer=observer)
        finally:
            ended.set()
            killer.join()


@pytest.mark.parametrize("contract", [Lru, JsonContract], ids=["without findings", "with findings"])
@pytest.mark.parametrize(("seed", "kills"), [(0, 6), pytest.param(1, 100, marks=pytest.mark.nightly)])
def test_a_killed_host_is_counted_and_is_no_finding(
    contract: type, seed: int, kills: int, tmp_path: Path
) -> None:
    """The run goes on, counts the kills, and keeps whole cases of what else it finds."""

    def kept(finding: Finding) -> None:
        keep.save(finding, schema_of(contract), tmp_path, lambda case: None)

    result = while_hosts_are_killed(contract, Random(seed), kills, kept)

    assert result.ended_by == "interrupt"
    assert 1 <= result.killed <= kills
    assert bool(result.findings) == (contract is JsonContract)
    evidence = [finding.divergence.evidence for finding in result.findings]
    assert not [one for one in evidence if one is not None and one.signal == signal.SIGKILL]
    assert {case.signature for case in saved(tmp_path)} == {f.signature for f in result.findings}
    assert temporary(tmp_path) == []


def test_a_host_that_is_killed_twice_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trace is run alone, where it does not end in that way again."""
    plain, kills = Host.send, iter([True, True])

    def send(host: Host, request: bytes) -> None:
        if host.description["language"] == "go" and next(kills, False):
            os.kill(host.pid, signal.SIGKILL)
        plain(host, request)

    monkeypatch.setattr(Host, "send", send)
    with open_session(Lru, only=("go", "rust")) as session:
        (execution,) = session.lockstep.run_all([Trace((Step("walk"),), (1,))])

        assert execution.is_equal
        assert session.lockstep.killed == 2
        assert session.lockstep.take_unconfirmed_deaths() == ()


@pytest.mark.parametrize(
    ("command", "seed", "kills"),
    [(["run", "tiny:Tiny"], 0, 2), pytest.param(FINDING, 1, 100, marks=pytest.mark.nightly)],
)
def test_a_killed_run_leaves_whole_cases(
    command: Sequence[str], seed: int, kills: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each case can be read, no host is left, and the next run ends as usual."""
    monkeypatch.setenv(tiny.VARIABLE, "outside,query,law")
    random = Random(seed)
    for _ in range(kills):
        with started(tmp_path, [*DRIFTCHECK, *command]) as process:
            time.sleep(random.uniform(0.5, 2.5))
            assert process.poll() is None
            process.kill()
            process.wait()
            assert left_behind(tmp_path) == []
        saved(tmp_path)

    before = {case.signature for case in saved(tmp_path)}
    code, printed = ended(tmp_path, *command, "--max-time", "2s")
    assert code == 1, printed
    assert before <= {case.signature for case in saved(tmp_path)}
    assert temporary(tmp_path) == []
    assert left_behind(tmp_path) == []


@pytest.mark.nightly
@pytest.mark.parametrize(("seed", "kills"), [(0, 1), pytest.param(1, 100, marks=pytest.mark.nightly)])
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
            wait_for_host(process)  # xdist itself does not outlive a worker that is killed as it starts
            time.sleep(random.uniform(0.0, 1.5))
            workers = sorted(pid for pid in children(process.pid) if WORKER in command_of(pid))
            assert kill(random.choice(workers), WORKER)
            printed, _ = process.communicate(timeout=LONGEST_S)
            assert process.returncode == 1, printed
            assert "crashed" in printed
            assert left_behind(tmp_path) == []
        saved(tmp_path)

    assert saved(tmp_path)
    with started(tmp_path, [*pytest_2, "--driftcheck-traces=200"]) as process:
        printed, _ = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, printed
    assert left_behind(tmp_path) == []
    assert temporary(tmp_path) == []


@pytest.mark.parametrize(
    ("language", "seed", "kills"),
    [
        ("go", 0, 2),
        pytest.param("go", 1, 100, marks=pytest.mark.nightly),
        pytest.param("rust", 2, 10, marks=pytest.mark.nightly),  # each is ten times as long
    ],
)
def test_a_killed_build_leaves_nothing(language: str, seed: int, kills: int, tmp_path: Path) -> None:
    """No compiler works on, and the next build succeeds and removes what the killed one has left."""
    random = Random(seed)
    package = tmp_path / "deadly"
    ignored = shutil.ignore_patterns(".*", "target", "__pycache__", {"go": "rust", "rust": "go"}[language])
    shutil.copytree(Path(deadly.__file__).parent, package, ignore=ignored)
    source = next(package.glob("*/adapter.go" if language == "go" else "*/src/lib.rs"))
    text = source.read_text()
    build = ["build", "deadly:Deadly"]
    code, printed = ended(tmp_path, *build)
    assert code == 0, printed
    was_at_work = 0
    for number in range(kills):
        source.write_text(f"{text}\n// {number}\n")  # so that the library is stale
        with started(tmp_path, [*DRIFTCHECK, *build]) as process:
            while process.poll() is None and not list(tmp_path.glob("**/.driftcheck/scratch")):
                time.sleep(0.01)
            time.sleep(random.uniform(0.0, 0.5))
            was_at_work += process.poll() is None
            process.kill()
            process.wait()
            assert left_behind(tmp_path) == []

    code, printed = ended(tmp_path, *build)
    assert code == 0, printed
    assert was_at_work >= max(1, kills // 4)
    assert temporary(tmp_path) == []
    assert left_behind(tmp_path) == []


def tool(script: str) -> list[str]:
    """Return a program that runs a tool, which is a script of the shell."""
    program = "import sys; from pathlib import Path; from driftcheck.build import tool\n"
    program += "tool.run(['sh', '-c', sys.argv[1]], cwd=Path.cwd(), env={})\n"
    return [sys.executable, "-c", program, script]


def test_a_tool_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """So does all that it has started, also in a session of its own."""
    script = "(setsid sleep 60 & sleep 60) > /dev/null 2>&1 & echo started > log; sleep 60"
    with started(tmp_path, tool(script)) as process:
        while not (tmp_path / "log").exists():
            time.sleep(0.05)
        process.kill()
        process.wait()

        assert left_behind(tmp_path) == []


def test_a_tool_may_leave_a_server_behind(tmp_path: Path) -> None:
    """What it leaves when it ends by itself may be for later builds."""
    with started(tmp_path, tool("sleep 60 > /dev/null 2>&1 & echo $! > server")) as process:
        assert process.wait(LONGEST_S) == 0

    assert kill(int((tmp_path / "server").read_text()), "sleep")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "lru"], 130, "interrupted: no divergence"),
        (FINDING, 1, r"interrupted: \d+ findings?(, \d+ root causes?)?"),
    ],
    ids=["without findings", "with findings"],
)
def test_an_interrupted_run_is_closed(arguments: list[str], code: int, words: str, tmp_path: Path) -> None:
    """Ctrl-C ends a run with its summary and its cases; the exit code says whether there were findings."""
    with started(tmp_path, [*DRIFTCHECK, *arguments, "--verbose"]) as process:
        wait_for_host(process)  # before, there is no run that could be closed
        time.sleep(3)  # on a busy machine the first inputs take that long, and then the first finding
        while code == 1 and not saved(tmp_path):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=LONGEST_S)

    assert process.returncode == code, printed
    assert re.search(f"^{words} in ", printed, re.MULTILINE)
    assert "ended by interrupt" in printed
    assert {f"cases/{case.path.parent.name}/{case.path.name}" for case in saved(tmp_path)} == set(
        re.findall(r"^  D.*: (?:driftcheck replay )?(cases/.*)$", printed, re.MULTILINE)
    )
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("faults", "code"), [("", 0), ("outside,query", 1)], ids=["agreement", "findings"])
def test_a_run_that_is_out_of_time_is_closed(
    faults: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with its summary and its cases; the exit code says whether there were findings."""
    monkeypatch.setenv(tiny.VARIABLE, faults)
    found, printed = ended(tmp_path, "run", "tiny:Tiny", "--max-time", "1.5s", "--verbose")

    assert found == code, printed
    assert "ended by time" in printed
    assert bool(saved(tmp_path)) == bool(code)
    assert left_behind(tmp_path) == []
