"""
What a death means: makes an outcome with its evidence from what a host left behind.

Pure functions over text. Knows how Go, Rust and Python report their end; knows nothing of processes.
A *frame* is part of signatures, so it must be equal in every run. It contains no address, number or line, and
no message of a subject.
"""

from __future__ import annotations

import re
import signal
from collections import Counter

from driftcheck.core.outcome import Crashed, Evidence, Exhausted, Hung
from driftcheck.subjects import goroutines
from driftcheck.subjects.goroutines import Goroutine
from driftcheck.subjects.process import Death

_GO_STATUS = 2  # of fatal errors while Go starts; later they end by a signal
_SHOWN = 8192  # characters that are kept of each text

# The line that reports the end, by the program that prints it.
_END = re.compile(
    r"^(?:(?P<allocator>"
    r"fatal error: .*(?:out of memory|cannot allocate memory).*"  # Go's heap
    r"|runtime: failed to create new OS thread.*|(?:runtime/cgo: )?pthread_create failed.*"  # for a thread
    r"|memory allocation of \d+ bytes failed"  # Rust
    r"|terminate called after throwing an instance of 'std::bad_alloc'"
    r"|driftcheck: exhausted: .*"  # an SDK, of a state
    r")|(?P<go>panic: .*|fatal error: .*|SIG[A-Z]+: .*"
    r")|(?P<fault>driftcheck: fault signal=\d+ address=0x[0-9a-f]+ [\w-]+"
    # Bounded, so that no print of a subject makes the search slow.
    r")|(?P<rust>thread .{0,200} panicked at .{0,500}:\d+:\d+:"
    r"|driftcheck: earlier panic: .*|fatal runtime error: .*"
    r")|(?P<host>driftcheck: lost the stream: .*"
    r")|(?P<python>Traceback \(most recent call last\):\n(?:[ \t].*\n)+[A-Za-z_][\w.]*(?:: .*)?"
    r"))$",
    re.MULTILINE,
)
_OVER_LIMIT = "driftcheck: exhausted: "
_GROWS_STACK = re.compile(r"^runtime\.(?:newstack|copystack)\(", re.MULTILINE)
_WAITING = re.compile(r"chan |select|semacquire|sync\.|sema")  # states in which a goroutine stays put


def of_death(death: Death, printed: str, language: str) -> Crashed | Exhausted:
    """Return why a process ended that driftcheck did not stop.

    Args:
        death: what the operating system reports.
        printed: the latest of what it printed.
        language: of the subject.
    """
    how, frame = _system_words(death, language)
    end = _last_words(death, printed)
    if end is None:
        return Crashed(_evidence(how, frame, death, printed[-_SHOWN:]))
    line = end[0].rpartition("\n")[2]
    shown = printed[end.start() :]
    if line.startswith(_OVER_LIMIT):
        return Exhausted(_evidence(line.removeprefix(_OVER_LIMIT), "state larger than its limit", death, ""))
    # A Go stack grows in the same memory as the heap, so the growth of a stack may be what fails.
    grows_stack = _GROWS_STACK.search(shown.partition("\ngoroutine ")[0]) is not None
    if (end["allocator"] and not grows_stack) or re.match(r"MemoryError\b", line):
        words = re.sub(r"\d+", "N", line)
        return Exhausted(_evidence(f"past its memory limit: {words}", "", death, shown))
    match end.lastgroup:
        case "go" | "allocator":
            frame = _go_frame(line, shown, overflow=grows_stack)
            line += _go_signal(shown)
        case "fault":
            frame = line = line.rpartition(" ")[2].replace("-", " ")
        case "rust":
            frame = _rust_frame(line)
        case "host":
            frame = line = "lost the stream of its host"
        case _:
            frame = line.partition(":")[0]
    return Crashed(_evidence(f"{how}: {line}", frame, death, shown))


def of_stall(reason: str, stacks: str, death: Death, printed: str) -> Hung:
    """Return where a process was that made no progress and was killed.

    Args:
        reason: why it was killed.
        stacks: that it printed before, "" if there are none.
        death: how it ended then.
        printed: the latest of what it had printed.
    """
    parsed = goroutines.parse(stacks)
    step = next((g for g in parsed if g.runs_step), None)
    blocks = [g.text for g in sorted(parsed, key=lambda g: not g.runs_step) if not g.prints_stacks]
    frame = "" if step is None else _stall_frame(step)
    evidence = Evidence(
        reason=reason,
        frame=frame,
        stderr=printed[-_SHOWN:],
        stacks="\n\n".join(blocks)[:_SHOWN],
        peak_bytes=death.peak_bytes,
    )
    return Hung(evidence)


def end_of(printed: str) -> str:
    """Return as much of the end of a text as is kept of it."""
    return printed[-_SHOWN:]


def is_dying(printed: str) -> bool:
    """Say whether the last output is the message with which Go ends a process.

    The end may then take seconds, since Go waits until the other threads have printed their stacks.
    """
    end = _last(printed)
    return end is not None and end.lastgroup in ("go", "allocator")


def _last(printed: str) -> re.Match[str] | None:
    found = list(_END.finditer(printed))
    return found[-1] if found else None


def _last_words(death: Death, printed: str) -> re.Match[str] | None:
    """Return what it printed about its end, if this fits the end that the system reports."""
    end = _last(printed)
    if end is None or death.signal == signal.SIGKILL:
        return None
    # After these messages a process exits with this status. Otherwise it survived what the message reports.
    status = {"python": 1, "host": 1, "go": _GO_STATUS, "allocator": _GO_STATUS}.get(end.lastgroup or "")
    by_signal = death.signal is not None and end.lastgroup not in ("python", "host")
    return end if by_signal or (status is not None and death.exit_status == status) else None


def _system_words(death: Death, language: str) -> tuple[str, str]:
    if death.signal is None:
        status = f"exit status {death.exit_status}"
        return status, status
    try:
        name = signal.Signals(death.signal).name
    except ValueError:
        name = "of real time"
    # The Rust SDK reports every fault except an overflow of a stack.
    silent_overflow = language == "rust" and death.signal == signal.SIGSEGV
    return f"signal {death.signal} ({name})", "stack overflow" if silent_overflow else name


def _go_frame(line: str, shown: str, *, overflow: bool) -> str:
    parsed = goroutines.parse(shown)
    functions = parsed[0].functions if parsed else ()
    if overflow or line == "fatal error: stack overflow":
        # Which of several recursive functions is at the top is chance.
        return _joined("stack overflow", _most_common(functions))
    return _joined(_go_class(line), next(iter(functions), ""))


def _go_class(line: str) -> str:
    kind, _, words = line.partition(": ")
    if kind == "panic":
        # Only messages of the runtime are equal in every run, up to the first value.
        found = re.match(r"runtime error: ([a-z -]*[a-z])", words)
        return f"panic: {found[1]}" if found else "panic"
    if kind == "fatal error":
        # Which of the writers and readers notices it is chance.
        words = "concurrent map access" if words.startswith("concurrent map") else words
        return re.split(r"[\d:(\[]", words)[0].strip()
    return kind


def _go_signal(shown: str) -> str:
    found = re.match(r".*\n\[signal (SIG[A-Z]+)", shown)
    return f" ({found[1]})" if found else ""


def _most_common(functions: tuple[str, ...]) -> str:
    counts = Counter(functions)
    most = max(counts.values(), default=0)
    return min((f for f, count in counts.items() if 2 * count >= most), default="")


def _rust_frame(line: str) -> str:
    at = re.search(r"(?:panicked at |\()([^\s()]+):\d+:\d+", line)
    if at is None:
        return line.rpartition(": ")[2]
    source = re.sub(r"^.*/registry/src/[^/]+/|^/rustc/[0-9a-f]+/", "", at[1])
    return f"abort after a panic in {source}"


def _stall_frame(step: Goroutine) -> str:
    if _WAITING.match(step.state):
        return _joined(step.state, next(iter(step.functions), ""))
    # The place where a loop is interrupted varies; the function that entered it stays the same.
    return _joined("running", step.functions[-1] if step.functions else "")


def _joined(what: str, function: str) -> str:
    return f"{what} in {function}" if function else what


def _evidence(reason: str, frame: str, death: Death, shown: str) -> Evidence:
    return Evidence(
        reason=reason,
        frame=frame,
        stderr=shown[:_SHOWN],
        signal=death.signal,
        exit_status=death.exit_status,
        peak_bytes=death.peak_bytes,
    )
