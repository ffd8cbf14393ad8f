"""
Calls of code that an author wrote: invariants, laws, strategies, codecs, models, plugins, and their modules.

Such code is trusted, so it runs in this process. It must still not end this process, block it, fill the
memory, or write to the terminal. Each mistake of such code becomes one error that names the place.
Knows functions. Knows nothing of contracts.
"""

from __future__ import annotations

import mmap
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeVar

import attrs

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.shorten import shorten
from driftcheck.core.visible import visible

T = TypeVar("T")

DEADLINE_S = 10.0  # for one call
MEMORY_BYTES = 1 << 30  # that this process may take beyond what it has at the start
TICK_S = 0.1  # between two looks at the running call
INSIST_S = 0.005  # between two interruptions of a call that catches them
LONGEST = 500  # characters of what an exception says
MORE = "fix it, or raise {} in [tool.driftcheck] of pyproject.toml"


@attrs.frozen
class AuthorLimits:
    """How much time and memory an author's code may take."""

    deadline_s: float = DEADLINE_S
    memory_bytes: int = MEMORY_BYTES


@attrs.frozen
class Misbehaviour:
    """What an author's code did instead of returning a value."""

    what: str  # such as "raised ValueError: not this"
    place: str  # such as "; see shop.py, line 12, in total"
    is_raised: bool  # the code raised it; otherwise driftcheck ended the call
    advice: str = ""  # that fits better than the one of the caller
    codes: frozenset[CodeType] = frozenset()  # of the functions that it came through

    def sentence(self, who: str, advice: str = "", *, about: str = "") -> str:
        """Return what happened, where, and what to do.

        Args:
            who: the code, such as "invariant 'sorted'".
            advice: what such code must do.
            about: what follows what it did, such as " for 0".
        """
        advice = self.advice or advice
        return f"{who} {self.what}{about}{self.place}" + (f"; {advice}" if advice else "")


class _TimeIsOver(BaseException):
    """A call has taken too long."""


def call(
    function: Callable[..., T],
    *arguments: Any,
    fails: Callable[[Misbehaviour], DriftcheckError],
    passing: tuple[type[BaseException], ...] = (),
) -> T:
    """Call a function of an author.

    Args:
        fails: makes the error for what the function does wrong.
        passing: what the function may raise; it passes through, as an error of driftcheck does.

    Raises:
        DriftcheckError: the function raised something else, even SystemExit, or had to be interrupted.
    """
    outer, _watch.spent_s, printed = _watch.spent_s, [0.0], _watch.printed
    streams = sys.stdout, sys.stderr
    if printed is not None and sys.stderr is not printed:
        printed.target = sys.stderr
        sys.stdout = sys.stderr = printed
    try:
        value = function(*arguments)
        if not _watch.is_insisting:
            return value
        misbehaviour = _watch.examined(_TimeIsOver(), function)  # it has caught the interruption
    except BaseException as error:
        _watch.spent_s[0] = 0.0  # so that the author's own `__str__` is interrupted too, and nothing else
        may_pass = isinstance(error, (DriftcheckError, *passing)) and not _watch.is_insisting
        if may_pass or _watch.is_of_others(error):
            raise
        misbehaviour = _watch.examined(error, function)
    finally:
        sys.stdout, sys.stderr = streams
        if _watch.is_insisting:
            _watch.rest()
        _watch.spent_s = outer
    raise fails(misbehaviour)  # here, where the exception and the objects of its frames are gone


def work_on(contract: str) -> None:
    """Note whose code is called from now on, for callers that know no contract."""
    _watch.contract = contract


def contract_at_work() -> str:
    """Return the name of the contract whose code is called."""
    return _watch.contract


@contextmanager
def guarded(limits: AuthorLimits) -> Iterator[None]:
    """Limit the time and the memory of the calls in this block.

    Only the main thread of a process can be interrupted; in another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _watch.on(limits):
        yield


def place_of(function: Callable[..., Any]) -> str:
    """Return the place of a function, as the end of a sentence; "" where Python does not know."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType) or not _is_authors(code.co_filename):
        return ""
    return _place(code.co_filename, code.co_firstlineno, code.co_name)


class _Printed:
    """The standard output and error of an author's code: all goes to the standard error, made safe to show.

    So standard output has only results.
    """

    def __init__(self) -> None:
        self.target: Any = sys.stderr

    def write(self, text: str) -> int:
        """Write text as a stream does."""
        if self.target is not None:
            self.target.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts as a stream does."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)


class _Watch:
    """Looks, ten times a second, at the running call.

    The timer of the kernel interrupts even a regular expression, which holds the interpreter but looks for
    signals. Nothing interrupts a function in C that looks for none, such as `sum` of an endless iterator; if
    such a function takes more and more memory, the memory limit stops it.
    """

    def __init__(self) -> None:
        self.spent_s: list[float] = [0.0]  # by the call that is at work, as far as it was seen
        self.printed: _Printed | None = None  # None: nobody guards the calls
        self.contract = "?"
        self._limits = AuthorLimits()
        self.is_insisting = False
        self._interrupted_at = ""
        self._tracer: Any = None
        self._idle = self.spent_s
        self._others: BaseException | None = None  # what somebody else's handler of the timer raised
        self._due: float | None = None  # when that handler must be called
        self._period_s = 0.0
        self._handler: Any = None

    @contextmanager
    def on(self, limits: AuthorLimits) -> Iterator[None]:
        """Limit the calls in this block, within another such block too."""
        before = self._limits
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = _data_bytes() + limits.memory_bytes
        if soft == resource.RLIM_INFINITY or most < soft:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
        self._limits = limits
        try:
            if self.printed is None:
                with self._ticking():
                    yield
            else:
                yield
        finally:
            self._limits = before
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))

    @contextmanager
    def _ticking(self) -> Iterator[None]:
        self.printed = _Printed()
        self._handler = signal.signal(signal.SIGALRM, self._tick)
        left_s, self._period_s = signal.setitimer(signal.ITIMER_REAL, TICK_S, TICK_S)
        self._due = time.monotonic() + left_s if left_s else None
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._handler)
            if self._due is not None:
                left_s = max(self._due - time.monotonic(), 1e-6)
                signal.setitimer(signal.ITIMER_REAL, left_s, self._period_s)
            self.printed = None

    def _tick(self, number: int, frame: FrameType | None) -> None:
        """Count the time of the call that is at work, and interrupt it where it has taken too long."""
        self._serve_others(number, frame)
        if self.spent_s is self._idle or _is_debugged():
            return
        self.spent_s[0] += INSIST_S if self.is_insisting else TICK_S
        if self.spent_s[0] > self._limits.deadline_s:
            frames = [*_frames_of_call(frame)]
            if not self.is_insisting:
                self._interrupted_at = _innermost((one, one.f_lineno) for one in frames)
            self._insist(True)
            self._interrupt_lines(frames)
            raise _TimeIsOver

    def _interrupt_lines(self, frames: Iterable[FrameType]) -> None:
        """Interrupt the next line too: it follows an `except` that may catch the first interruption."""
        for frame in frames:
            frame.f_trace = self._at_line
        sys.settrace(self._at_line)

    def _at_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            return None
        if event == "line":  # an exception at another event would be caught as the first one was
            raise _TimeIsOver
        return self._at_line

    def _serve_others(self, number: int, frame: FrameType | None) -> None:
        """Call the handler that had the timer before, such as that of a pytest plugin, when it is due."""
        if self._due is None or time.monotonic() < self._due or not callable(self._handler):
            return
        self._due = self._due + self._period_s if self._period_s else None
        try:
            self._handler(number, frame)
        except BaseException as error:
            self._others = error
            raise

    def rest(self) -> None:
        """Stop interrupting, and count from the beginning."""
        self.spent_s[0] = 0.0
        self._insist(False)

    def _insist(self, wanted: bool) -> None:
        if self.is_insisting != wanted:
            self.is_insisting = wanted
            if wanted:
                self._tracer = sys.gettrace()  # of a debugger, or of what measures coverage
            else:
                sys.settrace(self._tracer)
            wait_s = INSIST_S if wanted else TICK_S
            signal.setitimer(signal.ITIMER_REAL, wait_s, wait_s)

    def is_of_others(self, error: BaseException) -> bool:
        """Say whether an exception that passed through an author's code is not of its making."""
        if error is self._others:
            return True
        return isinstance(error, KeyboardInterrupt) and not _was_raised(error.__traceback__)

    def examined(self, error: BaseException, function: Callable[..., Any]) -> Misbehaviour:
        """Return what an exception says about the function that it comes from."""
        if self.is_insisting:
            error = _TimeIsOver()  # what came after the first interruption results from it
        self.rest()
        limited = resource.getrlimit(resource.RLIMIT_DATA)
        if isinstance(error, MemoryError):  # make room first: its frames may hold all the memory
            resource.setrlimit(resource.RLIMIT_DATA, (limited[1], limited[1]))
        try:
            codes = frozenset(frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__))
            made = self._misbehaviour(error, _where(error) or place_of(function))
            if isinstance(error, MemoryError):
                traceback.clear_frames(error.__traceback__)
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, limited)
        return attrs.evolve(made, codes=codes)

    def _misbehaviour(self, error: BaseException, place: str) -> Misbehaviour:
        if isinstance(error, _TimeIsOver):
            place = self._interrupted_at or place
            what = f"did not end within {self._limits.deadline_s:g} s"
            return Misbehaviour(what, place, False, MORE.format("author-deadline"))
        if isinstance(error, MemoryError) and self.printed is not None:
            what = f"took more than {self._limits.memory_bytes >> 20} MiB of memory"
            return Misbehaviour(what, place, False, MORE.format("author-memory"))
        return Misbehaviour(f"raised {described(error)}", place, True)


_watch = _Watch()


def _is_debugged() -> bool:
    """Say whether somebody steps through the code, such as after `breakpoint()`."""
    bdb: Any = sys.modules.get("bdb")
    return bdb is not None and isinstance(getattr(sys.gettrace(), "__self__", None), bdb.Bdb)


def described(error: BaseException) -> str:
    """Return an exception in one line: its type, and what it says."""
    name = type(error).__name__
    try:
        said = str(error)
    except BaseException as other:  # an author's `__str__` may do anything
        _watch.rest()
        said = f"(its text cannot be read: {type(other).__name__.removeprefix('_')})"
    return f"{name}: {shorten(said, LONGEST)}".removesuffix(": ").replace("\n", "\\n")


def shown(value: Any, longest: int) -> str:
    """Return the `repr` of an author's value, cut; where it misbehaves, the name of the type."""
    try:
        return shorten(call(repr, value, fails=_Unshowable), longest)
    except _Unshowable:
        return f"<{type(value).__name__}>"


class _Unshowable(DriftcheckError):
    """A `repr` of an author misbehaves."""


def _where(error: BaseException) -> str:
    """Return the place in an author's code that an exception comes from, as the end of a sentence."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"; see {error.filename}, line {error.lineno}"
    return _innermost(reversed([*traceback.walk_tb(error.__traceback__)]))


def _frames_of_call(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield the frames of the running call, from the innermost on."""
    while frame is not None and frame.f_code is not call.__code__:
        yield frame
        frame = frame.f_back


def _innermost(frames: Iterable[tuple[FrameType, int]]) -> str:
    """Return the place of the first of these frames that is in an author's code."""
    for frame, line in frames:
        if _is_authors(frame.f_code.co_filename):
            return _place(frame.f_code.co_filename, line, frame.f_code.co_name)
    return ""


def _place(file: str, line: int, function: str) -> str:
    of_module = function in ("<module>", "<lambda>") or not function.isidentifier()
    return f"; see {file}, line {line}" + ("" if of_module else f", in {function}")


def _is_authors(file: str) -> bool:
    """Say whether a file is neither of driftcheck nor of a library that calls the author's code back."""
    if file.startswith(("<", *_folders("driftcheck", "hypothesis", "attr", "attrs", "pluggy"))):
        return False
    return not file.startswith(_folders("os")) or "-packages" in file  # installed packages lie below Python's


def _folders(*modules: str) -> tuple[str, ...]:
    files = [getattr(sys.modules.get(name), "__file__", None) for name in modules]
    return tuple(os.path.dirname(file) + os.sep for file in files if file)


def _was_raised(trace: TracebackType | None) -> bool:
    """Say whether a `raise` statement raised an exception, and no handler of a signal."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not _is_authors(trace.tb_frame.f_code.co_filename):
        return False
    import dis  # it is rarely needed, and takes time at the start of each command

    code = trace.tb_frame.f_code.co_code
    return dis.opname[code[trace.tb_lasti]] == "RAISE_VARARGS"


def _data_bytes() -> int:
    """Return the private memory of this process."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[5]) * mmap.PAGESIZE
