"""
Options that several verbs share, and how their values are read.

`session_options` gives a verb the four options of every session, and hands it the settings that result.
`drawing_options` gives it the number of inputs and their seed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.types import FuncParamType

from driftcheck.cli.named import plugins
from driftcheck.core.output_file import OutputFile, open_output
from driftcheck.core.units import duration_s, size_bytes
from driftcheck.search.settings import SessionSettings


def duration(value: str) -> float:
    """Read a duration from the command line, in seconds; a plain number counts seconds."""
    try:
        return duration_s(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def size(value: str) -> int:
    """Read a size from the command line, in bytes."""
    try:
        return size_bytes(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def output_file(value: str) -> OutputFile:
    """Open a file for output, before the verb does anything.

    Raises:
        OutputError: it cannot be written.
    """
    return open_output(Path(value))


DURATION = FuncParamType(duration)
OUTPUT = FuncParamType(output_file)
SIZE = FuncParamType(size)

DEFAULT_TIME_S = 60.0  # of a search whose command names no budget

_SESSION_OPTIONS = (
    click.option(
        "--subject",
        "subjects",
        multiple=True,
        metavar="NAME",
        help="Use only this subject. Repeat it for more. [default: all]",
    ),
    click.option(
        "--deadline",
        type=DURATION,
        metavar="TIME",
        help="Time limit of a step; a subject that takes longer hangs. [default: 1s]",
    ),
    click.option(
        "--memory", type=SIZE, metavar="SIZE", help="Memory of one host, such as 512MiB. [default: 512MiB]"
    ),
    click.option("--no-build", is_flag=True, help="Refuse a stale library instead of building it."),
)


def drawing_options(traces: int, of: str, drawn: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options of a verb that draws a fixed number of inputs from a fixed seed.

    Args:
        traces: the default number.
        of: what is counted, for the help.
        drawn: what another seed draws, for the help.
    """
    number = click.option(
        "--traces", type=click.IntRange(1), default=traces, metavar="N", help=f"{of}.", show_default=True
    )
    seed = click.option(
        "--seed",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help=f"Another seed draws other {drawn}.",
        show_default=True,
    )
    return lambda verb: number(seed(verb))


def budget_options(time: str, same: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options that say how long a search lasts, and from which seed it draws.

    Args:
        time: what the time bounds, for the help.
        same: what the same seed gives, for the help.
    """
    options = (
        click.option(
            "--max-time",
            type=DURATION,
            metavar="TIME",
            help=f"{time}: 90 (seconds), 90s, 2h. [default: {DEFAULT_TIME_S:.0f}s; none with --max-traces]",
        ),
        click.option(
            "--max-traces",
            type=click.IntRange(1),
            metavar="N",
            help="End after this many inputs of each contract.",
        ),
        click.option("--seed", type=click.IntRange(0), metavar="N", help=f"With --max-traces: {same}."),
    )

    def with_budget(verb: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            verb = option(verb)
        return verb

    return with_budget


def session_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every session to a verb, which receives `settings` instead of their values."""

    @functools.wraps(verb)
    def with_settings(
        *args: Any,
        subjects: tuple[str, ...],
        deadline: float | None,
        memory: int | None,
        no_build: bool,
        **others: Any,
    ) -> None:
        settings = SessionSettings.from_project(
            Path.cwd(),
            subjects=subjects,
            deadline_s=deadline,
            memory_bytes=memory,
            no_build=no_build,
            extend=plugins().extended,
        )
        verb(*args, settings=settings, **others)

    command: Callable[..., None] = with_settings
    for option in reversed(_SESSION_OPTIONS):
        command = option(command)
    return command
