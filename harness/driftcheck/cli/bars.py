"""
The bars on a terminal: a line for each contract, drawn by Rich.

Rich takes a seventh of the time in which driftcheck starts, so only a run on a terminal imports it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from driftcheck.cli.progress import Progress, counted
from driftcheck.core.units import clock
from driftcheck.core.visible import visible

PER_SECOND = 5  # how often the bars are drawn
BAR = 24  # columns
# Columns from which the bar, from which rate and time, and from which all but the first words are shown.
WIDE, NARROW, NARROWEST = 84, 56, 36


class Bars:
    """Draws a line for each contract while it is entered, and prints text above the lines."""

    def __init__(self, contracts: Iterable[Progress], stream: TextIO) -> None:
        """Draw on a stream, which is a terminal."""
        self._contracts = contracts
        self._console = Console(file=stream, highlight=False)
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            refresh_per_second=PER_SECOND,
            transient=True,  # the last screen takes its place
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> None:
        self._live.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def print(self, text: str) -> None:
        """Print a text above the bars; it may have colours."""
        self._console.print(Text.from_ansi(text), soft_wrap=True)

    def _drawn(self) -> Table:
        return bars(self._contracts, self._console.width)


def bars(contracts: Iterable[Progress], columns: int) -> Table:
    """Return a line for each contract, of at most this width.

    A narrow screen has no bar, a narrower one no rate and time, and the narrowest has one column.
    """
    cells: list[tuple[Column, Callable[[Progress], Text | ProgressBar]]] = [
        (_column(max_width=24), lambda one: Text(visible(one.name))),
        (_column(min_width=14, max_width=26), _inputs),
        (_column(), _findings),
    ]
    if columns < NARROWEST:
        cells = [(_column(max_width=columns), _in_short)]
    if columns >= NARROW:
        cells.insert(2, (_column(justify="right", min_width=7), _rate))
        cells.append((_column(justify="right"), _left))
    if columns >= WIDE:
        cells.insert(1, (Column(width=BAR), _bar))
    gap = 2 if columns >= NARROWEST else 0
    table = Table.grid(*(column for column, _ in cells), padding=(0, gap, 0, 0))
    for one in contracts:
        table.add_row(*(cell(one) for _, cell in cells), style="dim" if one.phase == "waiting" else "")
    return table


def _column(**settings: Any) -> Column:
    return Column(no_wrap=True, overflow="ellipsis", **settings)


def _in_short(one: Progress) -> Text:
    said = one.phase or f"{one.inputs:,} inputs, {counted(one.findings)}"
    return Text(visible(f"{one.name} {said}"), style="red" if one.findings or one.is_broken else "cyan")


def _bar(one: Progress) -> ProgressBar:
    pulses = bool(one.phase) and one.phase != "waiting" and one.ended is None
    return ProgressBar(
        total=1.0,
        completed=one.share if one.started else 0.0,
        width=BAR,
        pulse=pulses,
        complete_style="cyan",
        finished_style="green",
        pulse_style="cyan",
    )


def _inputs(one: Progress) -> Text:
    if one.is_broken:
        return Text("could not go on", style="red")
    return Text(visible(one.phase), style="cyan") if one.phase else Text(f"{one.inputs:,} inputs")


def _rate(one: Progress) -> Text:
    return Text("" if one.phase else f"{one.rate:,.0f}/s")


def _findings(one: Progress) -> Text:
    return Text("" if one.phase else counted(one.findings), style="red" if one.findings else "green")


def _left(one: Progress) -> Text:
    if one.is_broken or one.begun is None:
        return Text("")
    if one.ended is not None:
        return Text("done")
    if one.phase:
        return Text(clock(time.monotonic() - one.begun))
    if one.left_s is None:
        return Text("")
    return Text(f"{clock(one.left_s)} left" if one.left_s else "finishing")  # the last finding is shrunk
