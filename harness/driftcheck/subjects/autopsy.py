"""
What a death means: from what a host left behind to an outcome with its evidence.

Pure functions over text. Knows how Go, Rust and Python tell of their end; knows nothing of processes.
A *frame* goes into signatures, so it has to be the same on every run: it holds no address, number or
line, and nothing of a subject's own words.
"""

from __future__ import annotations

import re
import signal
from collections import Counter

from driftcheck.core.outcome import Crashed, Evidence, Exhausted, Hung
from driftcheck.subjects import goroutines
from driftcheck.subjects.goroutines import Goroutine
from driftcheck.subjects.process import Death

_GO_STATUS = 2  # of its fatal errors before it is all loaded; later they end by a signal
_SHOWN = 8192  # characters that are kept of each text

# The line that tells of the end, by who tells.
_END = re.compile(
    r"^(?:(?P<allocator>"
    r"fatal error: .*(?:out of memory|cannot allocate memory).*"  # Go's heap
    r"|runtime: failed to create new OS thread.*|(?:runtime/cgo: )?pthread_create failed.*"  # for a thread
    r"|memory allocation of \d+ bytes failed"  # Rust
    r"|terminate called after throwing an instance of 'std::bad_alloc'"
    r")|(?P<go>panic: .*|fatal error: .*|SIG[A-Z]+: .*"
    r")|(?P<fault>driftcheck: fault signal=\d+ address=0x[0-9a-f]+ [\w-]+"
    r")|(?P<rust>thread .* panicked at .*:\d+:\d+:|driftcheck: earlier panic: .*|fatal runtime error: .*"
    r")|(?P<python>Traceback \(most recent call last\):\n(?:[ \t].*\n)+[A-Za-z_][\w.]*(?:: .*)?"
    r"))$",
    re.MULTILINE,
)
_GROWS_STACK = re.compile(r"^runtime\.(?:newstack|copystack)\(", re.MULTILINE)
_WAITING = re.compile(r"chan |select|semacquire|sync\.|sema")  # states in which a goroutine stays put


def of_death(death: Death, printed: str, language: str) -> Crashed | Exhausted:
    """Say what ended a process that ended by itself.

    Args:
        death: how, as the system saw it.
        printed: the latest of what it printed.
        language: of the subject.
    """
    how, frame = _system_words(death, language)
    end = _last_words(death, printed)
    if end is None:
        return Crashed(_evidence(how, frame, death, printed[-_SHOWN:]))
    line = end[0].rpartition("\n")[2]
    shown = printed[end.start() :]
    # A Go stack doubles in the same memory as the heap, so it may be what finds no more of it.
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
        case _:
            frame = line.partition(":")[0]
    return Crashed(_evidence(f"{how}: {line}", frame, death, shown))


def of_stall(reason: str, stacks: str, death: Death, printed: str) -> Hung:
    """Say where a process stood that did not move on, and was killed.

    Args:
        reason: why it was given up.
        stacks: that it printed before, or "".
        death: as it was then killed.
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


def is_dying(printed: str) -> bool:
    """Say whether the last that was printed are the words with which Go ends a process.

    It may take seconds then, for Go waits for the other threads to print their stacks.
    """
    end = _last(printed)
    return end is not None and end.lastgroup in ("go", "allocator")


def _last(printed: str) -> re.Match[str] | None:
    found = list(_END.finditer(printed))
    return found[-1] if found else None


def _last_words(death: Death, printed: str) -> re.Match[str] | None:
    """Return what it printed about its end, if that can be the end which the system saw."""
    end = _last(printed)
    if end is None or death.signal == signal.SIGKILL:
        return None
    # Who says so much exits with this; otherwise the words are of something that was survived.
    status = {"python": 1, "go": _GO_STATUS, "allocator": _GO_STATUS}.get(end.lastgroup or "")
    by_signal = death.signal is not None and end.lastgroup != "python"
    return end if by_signal or (status is not None and death.exit_status == status) else None


def _system_words(death: Death, language: str) -> tuple[str, str]:
    if death.signal is None:
        status = f"exit status {death.exit_status}"
        return status, status
    try:
        name = signal.Signals(death.signal).name
    except ValueError:
        name = "of real time"
    # The Rust SDK tells of every fault, but where the stack of a thread has run out.
    silent_overflow = language == "rust" and death.signal == signal.SIGSEGV
    return f"signal {death.signal} ({name})", "stack overflow" if silent_overflow else name


def _go_frame(line: str, shown: str, *, overflow: bool) -> str:
    parsed = goroutines.parse(shown)
    functions = parsed[0].functions if parsed else ()
    if overflow or line == "fatal error: stack overflow":
        # Which of the functions that call one another was at the top is chance.
        return _joined("stack overflow", _most_common(functions))
    return _joined(_go_class(line), next(iter(functions), ""))


def _go_class(line: str) -> str:
    kind, _, words = line.partition(": ")
    if kind == "panic":
        # Only the runtime's own words are the same on every run, up to the first value.
        found = re.match(r"runtime error: ([a-z -]*[a-z])", words)
        return f"panic: {found[1]}" if found else "panic"
    if kind == "fatal error":
        # Which of the writers and readers notices is chance.
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
    # Where a loop was met is chance; what stays is from where it was entered.
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
