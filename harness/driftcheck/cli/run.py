"""`driftcheck run`: search contracts for divergences, within a budget."""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from driftcheck.cli import AGREE, FINDINGS, INTERRUPTED, MISUSE, last_screen, summary
from driftcheck.cli.junit import write_junit
from driftcheck.cli.options import DURATION, OUTPUT, plugins, session_options
from driftcheck.cli.options import contracts as installed_or_named
from driftcheck.cli.reported import Entry, NotRun, not_run, reported
from driftcheck.cli.screen import Screen
from driftcheck.cli.terminal import echo, echo_json, wants_colour
from driftcheck.cli.turns import INTERRUPTED_BEFORE, Search, Turns
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.output_file import OutputError, OutputFile
from driftcheck.core.trace import MOST_STEPS
from driftcheck.search.settings import SessionSettings

DEFAULT_TIME_S = 60.0


@click.command("run")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--max-time",
    type=DURATION,
    metavar="TIME",
    help="End after this time in all, without builds and saved cases: 90 (seconds), 90s, 2h. [default: 60s]",
)
@click.option(
    "--max-traces", type=click.IntRange(1), metavar="N", help="End after this many inputs of each contract."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="With --max-traces: the same seed gives the same findings.",
)
@click.option(
    "--corpus", multiple=True, metavar="GLOB", help="Also run these real documents, as they are and mutated."
)
@click.option(
    "--max-steps", type=click.IntRange(1, MOST_STEPS), metavar="N", help="Steps of a trace. [default: 50]"
)
@click.option("--fail-fast", is_flag=True, help="End with the first new finding.")
@click.option("--ignore-asymmetries", is_flag=True, help="Report what asymmetries cover as findings too.")
@session_options
@click.option("--junit", type=OUTPUT, metavar="FILE", help="Write a JUnit file.")
@click.option(
    "--verbose", is_flag=True, help="Show asymmetries with their witnesses, and what was not exercised."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON; all else goes to stderr.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    max_time: float | None,
    max_traces: int | None,
    seed: int | None,
    corpus: tuple[str, ...],
    max_steps: int | None,
    fail_fast: bool,
    ignore_asymmetries: bool,
    settings: SessionSettings,
    junit: OutputFile | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Search contracts for inputs on which their subjects behave differently.

    NAME is an installed contract, or module:Class. The saved cases of the contract run first; a case is open
    if it still diverges and no asymmetry covers it. Each new finding is shrunk, confirmed in fresh processes,
    printed, and kept as a case file under cases/.

    \b
    Examples:
      driftcheck run json                      search for one minute
      driftcheck run json lru --max-time 10m   share ten minutes between two contracts
      driftcheck run json --max-traces 1000 --seed 7

    Exit code 0: no divergence. 1: findings, flaky ones included, open cases, or asymmetries that have expired
    or healed. 2: something is wrong with the command, a contract or an adapter, or a contract had no time.
    130: interrupted, without findings.
    """
    contracts = installed_or_named(names)
    if max_time is None and max_traces is None:
        max_time = DEFAULT_TIME_S
    seed = secrets.randbelow(2**32) if seed is None else seed
    screen = Screen(list(contracts), as_json=as_json)
    screen.say(f"seed {seed}")
    search = Search(
        settings,
        plugins(),
        screen,
        seed,
        fail_fast,
        corpus,
        max_steps,
        ignore_asymmetries,
        verbose,
        time.time_ns(),
    )
    turns = Turns(contracts, search, max_traces, max_time)

    def write() -> None:
        if junit is not None and junit.can_be_replaced:
            _write(junit, turns.entries())  # a later one says what goes wrong

    with _interrupt() as interrupted:
        turns.take(interrupted, write)
        entries = turns.entries(INTERRUPTED_BEFORE)
        not_written = _write(junit, entries)  # the results are still printed
        if not all(isinstance(one, NotRun) and one.faults for one in entries):  # messages say all of these
            _show(entries, list(contracts), interrupted(), verbose=verbose, as_json=as_json)
    ctx.exit(_exit_code(entries, not_written, interrupted=interrupted()))


def _write(junit: OutputFile | None, entries: Sequence[Entry]) -> OutputError | None:
    """Write the JUnit file where one is wanted; return what went wrong."""
    try:
        if junit is not None:
            write_junit(junit, entries)
    except OutputError as error:
        return error
    return None


def _exit_code(entries: Sequence[Entry], not_written: OutputError | None, *, interrupted: bool) -> int:
    """Print what went wrong, and return the exit code."""
    wrong: list[DriftcheckError] = [fault for one in entries for fault in one.faults]
    if not_written is not None:
        wrong.append(not_written)
    for fault in wrong:
        echo(f"driftcheck: {fault}", err=True)
    if wrong:
        return MISUSE
    if any(not one.is_clean for one in reported(entries)):
        return FINDINGS
    if interrupted:
        return INTERRUPTED
    return MISUSE if not_run(entries) else AGREE


def _show(
    entries: Sequence[Entry], names: Sequence[str], interrupted: bool, *, verbose: bool, as_json: bool
) -> None:
    """Print the summary."""
    if as_json:
        echo_json([summary.to_json(one) for one in entries])
        return
    if verbose:
        for one in reported(entries):
            echo("\n".join(summary.lines(one)))
        echo()
    columns = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else summary.WIDTH
    shown = last_screen.lines(
        entries, names, interrupted=interrupted, columns=columns, colour=wants_colour(sys.stdout)
    )
    echo("\n".join(shown), is_painted=True)


@contextmanager
def _interrupt() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the run with its summary, and the second one end it at once."""
    pressed: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
