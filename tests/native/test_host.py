"""Hosts with real libraries: what they answer, how they start, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from driftcheck.core.errors import DriftcheckError, ProtocolFault
from driftcheck.core.outcome import Crashed, Hung
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import AFTER_LAST, Host, HostDied, HostFailed, Limits
from driftcheck_bindings import declarations

ROOT = Path(__file__).parents[2]

Plain = Callable[..., Subject]


@pytest.fixture
def host(plain: Plain) -> Iterator[Host]:
    """A host that does what its requests say."""
    with Host(plain(), Limits(deadline_s=0.3)) as host:
        yield host


def asked(host: Host, request: bytes) -> bytes:
    host.send(request)
    return host.receive()


def death_of(host: Host, request: bytes) -> HostDied:
    host.send(request)
    with pytest.raises(HostDied) as caught:
        host.receive()
    return caught.value


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(claim: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not claim() and time.monotonic() < until:
        time.sleep(0.01)
    return claim()


def test_requests_of_any_size_are_answered_whole(host: Host) -> None:
    """A request that is larger than all buffers is returned unchanged."""
    large = bytes(range(256)) * 20_000

    assert asked(host, b"") == b""
    assert asked(host, b"a small one") == b"a small one"
    assert asked(host, large) == large


def test_a_request_that_cannot_be_read_is_a_fault_of_driftcheck(host: Host) -> None:
    """The error has the text of the library, and the host goes on."""
    host.send(b"R")
    with pytest.raises(ProtocolFault, match="subject 'plain': no such thing"):
        host.receive()

    assert asked(host, b"again") == b"again"


def test_a_deadline_is_for_one_step(host: Host) -> None:
    """Twelve steps of 50 ms are not a hang under a deadline of 300 ms."""
    request = b"S\x0c"

    assert asked(host, request) == request


def test_a_hang_is_blamed_on_the_step_in_the_note(host: Host) -> None:
    """Trace and step of a hang are the last ones in the note; detecting it takes the deadline."""
    start = time.monotonic()
    death = death_of(host, b"H")
    took = time.monotonic() - start

    assert (death.trace, death.step) == (5, 2)
    assert isinstance(death.outcome, Hung)
    assert death.outcome.evidence.reason == "no progress for 0.3 s"
    assert 0.3 <= took < 1
    assert not is_alive(host.pid)


def test_a_deadline_can_be_given_for_one_request(host: Host) -> None:
    """Shrinking a hang need not cost the whole deadline each time."""
    host.send(b"H")
    with pytest.raises(HostDied) as caught:
        host.receive(deadline_s=0.05)

    assert caught.value.outcome.evidence.reason == "no progress for 0.05 s"


def test_a_death_while_opening_has_no_step(host: Host) -> None:
    """A note of zero is the opening of the first trace."""
    death = death_of(host, b"D")

    assert (death.trace, death.step) == (0, None)
    assert isinstance(death.outcome, Crashed)
    assert death.outcome.evidence.signal == signal.SIGABRT


def test_a_dead_host_says_so_again(host: Host) -> None:
    """Each later request to a dead host reports the same death."""
    first = death_of(host, b"D")

    assert death_of(host, b"anything") is first
    with pytest.raises(HostDied):
        host.settle(0)


def test_a_host_that_is_killed_between_requests_died_after_the_last_step(host: Host) -> None:
    """A kill from outside is reported with its signal, and attributed to no step of the next request."""
    asked(host, b"something")
    os.kill(host.pid, signal.SIGKILL)
    death = death_of(host, b"something else")

    assert death.step == AFTER_LAST
    assert death.outcome.evidence.reason == "signal 9 (SIGKILL)"


def test_prints_disturb_nothing_and_only_their_end_is_kept(host: Host) -> None:
    """8 MiB of output neither block the subject nor stay in memory; the last line is evidence."""
    assert asked(host, b"P") == b"P"
    death = death_of(host, b"D")

    assert death.outcome.evidence.stderr.endswith("chatter\nlast words\n")
    assert len(death.outcome.evidence.stderr) < 10_000


def test_a_subject_may_close_standard_output(host: Host) -> None:
    """A host that closes its output has not ended."""
    asked(host, b"M")
    start = time.process_time()
    request = b"S\x05"

    assert asked(host, request) == request
    assert time.process_time() - start < 0.1  # it is not looked at again and again


def test_what_a_subject_starts_ends_with_it(host: Host) -> None:
    """A child that keeps the stream open does not hide the end of its host, and ends with it."""
    child = int.from_bytes(asked(host, b"C"), "little")
    assert is_alive(child)
    death = death_of(host, b"D")

    assert death.outcome.evidence.signal == signal.SIGABRT
    assert wait_until(lambda: not is_alive(child))


def test_close_leaves_nothing_and_may_be_repeated(plain: Plain) -> None:
    """After a close there are no more processes and descriptors than before."""
    before = sorted(os.listdir("/proc/self/fd"))
    host = Host(plain(), Limits())
    host.close()
    host.close()

    assert not Path(f"/proc/{host.pid}").exists()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_hosts_outlive_the_thread_that_started_them(plain: Plain) -> None:
    """Linux would end a host together with the thread that started it."""
    hosts: list[Host] = []
    threads = [threading.Thread(target=lambda: hosts.append(Host(plain(), Limits()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.1)

    assert [asked(host, b"still there") for host in hosts] == [b"still there"] * 3
    for host in hosts:
        host.close()


@pytest.mark.parametrize("where", ["main thread", "other thread"])
def test_hosts_end_with_a_parent_that_is_killed(plain: Plain, where: str) -> None:
    """kill -9 of the parent ends a host, even if its library never returns."""
    start = "start()" if where == "main thread" else "t = threading.Thread(target=start); t.start(); t.join()"
    program = (
        "import sys, threading, time\n"
        "from driftcheck.subjects.discover import Subject\n"
        "from driftcheck.subjects.host import Host, Limits\n"
        "def start():\n"
        "    global host\n"
        f"    host = Host({plain()!r}, Limits())\n"
        "    host.send(b'H')\n"
        f"{start}\n"
        "print(host.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()

    assert wait_until(lambda: not is_alive(pid))


def test_a_model_is_the_one_that_its_parent_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that precedes installed packages precedes them in the host, too."""
    (tmp_path / "tabnanny.py").write_text(  # the name of a module that is always there
        "from driftcheck import Contract, operation\n"
        "class Echo(Contract):\n"
        "    @operation\n"
        "    def say(self, text: str) -> str: ...\n"
        "class EchoModel(Echo):\n"
        "    def say(self, text: str) -> str: return text\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    with Host(Subject("model", "python", "python", "tabnanny:EchoModel"), Limits()) as host:
        assert host.description["contract"] == "echo"


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (
            "WRONG_ABI",
            "cannot be loaded: ImportError: its ABI version is 99, and the host needs 1; build it again",
        ),
        (
            "NO_RUN",
            "cannot be loaded: error: symbol .driftcheck_run. not found in library .*; build it again",
        ),
        ("EXITS", r"died while loading .*: exit status 7; build it again .*\nno licence found$"),
        ("SLEEPS", "did not end loading .*: no progress for 0.3 s; build it again"),
        ("SPEAKS_NO_CBOR", "noise on the stream of its host: a frame that begins .* cannot be read; build"),
    ],
)
def test_a_library_that_cannot_be_loaded_is_told_in_a_sentence(plain: Plain, fault: str, found: str) -> None:
    """Each way in which loading fails is named, and no host is left."""
    with pytest.raises(DriftcheckError, match=f"(?s)^subject 'plain': .*{found}"):
        Host(plain(fault), Limits(start_s=0.3 if fault == "SLEEPS" else 30))

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"target": "/nowhere/x.so"}, "its library /nowhere/x.so cannot be loaded: .*No such file"),
        ({"target": __file__}, "test_host.py cannot be loaded: .*; build it again"),
        (
            {"target": __file__, "loader": "rust"},
            "test_host.py cannot be loaded: ImportError: .*build it again",
        ),
        ({"loader": "cobol"}, "no entry point is named 'cobol' in the group 'driftcheck.loaders'; install"),
    ],
)
def test_a_subject_that_is_not_there_is_told_in_a_sentence(
    plain: Plain, changes: dict[str, str], found: str
) -> None:
    """The error names a path or loader that does not exist, and says what to do."""
    with pytest.raises(HostFailed, match=f"^subject 'plain': .*{found}"):
        Host(attrs.evolve(plain(), **changes), Limits())


def test_generated_declarations_are_those_of_the_header() -> None:
    """The declarations that cffi reads equal the header of the Go SDK."""
    header = (ROOT / "go_shim" / "sdk" / "driftcheck.h").read_text()
    folder = Path(declarations.__file__).parent

    for name, source in declarations.modules(header).items():
        assert (folder / name).read_text() == source, f"run python -m {declarations.__name__} on the header"
