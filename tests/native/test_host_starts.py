"""Hosts that somebody kills while they start, such as the kernel for lack of memory."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import tiny

from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep import host_slot
from driftcheck.lockstep.host_slot import STARTS
from driftcheck.search.session import open_session
from driftcheck.subjects import host as host_module
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import Host, HostKilled, Limits

TRACES = [Trace((Step("read"),))]


def killed_by(first: int, ask: Callable[[Host], Any]) -> Callable[[Host], Any]:
    """Return a function of a host that kills the first few hosts that it is called with."""
    left = iter(range(first))

    def asked(host: Host) -> Any:
        if next(left, None) is not None:
            os.kill(host.pid, signal.SIGKILL)
        return ask(host)

    return asked


@pytest.fixture
def kill_first(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that has the first few hosts killed while they load their model."""
    monkeypatch.setattr(host_slot, "PAUSE_S", 0.0)

    def kill(first: int) -> None:
        monkeypatch.setattr(Host, "_greeting", killed_by(first, Host._greeting))

    return kill


def test_a_host_that_is_killed_while_it_loads_its_model_is_started_again(
    kill_first: Callable[[int], None],
) -> None:
    """The kills are counted, and no trace notices them."""
    kill_first(STARTS - 1)

    with open_session(tiny.Tiny) as session:
        (execution,) = session.lockstep.run_all(TRACES)

        assert execution.is_equal
        assert session.lockstep.killed == STARTS - 1


def test_a_host_that_is_always_killed_is_told(kill_first: Callable[[int], None]) -> None:
    """The model is not to blame; the sentence says what else may be."""
    kill_first(1_000)
    words = f"^subject 'model': its host was killed {STARTS} times in a row while it started: .*memory"

    with pytest.raises(HostKilled, match=words), open_session(tiny.Tiny):
        pass


def test_a_supervisor_may_need_time_to_notice_a_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine it runs seconds later. The host was still killed, and did not hang."""
    monkeypatch.setattr(host_module, "_CLOSED_S", 0.05)
    plain = Host._greeting

    def greeting(host: Host) -> Mapping[str, Any]:
        process = host._process
        while process.pid == process._popen.pid:  # until the supervisor has started the host
            pass
        os.kill(process._popen.pid, signal.SIGSTOP)
        os.kill(process.pid, signal.SIGKILL)
        threading.Timer(0.5, os.kill, (process._popen.pid, signal.SIGCONT)).start()
        return plain(host)

    monkeypatch.setattr(Host, "_greeting", greeting)

    with pytest.raises(HostKilled):
        Host(Subject("model", "python", "python", "tiny:TinyModel"), Limits())
