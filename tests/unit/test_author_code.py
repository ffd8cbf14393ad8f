"""Calls of an author's code: what it raises, and how long and how large it may be."""

from __future__ import annotations

import bdb
import itertools
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import attrs
import pytest

from driftcheck.core import author_code
from driftcheck.core.author_code import AuthorLimits, Misbehaviour, call, guarded, place_of, shown
from driftcheck.core.errors import ContractError, DriftcheckError

SHORT = AuthorLimits(deadline_s=0.4, memory_bytes=150 << 20)


@attrs.define(eq=False)
class Failed(DriftcheckError):
    """The error of these tests."""

    misbehaviour: Misbehaviour

    def __str__(self) -> str:
        return self.misbehaviour.sentence("the law", "be kind")


def told(function: Callable[..., Any], *arguments: Any) -> str:
    """Return what is reported of a function that misbehaves."""
    with pytest.raises(Failed) as failed:
        call(function, *arguments, fails=Failed)
    return str(failed.value)


def line_of(function: Callable[..., Any], after: int) -> str:
    """Return how a place some lines after the beginning of a function is reported."""
    code = function.__code__
    return f"; see {__file__}, line {code.co_firstlineno + after}, in {code.co_name}"


def raises(error: BaseException) -> None:
    raise error


def loops() -> None:
    while True:
        pass


def catches() -> None:
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            continue


def gives_up() -> None:
    try:
        time.sleep(3600)
    except BaseException:
        raise ValueError("interrupted") from None


def goes_on() -> str:
    try:
        time.sleep(3600)
    except BaseException:
        return "late"
    return "in time"


def recurs() -> None:
    recurs()


def fills() -> None:
    kept = []
    while True:
        kept.append(b"x" * 100_000)


def test_a_value_comes_back() -> None:
    """A function that behaves is only called."""
    assert call(divmod, 7, 2, fails=Failed) == (3, 1)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no"), "raised ValueError: no"),
        (ValueError(), "raised ValueError"),
        (SystemExit(0), "raised SystemExit: 0"),
        (GeneratorExit(), "raised GeneratorExit"),
        (KeyboardInterrupt(), "raised KeyboardInterrupt"),
        (ValueError("two\nlines"), r"raised ValueError: two\nlines"),
        (ValueError("x" * 10**6), f"raised ValueError: {'x' * 497}..."),
    ],
)
def test_whatever_is_raised_is_told_with_its_place(error: BaseException, said: str) -> None:
    """Also what ends a process: one line, where it was raised, and what to do."""
    assert told(raises, error) == f"the law {said}{line_of(raises, 1)}; be kind"


def test_an_error_of_driftcheck_and_what_may_pass_come_through() -> None:
    """Neither is a misbehaviour."""
    with pytest.raises(ContractError):
        call(raises, ContractError("toy", "is wrong"), fails=Failed)
    with pytest.raises(StopIteration):
        call(raises, StopIteration(), fails=Failed, passing=(StopIteration,))


def test_the_place_is_the_authors_own() -> None:
    """What a library raises is reported at the line that calls the library."""

    def compiles() -> None:
        re.compile("(")

    assert line_of(compiles, 1) in told(compiles)


@pytest.mark.parametrize("function", [gives_up, goes_on])
def test_a_call_that_catches_the_interruption_is_late_all_the_same(function: Callable[[], Any]) -> None:
    """Also where it returns a value then, or raises what it may."""
    with guarded(SHORT):
        with pytest.raises(Failed, match=r"the law did not end within 0\.4 s"):
            call(function, fails=Failed, passing=(ValueError,))
        for _ in range(100):
            call(time.sleep, 0.001, fails=Failed)  # the next calls are not interrupted

    assert sys.gettrace() is None or "at_line" not in repr(sys.gettrace())


def test_a_call_whose_interruption_python_swallows_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python does so in `__del__`; the value that comes back is not used."""

    class Slow:
        def __del__(self) -> None:
            time.sleep(3600)

    monkeypatch.setattr(sys, "unraisablehook", lambda found: None)
    with guarded(SHORT):
        assert "did not end within 0.4 s" in told(lambda: Slow() and "late")


@pytest.mark.parametrize("function", [loops, catches], ids=lambda f: f.__name__)
def test_a_call_without_end_is_interrupted(function: Callable[[], None]) -> None:
    """Also one that catches what interrupts it."""
    started = time.monotonic()
    with guarded(SHORT):
        said = told(function)

    assert said.startswith(f"the law did not end within 0.4 s; see {__file__}, line ")
    assert f", in {function.__name__}; " in said
    assert said.endswith("raise author-deadline in [tool.driftcheck] of pyproject.toml")
    assert time.monotonic() - started < 5
    assert sys.gettrace() is None or "at_line" not in repr(sys.gettrace())


@pytest.mark.parametrize(
    "function",
    [
        lambda: re.fullmatch("(a+)+$", "a" * 60 + "b"),
        lambda: time.sleep(3600),
        lambda: signal.pause() or time.sleep(3600),
        lambda: 10 ** (10**9),
    ],
    ids=["regex", "sleep", "pause", "power"],
)
def test_what_waits_or_computes_in_c_is_interrupted(function: Callable[[], Any]) -> None:
    """A regular expression holds the interpreter, but looks for signals."""
    with guarded(SHORT):
        assert "did not end within 0.4 s" in told(function)


@pytest.mark.parametrize(
    "function", [fills, lambda: [*itertools.count()], lambda: b"x" * (1 << 40)], ids=["loop", "c", "once"]
)
def test_a_call_that_grows_is_ended(function: Callable[[], Any]) -> None:
    """Its memory is free again when the error is reported."""
    with guarded(AuthorLimits(deadline_s=20, memory_bytes=150 << 20)):
        before = author_code._data_bytes()
        said = told(function)
        after = author_code._data_bytes()

    assert said.startswith(f"the law took more than 150 MiB of memory; see {__file__}, line ")
    assert after - before < 50 << 20


def test_an_exception_that_cannot_be_read_is_told_by_its_type() -> None:
    """Its `__str__` may do anything, even never end."""

    class Mute(Exception):
        def __str__(self) -> str:
            sys.exit(3)

    class Endless(Exception):
        def __str__(self) -> str:
            return str(loops())

    with guarded(SHORT):
        assert "raised Mute: (its text cannot be read: SystemExit)" in told(raises, Mute())
        assert "raised Endless: (its text cannot be read: TimeIsOver)" in told(raises, Endless())


def test_a_value_that_cannot_be_shown_is_told_by_its_type() -> None:
    """So a message never fails because of what it shows."""

    class Shy:
        def __repr__(self) -> str:
            raise SystemExit(0)

    assert shown(Shy(), 20) == "<Shy>"
    assert shown("x" * 30, 20) == f"'{'x' * 16}..."


def test_a_recursion_without_end_is_told() -> None:
    """Python ends it by itself."""
    assert told(recurs).startswith("the law raised RecursionError: maximum recursion depth exceeded")


def test_the_time_of_each_call_is_its_own() -> None:
    """Many short calls may take longer than one may."""
    with guarded(SHORT):
        for _ in range(8):
            call(time.sleep, 0.1, fails=Failed)
        time.sleep(0.6)  # no call is at work


def test_who_steps_through_a_call_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A debugger such as pdb stops the clock."""
    monkeypatch.setattr(sys, "gettrace", lambda: bdb.Bdb().trace_dispatch)

    with guarded(SHORT):
        call(time.sleep, 1.0, fails=Failed)


def test_a_real_interrupt_passes() -> None:
    """Ctrl-C while an author's code runs is no mistake of the author."""
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()

    with guarded(AuthorLimits()), pytest.raises(KeyboardInterrupt):
        call(loops, fails=Failed)


def test_all_is_as_before_when_the_guard_ends() -> None:
    """Handler, timer, limit and streams; a guard in a guard only changes the limits."""
    before = signal.getsignal(signal.SIGALRM), resource.getrlimit(resource.RLIMIT_DATA)
    with guarded(SHORT):
        with guarded(AuthorLimits(deadline_s=60)):
            call(time.sleep, 0.6, fails=Failed)
        assert "did not end" in told(loops)
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] != before[1][0]

    assert (signal.getsignal(signal.SIGALRM), resource.getrlimit(resource.RLIMIT_DATA)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_somebody_elses_timer_goes_on() -> None:
    """A plugin of pytest may use the same one: its handler is called, and what it raises passes."""

    class TooLong(Exception):
        pass

    def theirs(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, theirs)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with guarded(AuthorLimits()), pytest.raises(TooLong):
            call(loops, fails=Failed)

        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with guarded(AuthorLimits()):
            pass
        with pytest.raises(TooLong):
            time.sleep(5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_another_thread_is_only_not_interrupted() -> None:
    """There a guard does nothing, since Python handles signals in the main thread alone."""
    found: list[object] = []

    def work() -> None:
        with guarded(SHORT):
            found.append(told(raises, SystemExit(0)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert len(found) == 1


def test_what_is_printed_goes_to_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It is made safe to show; without a guard nothing changes."""

    def prints() -> None:
        sys.stdout.write("\x1b[31mout\n")
        sys.stderr.writelines(["\x1b[31merr\n"])
        assert sys.stdout.isatty() is False

    with guarded(SHORT):
        call(prints, fails=Failed)

    assert capsys.readouterr() == ("", "\\x1b[31mout\n\\x1b[31merr\n")


def test_the_place_of_a_function_is_known_where_python_knows_it() -> None:
    """A function in C, or of a library, has none."""
    assert place_of(loops) == line_of(loops, 0)
    assert place_of(len) == ""
    assert place_of(re.compile) == ""
