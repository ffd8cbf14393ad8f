"""Builds side by side: chains run together, and each keeps its order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from driftcheck.build import tool
from driftcheck.build.side_by_side import SideBySide, in_order


def test_chains_run_at_the_same_time() -> None:
    """A job of one chain may wait for a job of another: none waits for a chain that is not its own."""
    both = threading.Barrier(2, timeout=10)

    numbers = in_order([("go", both.wait), ("rust", both.wait)])

    assert sorted(numbers) == [0, 1]


def test_a_chain_keeps_its_order() -> None:
    """Jobs of one chain follow each other, and results come in the order of the jobs."""
    done: list[int] = []

    def job(number: int) -> Callable[[], int]:
        def work() -> int:
            time.sleep(0.02 / (number + 1))
            done.append(number)
            return number

        return work

    results = in_order([("go", job(n)) for n in range(4)])

    assert results == done == [0, 1, 2, 3]


def test_the_first_error_in_order_is_raised() -> None:
    """Of two jobs that fail the earlier one counts, whichever fails first."""

    def late() -> None:
        time.sleep(0.05)
        raise ValueError("first")

    def soon() -> None:
        raise ValueError("second")

    with pytest.raises(ValueError, match="first"):
        in_order([("go", late), ("rust", soon)])


def test_what_has_not_started_is_cancelled() -> None:
    """Leaving cancels waiting jobs, so that an interrupted run does not compile on."""
    begun, release = threading.Event(), threading.Event()
    with SideBySide[bool]() as started:
        running = started.submit("go", lambda: begun.set() or release.wait(10))
        waiting = started.submit("go", lambda: True)
        begun.wait(10)
    release.set()

    assert running.result(10)
    assert waiting.cancelled()


def test_a_tool_that_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    """A run that has ended waits for no compiler, nor for what the compiler has started."""
    begun = tmp_path / "begun"
    script = f"sleep 60 & touch {begun}; wait"
    started = time.monotonic()
    with SideBySide[str]() as side_by_side:
        job = partial(tool.run, ["sh", "-c", script], cwd=tmp_path, env={})
        running = side_by_side.submit("one", job)
        while not begun.exists():
            time.sleep(0.01)

    with pytest.raises(tool.ToolFailed):
        running.result()
    assert time.monotonic() - started < 30
