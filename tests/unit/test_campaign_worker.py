"""A worker: an executor whose process may die, hang or lose its parent."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftcheck.campaign.errors import WorkerDied, WorkerStuck
from driftcheck.campaign.worker import FINISH, STOP, Worker
from driftcheck.core.errors import UnknownContract

Post = Callable[[Any], None]
Asked = Callable[[str], bool]


def pid_of(*, post: Post, asked: Asked) -> int:
    """Return the process id of the worker."""
    return os.getpid()


def say(word: str, *, post: Post, asked: Asked) -> str:
    """Post a word twice, and return it."""
    post(word)
    post(word.upper())
    return word


def die(number: int, *, post: Post, asked: Asked) -> None:
    """End by a signal, after a word."""
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    os.kill(os.getpid(), number)


def sleep(seconds: float, *, post: Post, asked: Asked) -> None:
    """Sleep."""
    time.sleep(seconds)


def wait_for(word: str, *, post: Post, asked: Asked) -> str:
    """Wait until the parent asks for this."""
    post("waits")
    while not asked(word):
        time.sleep(0.01)
    return f"heard {word}"


def raise_unknown(*, post: Post, asked: Asked) -> None:
    """Raise an error of driftcheck."""
    raise UnknownContract("toy", ("lru",))


class Unreadable:
    """An object that no process can read, since a module is missing."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return importlib.import_module, ("no_such_module",)


def unreadable(*, post: Post, asked: Asked) -> Unreadable:
    """Return what the parent cannot read."""
    return Unreadable()


def test_what_is_posted_comes_before_the_result() -> None:
    """Messages arrive in their order, while the function runs."""
    heard: list[str] = []
    with Worker(heard.append) as worker:
        result = worker.submit(say, "hello").result()

    assert (result, heard) == ("hello", ["hello", "HELLO"])


def test_a_worker_that_dies_is_replaced() -> None:
    """The future says how it ended and what it printed last, and the next function runs in a new process."""
    with Worker(print) as worker:
        before = worker.submit(pid_of).result()
        with pytest.raises(WorkerDied, match=r"signal 9 \(SIGKILL\): last words"):
            worker.submit(die, signal.SIGKILL).result()
        after = worker.submit(pid_of).result()

    assert before != after


def test_a_worker_that_hangs_is_killed() -> None:
    """A turn that does not end in its time ends with its process, and the worker goes on."""
    with Worker(print) as worker:
        worker.submit(pid_of).result()
        with pytest.raises(WorkerStuck, match="did not end within 1 s"):
            worker.submit(sleep, 60, limit_s=1).result()

        assert worker.submit(say, "on").result() == "on"


def test_a_worker_is_renewed() -> None:
    """After its number of turns a new process takes the next turn, so that memory is freed."""
    with Worker(print, turns=2) as worker:
        pids = [worker.submit(pid_of).result() for _ in range(4)]

    assert pids[0] == pids[1] != pids[2] == pids[3]


@pytest.mark.parametrize("word", [FINISH, STOP])
def test_a_worker_can_be_asked_to_end(word: str) -> None:
    """A function learns of it while it runs."""
    heard: list[str] = []
    with Worker(heard.append) as worker:
        future = worker.submit(wait_for, word)
        while not heard:
            time.sleep(0.01)
        worker.ask(word)

        assert future.result(timeout=10) == f"heard {word}"


def test_what_is_asked_is_not_lost() -> None:
    """It may come before the function has begun, and it is for this function alone."""
    with Worker(print) as worker:
        worker.submit(pid_of).result()
        for word in (FINISH, STOP) * 25:
            future = worker.submit(wait_for, word)
            worker.ask(word)
            assert future.result(timeout=10) == f"heard {word}"


def test_an_error_of_a_function_comes_back() -> None:
    """It is raised in the parent with its fields, and the process goes on."""
    with Worker(print) as worker:
        before = worker.submit(pid_of).result()
        with pytest.raises(UnknownContract, match="toy"):
            worker.submit(raise_unknown).result()

        assert worker.submit(pid_of).result() == before


def test_a_turn_that_cannot_be_read_ends_at_once() -> None:
    """The worker says why, such as a module that is missing, and does not wait for the turn's limit."""
    with Worker(print) as worker:
        future = worker.submit(say, Unreadable(), limit_s=300)
        with pytest.raises(WorkerDied, match=r"cannot read its turn: ModuleNotFoundError: .*no_such_module"):
            future.result(timeout=30)

        assert worker.submit(say, "on").result() == "on"


def test_an_answer_that_cannot_be_read_ends_the_worker() -> None:
    """The parent says why, and the next function runs in a new process."""
    with Worker(print) as worker:
        with pytest.raises(WorkerDied, match="answered cannot be read: ModuleNotFoundError"):
            worker.submit(unreadable).result(timeout=30)

        assert worker.submit(say, "on").result() == "on"


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no process, although its worker was busy."""
    script = (
        "import sys, time; sys.path[:0] = [sys.argv[1]]; from driftcheck.campaign.worker import Worker\n"
        "import test_campaign_worker as tests\n"
        "worker = Worker(print); worker.submit(tests.pid_of).result()\n"
        "worker.submit(tests.sleep, 60); time.sleep(0.2); print(worker.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    descriptor = os.pidfd_open(pid)
    parent.kill()
    parent.communicate()

    until = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < until
        time.sleep(0.02)
    os.close(descriptor)
