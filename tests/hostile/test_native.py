"""Each native misbehaviour is an outcome of its subject and of its step, and the run goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import native
import pytest
from native import ACTING, ALL, FAST, IN_THE_TRACE, OK, act_out, expected

from driftcheck.core.trace import Trace
from driftcheck.subjects import process

PEAK_BYTES = 300 << 20
LIMIT_S = 10.0


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of the subject that misbehaves."""
    return native.library(tmp_path_factory.mktemp("wild"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that no other process has."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def marked(name: str) -> object:
    return pytest.param(name, marks=[] if name in FAST else [pytest.mark.nightly])


def test_there_are_many() -> None:
    """Each action has a name of its own, and an expectation names no action that there is not."""
    assert len(set(ALL)) == len(ALL) > 600
    assert set(native.KINDS) <= set(native.ACTIONS)
    assert len(FAST) >= 80


@pytest.mark.parametrize("name", [marked(name) for name in ALL])
def test_a_misbehaviour_is_an_outcome(
    name: str, library: Path, folder: Path, record_property: Callable[[str, object], None]
) -> None:
    """Memory and time are bounded, nothing stays behind, and other traces are answered."""
    moment = name.partition("-")[0]
    acted = act_out(name, library, folder)
    record_property("kind", "native misbehaviour")
    record_property("seconds", round(acted.seconds, 2))
    record_property("grown_bytes", max(0, acted.grown_bytes))

    assert acted.left == ()
    assert acted.descriptors == 0
    assert acted.grown_bytes < PEAK_BYTES
    assert acted.seconds < LIMIT_S * (len(acted.kinds) if moment == "open" else 1)
    if moment in IN_THE_TRACE:
        assert acted.fault is None
        assert acted.kinds[ACTING] in expected(name), acted
        assert acted.kinds[:ACTING] + acted.kinds[ACTING + 1 :] == (OK,) * (len(acted.kinds) - 1)
    elif acted.fault is None:
        assert set(acted.kinds) <= expected(name) | {OK}, acted


@pytest.mark.parametrize(
    "action", ["noise_text", "noise_length", "noise_large_reply", "reply_large", "exit_3"]
)
def test_a_misbehaviour_is_attributed_to_its_step(action: str, library: Path, folder: Path) -> None:
    """Also where it is noticed only after the step, or after the whole request."""
    assert act_out(f"step-{action}", library, folder).died_at == 1


def test_noise_is_attributed_to_its_trace(library: Path, folder: Path) -> None:
    """Also where it was seen before, and is noticed when the host is at the end of the batch."""
    acting = [native.LIVE, native.ACT, native.LIVE]
    batch = [Trace(tuple(steps), ()) for steps in ([native.LIVE], acting, *[[native.LIVE] * 9] * 9)]
    with native.beside_the_model("step-noise_text", library) as lockstep:
        kinds = [[native.kind_of(one) for one in lockstep.run_all(batch)] for _ in range(3)]

    assert kinds == [[OK, "crashed", *[OK] * 9]] * 3


def test_a_subject_that_stops_itself_is_not_waited_for(library: Path, folder: Path) -> None:
    """A stopped process is a hang long before its deadline, since nobody continues it."""
    acted = act_out("step-stop_self", library, folder, deadline_s=20)

    assert acted.kinds[ACTING] == "hung"
    assert acted.reason == "its process is stopped"
    assert acted.seconds < LIMIT_S


def test_a_supervisor_that_is_stopped_is_not_waited_for(library: Path, folder: Path) -> None:
    """It is continued, and ends as usual."""
    assert act_out("step-stop_parent", library, folder).seconds < process._ENDING_S


def test_a_reply_that_is_too_large_says_so(library: Path, folder: Path) -> None:
    """The evidence holds what was exceeded, the limit, and the size that was found."""
    acted = act_out("step-reply_large", library, folder)

    assert acted.reason == "a reply of 18,874,422 bytes is larger than the limit of 8,388,608 bytes"


def test_a_host_starts_under_a_lower_limit(library: Path, folder: Path) -> None:
    """A limit of the shell for memory, which a process cannot raise, takes the place of a larger one."""
    program = (
        "import os, resource, native; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, 300 << 20))\n"
        f"acted = native.act_out('step-exit_3', Path({str(library)!r}), Path.cwd(), deadline_s=5)\n"
        "print(acted.kinds[native.ACTING], acted.fault)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.stdout == "crashed None\n", ran.stderr


@pytest.mark.parametrize(
    "action",
    [
        *("fork_many", "daemon_again"),
        *(pytest.param(one, marks=pytest.mark.nightly) for one in ("hang_asleep", "daemon_bare")),
    ],
)
def test_nothing_outlives_a_parent_that_is_killed(action: str, library: Path, folder: Path) -> None:
    """Also what has a session of its own and an empty environment ends with the run."""
    program = (
        "import os, sys, threading, time, native, wild\n"
        "from pathlib import Path\n"
        "def forks():  # and the fork holds all that its parent has open\n"
        "    if os.fork() == 0:\n"
        "        os.chdir('/'); os.closerange(0, 3); time.sleep(8); os._exit(0)\n"
        "    print('acted', flush=True)\n"
        "class Patient(native.Lockstep):\n"
        "    def close(self): time.sleep(100)\n"
        "native.Lockstep = Patient\n"
        "threading.Timer(2.0, forks).start()\n"
        f"native.act_out('step-{action}', Path({str(library)!r}), Path.cwd(), deadline_s=30)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"acted\n"
        assert native.at_work(folder)
        parent.kill()

    assert list(native.left(folder)) == []
