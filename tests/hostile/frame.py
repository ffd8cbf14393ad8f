"""
The frame of the hostile corpus: gives driftcheck one hostile input, and says what is wrong with its answer.

A module `corpus_*.py` in this folder holds `CORPUS`, a list of `Hostile`. `test_corpus.py` runs all of them,
and `count.py` counts them. Knows processes and their memory. Knows no format.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

import attrs

from driftcheck.cli import main

TESTS = Path(__file__).parents[1]
sys.path += [folder for folder in map(str, (TESTS / "unit", TESTS / "subjects")) if folder not in sys.path]

LIMIT_S = 10.0  # of the processor, for an answer; how long that takes depends on what else the machine does
WAIT_S = 60.0  # for an answer, in which a command may also wait
PEAK_BYTES = 300 << 20  # of memory, above that of a harmless command
SENTENCE = 2_000  # characters; a message that is longer is no sentence
HARMLESS = ("contracts",)
MISUSE = frozenset({2})
MARK = "DRIFTCHECK_HOSTILE"  # the variable by which processes that were left behind are found
DYING_S = 2.0  # that a process may take to end after it was told to
TRACEBACK = "Traceback (most recent call last)"

# `ru_maxrss` of a child counts its hosts too, so the command itself says how much memory it had.
_PROGRAM = """\
import atexit, os, sys, time
descriptor = int(sys.argv[1])
def say():
    with open("/proc/self/status") as lines:
        peak = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    os.write(descriptor, f"{peak} {time.process_time()}".encode())
own = os.getpid()
atexit.register(lambda: say() if os.getpid() == own else None)
sys.argv[:] = [sys.argv[2], *sys.argv[3:]]
if sys.argv[0] == "pytest":
    from pytest import console_main as main
else:
    from _driftcheck_cli import main
sys.exit(main())
"""


@attrs.frozen
class Hostile:
    """A hostile input."""

    kind: str  # a word for the count: "case", "export", ...
    name: str  # unique within its kind
    write: Callable[[Path], Sequence[str]]  # writes its files into an empty folder, and returns the words
    expected: frozenset[int] = MISUSE  # exit codes
    says: str | tuple[str, ...] = ()  # what the message must hold
    is_sentence: bool = True  # the message is short
    own_process: bool = False  # cannot run inside the process of the tests
    inside: bool = False  # cannot run in a process of its own: no command line can hold its words
    nightly: bool = False  # too slow for every run
    program: str = "driftcheck"  # or "pytest"
    env: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Answer:
    """What a command did."""

    code: int | None  # the exit code; negative for a signal, None where the time was up
    out: str
    err: str
    seconds: float  # of the processor, without hosts; of the clock, where the command did not end itself
    peak_bytes: int | None = None  # of its own process; None where it was not measured, or was killed
    left: tuple[str, ...] = ()  # processes and temporary files that are still there


class _TookTooLong(BaseException):
    """The time for an answer is up."""


def run(
    words: Sequence[str],
    folder: Path,
    *,
    program: str = "driftcheck",
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    limit_s: float = WAIT_S,
) -> Answer:
    """Run a command in a process of its own.

    Args:
        words: its arguments.
        folder: its working directory.
        program: "driftcheck" or "pytest".
        env: variables beside those of this process.
        stdin: what it can read from standard input.
        limit_s: after this time it is killed.
    """
    mark = uuid.uuid4().hex
    path = os.pathsep.join(part for part in sys.path if part)
    with tempfile.TemporaryDirectory() as scratch:
        readable, writable = os.pipe()
        try:
            started = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(writable), program, *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": path, "TMPDIR": scratch, MARK: mark, **(env or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(writable,),
            )
            os.close(writable)
            writable = -1
            try:
                out, err = process.communicate(stdin, limit_s)
                code: int | None = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                code = None
            seconds = time.monotonic() - started
            os.set_blocking(readable, False)
            peak, _, processor_s = _read(readable).decode().partition(" ")
        finally:
            os.close(readable)
            if writable >= 0:
                os.close(writable)
        left = (*_processes(mark), *(f"file {name}" for name in sorted(os.listdir(scratch))))
    return Answer(
        code,
        out.decode(errors="replace"),
        err.decode(errors="replace"),
        float(processor_s or seconds),
        int(peak) << 10 if peak else None,
        left,
    )


def run_inside(
    words: Sequence[str], folder: Path, *, limit_s: float = LIMIT_S, wait_s: float = WAIT_S
) -> Answer:
    """Run `driftcheck` with these words inside this process, which is fast; measures no memory."""
    out, err = _Text(), _Text()
    code: int | None
    started = time.process_time()
    with _as_in(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            with _limited(limit_s, wait_s) as is_up:
                sys.argv = ["driftcheck", *words]
                main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if is_up:  # driftcheck took it for what an author's code raised
                code = None
        except _TookTooLong:
            code = None
        except BaseException as error:
            import traceback

            traceback.print_exception(error, file=err)
            code = 1
    return Answer(code, out.getvalue(), err.getvalue(), time.process_time() - started)


def answer(hostile: Hostile, folder: Path, *, own_process: bool) -> Answer:
    """Write a hostile input into an empty folder, and give it to driftcheck."""
    words = hostile.write(folder)
    if own_process or hostile.own_process:
        return run(words, folder, program=hostile.program, env=hostile.env)
    return run_inside(words, folder)


def faults(hostile: Hostile, answer: Answer) -> list[str]:
    """Say what is wrong with an answer; nothing, where it is as it must be."""
    said = answer.out + answer.err
    found = []
    if TRACEBACK in said:
        found.append(f"a traceback: {said[said.index(TRACEBACK) :][-2_000:]}")
    if answer.code is None or answer.seconds > LIMIT_S:
        found.append(f"no answer within {LIMIT_S:.0f} s, but {answer.seconds:.1f} s")
    elif answer.code not in hostile.expected:
        found.append(f"exit code {answer.code}, not {sorted(hostile.expected)}: {said[-2_000:]}")
    wanted = (hostile.says,) if isinstance(hostile.says, str) else hostile.says
    found += [f"{part!r} is not in what it says: {said[:2_000]}" for part in wanted if part not in said]
    if hostile.is_sentence and len(answer.err) > SENTENCE:
        found.append(f"a message of {len(answer.err)} characters: {answer.err[:500]}")
    if answer.peak_bytes is not None and answer.peak_bytes > base_bytes() + PEAK_BYTES:
        found.append(f"a peak of {answer.peak_bytes >> 20} MiB; the base is {base_bytes() >> 20} MiB")
    found += [f"left behind: {one}" for one in answer.left]
    return found


@functools.cache
def base_bytes() -> int:
    """Return the peak of the memory of a harmless command."""
    with tempfile.TemporaryDirectory() as folder:
        harmless = run(HARMLESS, Path(folder), limit_s=60)
    assert harmless.code == 0, harmless.err
    assert harmless.peak_bytes is not None
    return harmless.peak_bytes


def all_hostile() -> list[Hostile]:
    """Return the hostile inputs of all modules `corpus_*.py` in this folder."""
    here = Path(__file__).parent
    found: list[Hostile] = []
    for path in sorted(here.glob("corpus_*.py")):
        found += importlib.import_module(path.stem).CORPUS
    return found


def one_in(count: int, name: str) -> bool:
    """Choose one input in this many by its name, so that the choice stays the same when others are added."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) % count == 0


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 64)
    except BlockingIOError:
        return b""


def _processes(mark: str) -> tuple[str, ...]:
    """Return the processes that carry a mark in their environment, after the time to end."""
    wanted = f"{MARK}={mark}".encode()
    until = time.monotonic() + DYING_S
    while True:
        found = tuple(_carrying(wanted))
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def _carrying(wanted: bytes) -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                words = path.with_name("cmdline").read_bytes().replace(b"\0", b" ")
                yield f"process {path.parent.name}: {words[:200].decode(errors='replace')}"
        except OSError:
            continue  # it has ended, or belongs to somebody else


class _Text(io.TextIOWrapper):
    """A text stream in memory with a `buffer`, as standard output has one."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)

    def getvalue(self) -> str:
        """Return all that was written."""
        self.flush()
        written: bytes = self.buffer.getvalue()  # type: ignore[attr-defined] # a BytesIO
        return written.decode()


@contextlib.contextmanager
def _as_in(folder: Path) -> Iterator[None]:
    """Work in a folder, and forget afterwards what was imported from it."""
    before, path, words = os.getcwd(), [*sys.path], sys.argv
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:], sys.argv = path, words
        own = {one.stem for one in folder.iterdir()}
        for name in [*sys.modules]:
            if name.partition(".")[0] in own:
                del sys.modules[name]
        importlib.invalidate_caches()


@contextlib.contextmanager
def _limited(limit_s: float, wait_s: float) -> Iterator[list[bool]]:
    """Raise _TookTooLong when the processor has worked for `limit_s`, or `wait_s` have passed.

    The list is empty until then.
    """
    is_up: list[bool] = []

    def end(number: int, frame: FrameType | None) -> None:
        is_up.append(True)
        raise _TookTooLong

    assert threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    clock = threading.Timer(wait_s, os.kill, (os.getpid(), signal.SIGPROF))
    clock.start()
    try:
        yield is_up
    finally:
        clock.cancel()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
