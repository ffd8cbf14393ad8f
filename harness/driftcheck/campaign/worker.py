"""
A worker: one process that runs functions, behind `concurrent.futures.Executor`.

It ends at once when its parent ends, even by a kill. It is replaced when it dies, when it does not end its
turn, or after enough turns. Knows processes and pipes. Knows nothing of contracts.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, Pipe
from typing import Any, TypeVar

from driftcheck.campaign.errors import WorkerDied, WorkerKilled, WorkerStuck
from driftcheck.core.visible import visible

T = TypeVar("T")

TURNS = 20  # of one process; ending it frees all its memory
ENDING_S = 5.0  # that a process may take to end when it is asked to
PRINTED = 4_096  # bytes of what it printed last that are kept
FINISH, STOP = "finish", "stop"  # what a parent may ask of a function that runs
_MAIN = "import sys; from json import loads; sys.path[:] = loads(sys.argv[1]); import {0}; {0}.main()"

Post = Callable[[Any], None]


class Worker(Executor):
    """An executor with one process, which is started when it has something to do.

    Args:
        listen: receives, in a thread of this worker, what a function posts while it runs.
        turns: the number of turns after which the process is replaced.
    """

    def __init__(self, listen: Callable[[Any], None], *, turns: int = TURNS) -> None:
        self._listen = listen
        self._turns = turns
        self._thread = ThreadPoolExecutor(1)
        self._process: _Process | None = None
        self._is_closed = False
        self._asked: set[str] = set()  # of the function that was submitted last

    @property
    def pid(self) -> int | None:
        """Return the process id; None if it has no process."""
        process = self._process
        return None if process is None else process.pid

    def submit(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        """Run a function of a module in the process: `function(*arguments, post=..., asked=...)`.

        It learns from `asked(FINISH)` and `asked(STOP)` what the parent asks of it.

        Args:
            limit_s: seconds after which the process is killed.

        Returns:
            a future, which raises WorkerDied or WorkerStuck if the process ended.
        """
        self._asked = set()
        return self._thread.submit(self._call, function, arguments, named.get("limit_s"))

    def ask(self, word: str) -> None:
        """Ask the running function to FINISH what it has begun and to end, or to STOP at once."""
        self._asked.add(word)  # `_call` sends it to a process that has not received the function yet
        process = self._process
        if process is not None:
            process.send(word)

    def kill(self) -> None:
        """End the process at once."""
        process = self._process
        if process is not None:
            process.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the process; one that has a turn is killed if `wait` is False."""
        self._is_closed = True
        if not wait:
            self.kill()
        self._thread.shutdown(wait=True, cancel_futures=cancel_futures)
        if self._process is not None:
            self._process.end()
            self._process = None

    def _call(self, function: Callable[..., T], arguments: tuple[Any, ...], limit_s: float | None) -> T:
        if self._process is not None and (self._process.turns >= self._turns or self._process.has_ended):
            self._process.end()
            self._process = None
        if self._process is None:
            self._process = _Process()
        process = self._process
        if self._is_closed:  # while the process was started
            process.kill()
        try:
            process.order(function, arguments)
            for word in tuple(self._asked):
                process.send(word)
            return process.result(limit_s, self._listen)  # type: ignore[no-any-return] # T
        except WorkerDied:
            process.end()
            self._process = None
            raise


class _Process:
    """The process of a worker, as its parent sees it."""

    def __init__(self) -> None:
        self.turns = 0
        self._ours, theirs = Pipe()
        self._lock = threading.Lock()  # two threads may send
        self._printed = os.memfd_create("driftcheck-worker", os.MFD_CLOEXEC)
        fcntl.fcntl(self._printed, fcntl.F_SETFL, os.O_APPEND)
        main = [sys.executable, "-c", _MAIN.format(__name__), json.dumps(sys.path), str(theirs.fileno())]
        self._popen = subprocess.Popen(
            main,
            stdin=subprocess.DEVNULL,
            stdout=self._printed,
            stderr=self._printed,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C is for the parent, which asks the worker to stop
        )
        theirs.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    def send(self, message: Any) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):  # it has gone
            self._ours.send(message)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()

    def order(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.turns += 1
        self.send((function, arguments))

    def result(self, limit_s: float | None, listen: Callable[[Any], None]) -> Any:
        until = None if limit_s is None else time.monotonic() + limit_s
        while True:
            left = None if until is None else until - time.monotonic()
            try:
                if (left is not None and left <= 0) or not self._ours.poll(left):
                    self.kill()
                    raise WorkerStuck(f"its turn did not end within {limit_s:.0f} s{self._said()}")
                data = self._ours.recv_bytes()
            except (EOFError, OSError):
                raise self._death() from None
            try:
                kind, value = pickle.loads(data)
            except Exception as error:
                self.kill()
                raise WorkerDied(f"what it answered cannot be read: {_in_words(error)}") from None
            if kind == "posted":
                listen(value)
            elif kind == "unread":
                raise WorkerDied(f"it cannot read its turn: {value}")
            elif kind == "raised":
                raise value
            else:
                return value

    def end(self) -> None:
        """End it, and wait for that."""
        self._ours.close()  # it ends when it sees this
        try:
            self._popen.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self._popen.wait()
        with contextlib.suppress(OSError):
            os.close(self._printed)

    def _death(self) -> WorkerDied:
        try:
            code = self._popen.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return WorkerDied(f"it closed its connection{self._said()}")
        how = f"exit status {code}" if code >= 0 else f"signal {-code} ({signal.Signals(-code).name})"
        return (WorkerKilled if code == -signal.SIGKILL else WorkerDied)(f"{how}{self._said()}")

    def _said(self) -> str:
        """Return the last line that it printed, as the end of a sentence."""
        size = os.fstat(self._printed).st_size
        text = os.pread(self._printed, PRINTED, max(0, size - PRINTED)).decode(errors="replace").strip()
        return f": {visible(text.splitlines()[-1])}" if text else ""


def main() -> None:
    """Run in the process of a worker: functions that the parent sends, one after the other."""
    connection = Connection(int(sys.argv[2]))
    orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
    asked: set[str] = set()
    lock = threading.Lock()

    def send(kind: str, value: Any) -> None:
        with lock:
            try:
                connection.send((kind, value))
            except OSError:
                os._exit(1)  # the parent has gone

    threading.Thread(target=_obey, args=(connection, orders, asked, send), daemon=True).start()
    while True:
        function, arguments = orders.get()
        try:
            value = function(*arguments, post=lambda value: send("posted", value), asked=asked.__contains__)
        except Exception as error:
            send("raised", error)
        else:
            send("returned", value)


def _obey(
    connection: Connection,
    orders: queue.SimpleQueue[Any],
    asked: set[str],
    send: Callable[[str, Any], None],
) -> None:
    """Take what the parent sends; end this process when the parent has gone."""
    while True:
        try:
            data = connection.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)
        try:
            order = pickle.loads(data)
        except BaseException as error:  # such as a module that cannot be imported here
            send("unread", _in_words(error))
            continue
        if order in (FINISH, STOP):
            asked.add(order)
        else:
            asked.clear()  # here, because the next message may ask it to stop
            orders.put(order)


def _in_words(error: BaseException) -> str:
    return f"{type(error).__name__}: {visible(str(error))}"
