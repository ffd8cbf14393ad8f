"""
The process of a host: starts it under a supervisor, watches it from outside, and ends it.

Owns the process, the pipe that it prints into, the shared memory, and everything that Linux reports about it.
Knows nothing of frames or deadlines, and nothing of what a death means.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import time

import attrs

from driftcheck.core.limits import PRINT_BYTES
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.supervised import WITH_SITE, WITHOUT_SITE, command, entry_point

_PIPE_BYTES = 1 << 16  # the capacity of a pipe in Linux
_SHARED = struct.Struct("<IIII")  # trace and step of the note, process id, wait status + 1
_MOST_STATUS = 0xFFFF  # of a process that has ended; others are of stops
_ENDING_S = 4.0  # that a supervisor may take to end everything before it is killed itself


@attrs.frozen
class Death:
    """How a process ended."""

    signal: int | None
    exit_status: int | None
    peak_bytes: int | None  # of resident memory; None if that is not known


class Process:
    """The process of a host, and its connections to the parent: a stream, the note, and its output.

    Used by one thread at a time.

    Args:
        subject: which it will run.
        memory_bytes: private memory that it may use, in addition to what it has before it loads its library.

    Raises:
        NotInstalled: its main or its loader is not installed.
        OSError: it cannot be started.
    """

    def __init__(self, subject: Subject, memory_bytes: int) -> None:
        loader = entry_point("driftcheck.loaders", subject.loader)
        # Linux attributes the memory of the parent to a child until the child executes another program.
        self._peak_before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        memory = os.memfd_create("driftcheck-note", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self.stream, theirs = socket.socketpair()
        self._pipe, printing = os.pipe()
        order, self._order = os.pipe()
        try:
            os.ftruncate(memory, _SHARED.size)
            # A read of shared memory that a subject has made shorter would kill the parent.
            fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
            self._shared = mmap.mmap(memory, _SHARED.size)
            ties = (theirs.fileno(), memory, order)
            numbers = map(str, (*ties, os.getpid(), memory_bytes))
            # A model may be installed in a way that needs `site`.
            flags = WITH_SITE if subject.language == "python" else WITHOUT_SITE
            self._popen = subprocess.Popen(
                command("host", [*numbers, loader, subject.target], flags),
                env={**_defaults(memory_bytes), **os.environ, **subject.env},
                stdin=subprocess.DEVNULL,
                stdout=printing,
                stderr=printing,
                pass_fds=ties,
                start_new_session=True,  # Ctrl-C is for the parent
            )
        except BaseException:
            self.stream.close()
            os.close(self._pipe)
            os.close(self._order)
            raise
        finally:
            theirs.close()
            os.close(memory)
            os.close(order)
            os.close(printing)
        self._pidfd = os.pidfd_open(self._popen.pid)
        self._printed = bytearray()
        self._is_silent = False
        self._death: Death | None = None
        self._last_shared = (0, 0, 0, 0)
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
        trace, step, _, _ = self._read_shared()
        return trace, step

    @property
    def pid(self) -> int:
        """Return the process id of the host, or of its supervisor before there is a host."""
        return self._read_shared()[2] or self._popen.pid

    @property
    def is_stopped(self) -> bool:
        """Say whether the host is stopped, so that it does nothing until somebody continues it."""
        return self._status("State").startswith("T")

    @property
    def printed(self) -> str:
        """Return the latest of what it printed."""
        return self._printed.decode(errors="replace")

    def wait(self, timeout_s: float) -> tuple[bool, bool]:
        """Wait until the stream can be read or has ended, or the process has ended, or time is up.

        Meanwhile the pipe is emptied, and the latest output is kept. So a full pipe blocks a subject only
        while nobody waits for it, and endless output fills neither disk nor memory.

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
        """Have a process that hangs print its stacks, and return them; "" if it cannot."""
        caught = int(self._status("SigCgt"), 16)
        if not caught >> (signal.SIGQUIT - 1) & 1:
            return ""  # the signal would kill it
        if self._status("PPid") != str(self._popen.pid):
            return ""  # it has ended, or the subject has written over its number
        before, self._printed = self._printed, bytearray()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGQUIT)
        until = time.monotonic() + timeout_s
        while b"driftcheck: end of" not in self._printed and time.monotonic() < until:
            if self._wait(self._events_but_stream, until - time.monotonic())[1]:
                break
        stacks, self._printed = self.printed, before
        return stacks

    def data_bytes(self) -> int:
        """Return the private memory that counts against its limit; 0 when it is ending or has ended.

        A process needs time to end, such as a tenth of a second to give back 512 MiB.
        """
        return int(self._status("VmData").split()[0]) * 1024

    def end(self) -> Death:
        """Kill what is left of it and of what it started, and return how it ended. May be called again."""
        if self._death is None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._order, b"end")  # the supervisor waits for this, kills everything, and ends
            os.close(self._order)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._popen.pid, signal.SIGCONT)  # the subject may have stopped it
            if not self.wait_for_end(_ENDING_S):  # it is stopped again
                os.killpg(self._popen.pid, signal.SIGKILL)
            _, status, usage = os.wait4(self._popen.pid, 0)
            self._take_printed()
            self._popen.returncode = os.waitstatus_to_exitcode(status)
            *_, noted = self._read_shared()
            code = _exit_code(noted - 1, status)
            peak_kb = usage.ru_maxrss
            self._death = Death(
                signal=-code if code < 0 else None,
                exit_status=code if code >= 0 else None,
                peak_bytes=peak_kb * 1024 if peak_kb > self._peak_before_kb else None,
            )
            self._shared.close()
            self.stream.close()
            os.close(self._pipe)
            os.close(self._pidfd)
        return self._death

    def _read_shared(self) -> tuple[int, int, int, int]:
        if self._death is None:
            self._last_shared = _SHARED.unpack_from(self._shared)
        return self._last_shared

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
        del self._printed[:-PRINT_BYTES]

    def _status(self, field: str) -> str:
        """Return a field of /proc/PID/status; "0" where it is not there, as of a process that has ended."""
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/status") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name == field:
                    return value.strip()
        return "0"


def _exit_code(noted: int, supervisors: int) -> int:
    """Return how a host ended, negative for a signal, from the status that its supervisor noted.

    The subject can write there, too. What no process can end with says nothing. Then only the end of the
    supervisor is known, which may have been killed itself.
    """
    is_of_an_end = 0 <= noted <= _MOST_STATUS and (os.WIFEXITED(noted) or os.WIFSIGNALED(noted))
    return os.waitstatus_to_exitcode(noted if is_of_an_end else supervisors)


def _defaults(memory_bytes: int) -> dict[str, str]:
    """Return variables of a host; the environments of the parent and of the subject take precedence."""
    return {
        "GOTRACEBACK": "all",
        # Two are enough to show races. The number of cores differs between machines, and the stack of each
        # thread takes 8 MiB of the memory limit.
        "GOMAXPROCS": "2",
        # A trace keeps little, so that Go would collect garbage all the time. See docs/decisions.md.
        "GOGC": "400",
        "GOMEMLIMIT": str(memory_bytes // 2),
    }
