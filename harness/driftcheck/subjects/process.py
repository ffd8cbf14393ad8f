"""
The process of a host: starts it, watches it from outside, and ends it.

Owns the process, the pipe that it prints into, the note, and everything that Linux reports about it. Knows
nothing of frames or deadlines, and nothing of what a death means.
"""

from __future__ import annotations

import functools
import mmap
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import attrs

from driftcheck.subjects.discover import Subject

PRINTED_BYTES = 1 << 20  # the end of what a host prints; the longest dumps of Go are shorter
_PIPE_BYTES = 1 << 16  # the capacity of a pipe in Linux
_NOTE = struct.Struct("<II")

# Defaults: the environments of the parent and of the subject take precedence.
_ENVIRONMENT = {
    "GOTRACEBACK": "all",
    # Two are enough to show races. The number of cores differs between machines, and the stack of each
    # thread takes 8 MiB of the memory limit.
    "GOMAXPROCS": "2",
}

# Without `site` a host starts 2 ms sooner; the sys.path of the parent has what `site` would add. Only a
# model may be installed in a way that needs `site`. The order of the parent comes first, so that the host
# imports the same model as the parent.
_FLAGS = {"python": ("-I",)}
_FLAGS_NATIVE = ("-I", "-S")
_PROGRAM = """\
import sys
path = sys.argv[2].split("\\n")
sys.path[:] = path + [p for p in sys.path if p not in path]
module, _, name = sys.argv[1].partition(":")
getattr(__import__(module, fromlist=[name]), name)(sys.argv[3:])
"""


class NotInstalled(LookupError):
    """No installed package declares this entry point."""


@functools.cache
def entry_point(group: str, name: str) -> str:
    """Return the target of an entry point, as `module:callable`.

    Raises:
        NotInstalled: no package declares it.
    """
    # Read here and passed to the host: importing importlib.metadata would take 40 ms in each host.
    for found in metadata.entry_points(group=group, name=name):
        return found.value
    raise NotInstalled(f"no entry point is named {name!r} in the group {group!r}")


@attrs.frozen
class Death:
    """How a process ended."""

    signal: int | None
    exit_status: int | None
    peak_bytes: int | None  # of resident memory; None where that is not known


class Process:
    """The process of a host, and its connections to the parent: a stream, the note, and its output.

    Used by one thread at a time.

    Args:
        subject: that it will hold.
        memory_bytes: private memory that it may use, in addition to what it has before it loads its library.

    Raises:
        NotInstalled: its main or its loader is not installed.
        OSError: it cannot be started.
    """

    def __init__(self, subject: Subject, memory_bytes: int) -> None:
        main = entry_point("driftcheck.host", "main")
        loader = entry_point("driftcheck.loaders", subject.loader)
        path = "\n".join(os.path.abspath(folder) for folder in sys.path)
        # Linux attributes the memory of the parent to a child until the child executes another program.
        self._peak_before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        note = os.memfd_create("driftcheck-note")
        self.stream, theirs = socket.socketpair()
        self._pipe, printing = os.pipe()
        try:
            os.ftruncate(note, _NOTE.size)
            self._note = mmap.mmap(note, _NOTE.size)
            ties = (theirs.fileno(), note)
            flags = _FLAGS.get(subject.language, _FLAGS_NATIVE)
            numbers = map(str, (*ties, os.getpid(), memory_bytes))
            self._popen = _spawn(
                [sys.executable, *flags, "-c", _PROGRAM, main, path, *numbers, loader, subject.target],
                environment={**_ENVIRONMENT, **os.environ, **subject.env},
                inherited=ties,
                printing=printing,
            )
        except BaseException:
            self.stream.close()
            os.close(self._pipe)
            raise
        finally:
            theirs.close()
            os.close(note)
            os.close(printing)
        self.pid = self._popen.pid
        self._pidfd = os.pidfd_open(self.pid)
        self._printed = bytearray()
        self._is_silent = False
        self._death: Death | None = None
        self._last_note = (0, 0)
        os.set_blocking(self._pipe, False)
        self.stream.setblocking(False)
        self._events, self._events_but_stream = select.poll(), select.poll()
        for descriptor in (self._pipe, self._pidfd):
            self._events.register(descriptor, select.POLLIN)
            self._events_but_stream.register(descriptor, select.POLLIN)
        self._events.register(self.stream, select.POLLIN)

    @property
    def note(self) -> tuple[int, int]:
        """Return the current trace and step from the note; after the end, the last ones."""
        if self._death is None:
            self._last_note = _NOTE.unpack_from(self._note)
        return self._last_note

    @property
    def printed(self) -> str:
        """Return the latest of what it printed."""
        return self._printed.decode(errors="replace")

    def wait(self, timeout_s: float) -> tuple[bool, bool]:
        """Wait until the stream can be read or has ended, or the process has ended, or time is up.

        Meanwhile what it prints is taken from the pipe and the latest of it kept: so a full pipe holds a
        subject up only while nobody waits for it, and a runaway print fills neither disk nor memory.

        Returns:
            whether the stream can be read, and whether the process has ended; perhaps neither.
        """
        return self._wait(self._events, timeout_s)

    def wait_for_end(self, timeout_s: float) -> bool:
        """Wait until the process has ended; return whether it has, in that time."""
        until = time.monotonic() + timeout_s
        while True:
            _, ended = self._wait(self._events_but_stream, until - time.monotonic())
            if ended or time.monotonic() >= until:
                return ended

    def wait_to_send(self, timeout_s: float) -> bool:
        """Wait until the stream takes more; return whether it does, in that time."""
        ready = select.poll()
        ready.register(self.stream, select.POLLOUT)
        return bool(ready.poll(max(0.0, timeout_s) * 1000))

    def ask_for_stacks(self, timeout_s: float) -> str:
        """Have a process that hangs print its stacks, and return them; "" where it cannot."""
        caught = int(self._status("SigCgt"), 16)
        if not caught >> (signal.SIGQUIT - 1) & 1:
            return ""  # the signal would kill it
        before, self._printed = self._printed, bytearray()
        os.kill(self.pid, signal.SIGQUIT)
        until = time.monotonic() + timeout_s
        while b"driftcheck: end of" not in self._printed and time.monotonic() < until:
            if self._wait(self._events_but_stream, until - time.monotonic())[1]:
                break
        stacks, self._printed = self.printed, before
        return stacks

    def data_bytes(self) -> int:
        """Return the private memory that counts against its limit; 0 when it is ending or has ended.

        An end takes its time: to give back 512 MiB, a tenth of a second.
        """
        return int(self._status("VmData").split()[0]) * 1024

    def end(self) -> Death:
        """Kill what is left of it and of its children, and return how it ended. May be called again."""
        if self._death is None:
            # Its group's number cannot be given to others before it has been waited for.
            os.killpg(self.pid, signal.SIGKILL)
            _, status, usage = os.wait4(self.pid, 0)
            self._take_printed()
            self._popen.returncode = code = os.waitstatus_to_exitcode(status)
            peak_kb = usage.ru_maxrss
            self._last_note = self.note
            self._death = Death(
                signal=-code if code < 0 else None,
                exit_status=code if code >= 0 else None,
                peak_bytes=peak_kb * 1024 if peak_kb > self._peak_before_kb else None,
            )
            self._note.close()
            self.stream.close()
            os.close(self._pipe)
            os.close(self._pidfd)
        return self._death

    def _wait(self, events: select.poll, timeout_s: float) -> tuple[bool, bool]:
        readable = ended = False
        for descriptor, _ in events.poll(max(0.0, timeout_s) * 1000):
            if descriptor == self._pipe:
                self._take_printed()
            elif descriptor == self._pidfd:
                ended = True
            else:
                readable = True
        return readable, ended

    def _take_printed(self) -> None:
        try:
            data = os.read(self._pipe, _PIPE_BYTES)
        except BlockingIOError:
            return
        if not data and not self._is_silent:  # its standard output and error are closed
            self._is_silent = True
            self._events.unregister(self._pipe)
            self._events_but_stream.unregister(self._pipe)
        self._printed += data
        del self._printed[:-PRINTED_BYTES]

    def _status(self, field: str) -> str:
        """Return a field of /proc/PID/status; "0" where it is not there, as of a process that has ended."""
        with open(f"/proc/{self.pid}/status") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name == field:
                    return value.strip()
        return "0"


def _spawn(
    arguments: Sequence[str], *, environment: Mapping[str, str], inherited: Sequence[int], printing: int
) -> subprocess.Popen[bytes]:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printing,
            stderr=printing,
            pass_fds=inherited,
            start_new_session=True,  # Ctrl-C is for the parent; what a subject starts can be ended with it
        )

    if threading.current_thread() is threading.main_thread():
        return start()
    # The signal that ends a host with its parent comes when the *thread* ends that started it.
    return _lasting_thread(os.getpid()).submit(start).result()


@functools.cache
def _lasting_thread(process: int) -> ThreadPoolExecutor:
    """Return the one thread of this process that starts hosts for the others; a fork has none yet."""
    return ThreadPoolExecutor(1, thread_name_prefix=f"driftcheck-{process}")
