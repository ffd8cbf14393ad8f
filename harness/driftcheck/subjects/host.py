"""
A host: one process that runs one subject, receives requests and sends replies.

Owns deadlines and how a death is reported. Knows nothing of what a request contains (`wire`), of how a frame
is read (`frames`), of the operating system (`process`), or of what a death means (`autopsy`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import attrs

from driftcheck.core.config import DEADLINE_S, MEMORY_BYTES
from driftcheck.core.errors import DriftcheckError, ProtocolFault
from driftcheck.core.limits import cut_text
from driftcheck.core.outcome import Crashed, Evidence, Exhausted, Hung, was_killed
from driftcheck.subjects import autopsy
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.frames import Frames, Noise, ReplyTooLarge
from driftcheck.subjects.process import Process
from driftcheck.subjects.supervised import NotInstalled
from driftcheck.values.encoding import glimpse

AFTER_LAST = -1  # the step of a death after the last step
NOISE = "noise on the stream"  # the frame of a crash
LARGE_REPLY = "reply larger than its limit"  # the frame of an exhaustion
STOPPED = "its process is stopped"

_OPENING = 0  # in the note
_NOTHING = 0xFFFFFFFF
_STACKS_S = 2.0  # to print its stacks; some thousand goroutines take tenths of a second
_DYING_S = 10.0  # to end after its message; Go may sleep for five seconds in between
_SENDING_S = 5.0  # to take a request; a host that waits for it takes it at once
_CLOSED_S = 1.0  # to end after its memory and its stream; Linux takes these as the last things of a process
# The longest time that a host whose memory grows gets to reach its limit. In a measurement, Go and Rust
# subjects that allocate without end took 0.2 to 1.4 s for 800 MiB, depending on the load of the machine.
_GROWTH_S = 16.0
_GROWTH_SEEN_S = 0.25  # after a shorter deadline, watch the growth for this long
_READ_AT_ONCE = 1 << 16
_PROGRESS_BYTES = 1 << 20  # of a reply that come within the deadline; a whole one comes in 0.02 s


@attrs.frozen
class Limits:
    """What a host may use."""

    deadline_s: float = DEADLINE_S  # for one step: the note must change in that time
    memory_bytes: int = MEMORY_BYTES  # private memory, beyond what a host without a library has
    start_s: float = 30.0  # to load its library


@attrs.define(eq=False)
class HostFailed(DriftcheckError):
    """A host could not be started, or could not load its library."""

    subject: str
    found: str
    remedy: str
    printed: str = ""  # what the host printed

    def __str__(self) -> str:
        printed = f"; it printed:\n{self.printed.rstrip()}" if self.printed.strip() else ""
        return f"subject {self.subject!r}: {self.found}; {self.remedy}{printed}"


@attrs.define(eq=False)
class HostKilled(DriftcheckError):
    """Somebody else killed a host before it was ready, so another one may start."""

    subject: str
    how: str  # the signal
    times: int = 1  # in a row

    def __str__(self) -> str:
        often = f" {self.times} times in a row" if self.times > 1 else ""
        return (
            f"subject {self.subject!r}: its host was killed{often} while it started: {self.how}; "
            "if nobody did this, Linux lacks memory: free some, or start fewer processes"
        )


@attrs.define(eq=False)
class HostDied(Exception):
    """A host died or hung, and is closed: an outcome of the step that it was executing."""

    trace: int  # its number in the request
    step: int | None  # None: while it opened the subject; AFTER_LAST: when the whole request was done
    outcome: Crashed | Hung | Exhausted
    # Trace and step are unknown: it did something in the request that was noticed from outside, and later.
    is_late: bool = False

    def __str__(self) -> str:
        return f"trace {self.trace}, step {self.step}: {self.outcome.evidence.reason}"


class Host:
    """A process that has loaded a subject's library; one thread at a time may use it.

    Args:
        subject: what to load.
        limits: what it may use.

    Raises:
        HostFailed: it does not start, or its library cannot be loaded; nothing is left behind.
        HostKilled: somebody else has killed it; nothing is left behind.
    """

    description: Mapping[str, Any]  # of contract and library; see docs/reference/wire.md

    def __init__(self, subject: Subject, limits: Limits) -> None:
        self._subject = subject
        self._limits = limits
        self._frames = Frames()
        self._death: HostDied | None = None
        self._data_at_start = 0
        try:
            self._process = Process(subject, limits.memory_bytes)
        except NotInstalled as error:
            raise HostFailed(subject.name, str(error), "install driftcheck again") from None
        except OSError as error:
            found = f"its host cannot be started: {error.strerror}"
            raise HostFailed(subject.name, found, "check the limits for processes and open files") from None
        try:
            self.description = self._greeting()
            self._data_at_start = self._process.data_bytes()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Return the process id, also that of a host that has ended."""
        return self._process.pid

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def send(self, request: bytes) -> None:
        """Send a request. Errors, also the death of the host, are reported by `receive`."""
        frame = memoryview(len(request).to_bytes(4, "big") + request)
        until = time.monotonic() + max(_SENDING_S, self._limits.deadline_s)
        while frame and self._death is None:
            try:
                frame = frame[self._process.stream.send(frame) :]
            except BlockingIOError:
                if not self._process.wait_to_send(until - time.monotonic()):
                    return
            except (BrokenPipeError, ConnectionResetError):
                return

    def receive(self, *, deadline_s: float | None = None, steps: Sequence[int] | None = None) -> bytes:
        """Return the reply to the request that was sent.

        Args:
            deadline_s: for one step; default: from the limits.
            steps: how many each trace of the request has; anything beyond them is not progress.

        Raises:
            HostDied: it died, a step made no progress within the deadline, or what it sent is no reply.
                The host is closed.
            ProtocolFault: it, or its subject, says that it cannot read the request.
        """
        word, item = self._frame(self._limits.deadline_s if deadline_s is None else deadline_s, steps)
        if word == "reply":
            reply: bytes = item
            return reply
        if word == "error":
            raise ProtocolFault(self._subject.name, cut_text(item))
        self._death = self._misspoke(Noise(f"a frame with the word {word!r}instead of a reply"))
        raise self._death

    def ask(self, request: bytes) -> bytes:
        """Send a request that runs no trace, and return its answer.

        Raises:
            HostDied, ProtocolFault: as `receive`.
        """
        self.send(request)
        return self.receive()

    def settle(self, pause_s: float) -> None:
        """Wait, and see whether something that the steps left running ends the process.

        Raises:
            HostDied: it did.
        """
        until = time.monotonic() + pause_s
        while self._death is None:
            left_s = until - time.monotonic()
            readable, ended = self._process.wait(left_s)
            if ended or (readable and not self._take()):
                self._death = self._died()
            elif self._frames.has_more:
                self._death = self._misspoke(Noise("it sent something after its reply"))
            elif left_s <= 0:
                return
        raise self._death

    def close(self) -> None:
        """End the process and what it has started. May be called again."""
        self._process.end()

    def _greeting(self) -> Mapping[str, Any]:
        """Return the description that a host sends when it is ready."""
        what = "model" if self._subject.language == "python" else "library"
        loading = f"its {what} {self._subject.target}"
        remedy = f"fix the {what}" if what == "model" else "build it again with 'driftcheck build'"
        try:
            word, item = self._frame(self._limits.start_s)
        except HostDied as death:
            evidence, hung = death.outcome.evidence, isinstance(death.outcome, Hung)
            if was_killed(death.outcome):
                raise HostKilled(self._subject.name, evidence.reason) from None
            found = f"its host {'did not end' if hung else 'died while'} loading {loading}: {evidence.reason}"
            if isinstance(death.outcome, Exhausted):
                remedy = f"give it more memory than {self._limits.memory_bytes >> 20} MiB"
            raise HostFailed(self._subject.name, found, remedy, evidence.stderr) from None
        found = f"{loading} cannot be loaded: {cut_text(str(item))}"
        if word == "ready":
            try:
                return checked_description(item)
            except ValueError as error:
                found = f"{loading} describes itself with {error}"
        raise HostFailed(self._subject.name, found, remedy, self._process.printed)

    def _frame(self, deadline_s: float, steps: Sequence[int] | None = None) -> tuple[Any, Any]:
        """Return the two items of the next frame."""
        growth = self._limits.memory_bytes / _GROWTH_S
        watch = _Watch(self._process, deadline_s, growth, self._data_at_start, steps)
        while self._death is None:
            try:
                if (frame := self._frames.take()) is not None:
                    return frame
            except (Noise, ReplyTooLarge) as fault:
                self._death = self._misspoke(fault)
                break
            readable, ended = self._process.wait(watch.tick_s)
            is_open = not readable or self._take(watch)
            if readable and is_open and not watch.is_over:
                continue  # read what the host sent before it died
            if ended or not is_open:
                self._death = self._died()
            elif (reason := watch.stalled()) is not None:
                self._death = self._stalled(reason)
        raise self._death

    def _take(self, watch: _Watch | None = None) -> bool:
        """Read the stream, and tell the watch; return whether the stream is still open."""
        try:
            data = self._process.stream.recv(_READ_AT_ONCE)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        self._frames.add(data)
        if watch is not None:
            watch.received(len(data))
        return bool(data)

    def _misspoke(self, fault: Noise | ReplyTooLarge) -> HostDied:
        """End the process after it sent something that it must not send."""
        death = self._process.end()
        printed = autopsy.end_of(self._process.printed)
        if isinstance(fault, ReplyTooLarge):
            evidence = Evidence(fault.reason, LARGE_REPLY, printed, peak_bytes=death.peak_bytes)
            return self._at_note(Exhausted(evidence), is_late=True)
        reason = f"noise on the stream of its host: {fault.reason}"
        evidence = Evidence(reason, NOISE, printed, peak_bytes=death.peak_bytes)
        return self._at_note(Crashed(evidence), is_late=True)

    def _died(self) -> HostDied:
        """Return how it ended, after its stream or its process has ended."""
        # Without its memory it has ended itself, and its supervisor ends what it has left, on a busy machine.
        has_ended = self._process.data_bytes() == 0
        if not self._process.wait_for_end(_DYING_S if has_ended else self._dying_s):
            return self._stalled("it closed its stream and did not exit")
        death = self._process.end()
        return self._at_note(autopsy.of_death(death, self._process.printed, self._subject.language))

    @property
    def _dying_s(self) -> float:
        """Return how long the process may take to end once its end has begun."""
        return _DYING_S if autopsy.is_dying(self._process.printed) else _CLOSED_S

    def _stalled(self, reason: str) -> HostDied:
        """Read the stacks of a process that makes no progress, and kill it."""
        is_dying = self._process.data_bytes() == 0 or autopsy.is_dying(self._process.printed)
        if is_dying and self._process.wait_for_end(self._dying_s):
            return self._died()
        stacks = "" if self._process.is_stopped else self._process.ask_for_stacks(_STACKS_S)
        death = self._process.end()
        return self._at_note(autopsy.of_stall(reason, stacks, death, self._process.printed))

    def _at_note(self, outcome: Crashed | Hung | Exhausted, *, is_late: bool = False) -> HostDied:
        trace, doing = self._process.note
        step = {_OPENING: None, _NOTHING: AFTER_LAST}.get(doing, doing - 1)
        return HostDied(trace, step, outcome, is_late)


def checked_description(item: Mapping[Any, Any]) -> Mapping[str, Any]:
    """Return what a library says of itself; raises ValueError where it has not the form of wire.md."""
    for key in ("contract", "fingerprint", "language", "toolchain", "build"):
        if not isinstance(item.get(key, ""), str):
            raise ValueError(f"{key} = {glimpse(item[key])}, but text is expected")
    libraries = item.get("libraries", {})
    if not isinstance(libraries, dict) or not all(
        isinstance(word, str) for pair in libraries.items() for word in pair
    ):
        raise ValueError(f"libraries = {glimpse(libraries)}, but names with their versions are expected")
    texts = {key: cut_text(value) for key, value in item.items() if isinstance(value, str)}
    return {**item, **texts}


class _Watch:
    """Watches the note of a host that has not answered yet.

    Args:
        process: the process of the host.
        deadline_s: in which the note must change.
        growth: of memory that approaches its limit, in bytes per second.
        data_bytes: private memory of the process before the first request.
        steps: of each trace of the request; None where nothing is known of them.
    """

    def __init__(
        self,
        process: Process,
        deadline_s: float,
        growth: float,
        data_bytes: int,
        steps: Sequence[int] | None = None,
    ) -> None:
        self._process = process
        self._deadline_s = deadline_s
        self._reason = f"no progress for {deadline_s:g} s"
        self._growth = growth
        self._data_bytes = data_bytes
        self._steps = steps
        self._note = self._first_note = process.note  # the first may be that of an earlier request
        self._received = 0  # bytes, since the last progress
        self._since = time.monotonic()
        self._was_stopped = False
        self._next_look = 0.0
        self.tick_s = min(max(deadline_s / 10, 0.002), 0.1)

    def stalled(self) -> str | None:
        """Return why the host will make no progress; None while it may. Looks once in each tick."""
        if time.monotonic() < self._next_look:
            return None
        self._next_look = time.monotonic() + self.tick_s / 2
        was_stopped, self._was_stopped = self._was_stopped, self._process.is_stopped
        if was_stopped and self._was_stopped:  # a debugger may stop it for a moment
            return STOPPED
        return self._reason if self._is_at_rest() else None

    @property
    def is_over(self) -> bool:
        """Say whether the deadline has passed without progress, so that a look is due."""
        return time.monotonic() - self._since >= self._deadline_s

    def received(self, count: int) -> None:
        """Take so many bytes of a reply for a part of the progress."""
        self._received += count

    def _has_progressed(self) -> bool:
        """Say whether the note went on, or much of a reply has come: a subject can write a little of both."""
        if self._received >= _PROGRESS_BYTES:
            return True
        note = trace, doing = self._process.note
        is_later = note > self._note or self._note == self._first_note != note
        if self._steps is None:
            is_later = note != self._note
        elif trace >= len(self._steps) or (doing != _NOTHING and doing > self._steps[trace]):
            return False
        if is_later:
            self._note = note
        return is_later

    def _is_at_rest(self) -> bool:
        """Say whether neither the note nor the memory has changed within the deadline."""
        now = time.monotonic()
        if self._has_progressed():
            self._since, self._received = now, 0
        if now - self._since < self._deadline_s:
            return False
        # A host that allocates without end must not be taken for one that hangs.
        before, self._data_bytes = self._data_bytes, self._process.data_bytes()
        enough_bytes = self._growth * self._deadline_s
        self._since, self._deadline_s = now, max(self._deadline_s, _GROWTH_SEEN_S)
        return self._data_bytes - before < enough_bytes
