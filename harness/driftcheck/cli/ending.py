"""
How a verb that searches ends: its last screen, its JUnit file, its exit code, and what Ctrl-C does.

Knows reported entries. Knows nothing of how they were searched.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from driftcheck.cli import AGREE, FINDINGS, INTERRUPTED, MISUSE, last_screen, summary
from driftcheck.cli.junit import write_junit
from driftcheck.cli.reported import Entry, not_run, reported
from driftcheck.cli.terminal import echo, echo_json, wants_colour
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.output_file import OutputError, OutputFile

# Within this time a second signal is the first one: `timeout` sends it to a process and to its group.
TWICE_S = 0.5


def write_results(junit: OutputFile | None, entries: Sequence[Entry]) -> list[OutputError]:
    """Write the JUnit file if one is wanted; return what went wrong."""
    try:
        if junit is not None:
            write_junit(junit, entries)
    except OutputError as error:
        return [error]
    return []


def exit_code(entries: Sequence[Entry], not_written: Sequence[DriftcheckError], *, interrupted: bool) -> int:
    """Print what went wrong, and return the exit code.

    Args:
        not_written: why files of the whole search could not be written.
    """
    wrong = [*(fault for one in entries for fault in one.faults), *not_written]
    for message, times in Counter(map(str, wrong)).items():  # a full disk refuses each case
        echo(f"driftcheck: {message}{f' ({times} times)' if times > 1 else ''}", err=True)
    if wrong:
        return MISUSE
    if any(not one.is_clean for one in reported(entries)):
        return FINDINGS
    if interrupted:
        return INTERRUPTED
    return MISUSE if not_run(entries) else AGREE


def show(
    entries: Sequence[Entry],
    names: Sequence[str],
    interrupted: bool,
    *,
    verbose: bool,
    as_json: bool,
    verb: str = "run",
    notes: Sequence[str] = (),
) -> None:
    """Print the summary.

    Args:
        verb: what searches these contracts again.
        notes: lines about the search as a whole.
    """
    if as_json:
        echo_json([summary.to_json(one) for one in entries])
        return
    if verbose:
        for one in reported(entries):
            echo("\n".join(summary.lines(one)))
        echo()
    columns = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else summary.WIDTH
    shown = last_screen.lines(
        entries,
        names,
        interrupted=interrupted,
        columns=columns,
        colour=wants_colour(sys.stdout),
        verb=verb,
        verbose=verbose,
        notes=notes,
    )
    echo("\n".join(shown), is_painted=True)


@contextmanager
def interrupts(*more: signal.Signals) -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the run with its summary, and the second one end it at once.

    Args:
        more: signals that do the same.
    """
    pressed: list[float] = []

    def note(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if pressed and now - pressed[0] > TWICE_S:
            raise KeyboardInterrupt
        pressed.append(now)

    before = {one: signal.signal(one, note) for one in (signal.SIGINT, *more)}
    try:
        yield lambda: bool(pressed)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
