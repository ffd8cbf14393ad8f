"""
The screen while a run goes: a bar for each contract on a terminal, plain lines elsewhere.

Owns what is shown of a run that has not ended. Findings go to the standard output, all else to the standard
error. With `--json`, findings go to the standard error too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from driftcheck.cli.terminal import echo, is_terminal, wants_colour
from driftcheck.core.visible import visible
from driftcheck.findings.colour import coloured
from driftcheck.search.budget import Budget
from driftcheck.search.statistics import RunStatistics

PLAIN_EVERY_S = 5.0  # between two lines of progress where lines cannot be rewritten
PER_SECOND = 5  # how often the bars are drawn
BAR = 24  # columns
# Columns from which the bar, from which rate and time, and from which all but the first words are shown.
WIDE, NARROW, NARROWEST = 84, 56, 36


@attrs.define
class Progress:
    """How far the run of one contract is."""

    name: str
    budget: Budget = attrs.field(factory=Budget)
    phase: str = "waiting"  # "" while it searches
    begun: float | None = None  # when its turn began, by the monotonic clock
    started: float | None = None  # when the search began
    ended: float | None = None
    inputs: int = 0
    findings: int = 0
    building: list[str] = attrs.field(factory=list)  # subjects whose builds began
    is_broken: bool = False

    @property
    def seconds(self) -> float:
        """Return how long the search has taken."""
        if self.started is None:
            return 0.0
        return (time.monotonic() if self.ended is None else self.ended) - self.started

    @property
    def rate(self) -> float:
        """Return inputs per second."""
        return self.inputs / self.seconds if self.seconds else 0.0

    @property
    def share(self) -> float:
        """Return the part of the budget that is spent, from 0 to 1."""
        if self.ended is not None:
            return 1.0
        shares = [0.0]
        if self.budget.max_traces:
            shares.append(self.inputs / self.budget.max_traces)
        if self.budget.max_time_s:
            shares.append(self.seconds / self.budget.max_time_s)
        return min(1.0, max(shares))

    @property
    def left_s(self) -> float | None:
        """Return how many seconds the search may still take, or None if that is not known."""
        if self.ended is not None or not self.share:
            return self.budget.max_time_s
        return max(0.0, self.seconds / self.share - self.seconds)


class Screen:
    """Shows a run that has not ended; `shown` draws its bars."""

    def __init__(self, names: Sequence[str], *, as_json: bool) -> None:
        """Begin with all contracts waiting.

        Args:
            names: of the contracts, as the user gave them.
            as_json: keep the standard output for JSON.
        """
        self._progress = {name: Progress(name) for name in names}
        self.current = Progress("")
        self._as_json = as_json
        self._printed_at = time.monotonic()
        self._console: Console | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Draw bars until the block ends, if the standard error is a terminal."""
        if not is_terminal(sys.stderr):
            yield
            return
        # The stream itself, since `sys.stderr` is another one while an author's code runs.
        self._console = Console(file=sys.stderr, highlight=False)
        live = Live(
            get_renderable=self._bars,
            console=self._console,
            refresh_per_second=PER_SECOND,
            transient=True,  # the last screen takes its place
            redirect_stdout=False,
            redirect_stderr=False,
        )
        try:
            with live:
                yield
        finally:
            self._console = None

    def begin(self, name: str, budget: Budget) -> None:
        """Turn to the next contract."""
        self.current = self._progress[name]
        self.current.budget = budget
        self.current.begun = time.monotonic()
        self.phase("starting")

    def phase(self, text: str) -> None:
        """Say what is done before the search begins."""
        self.current.phase = text

    def building(self, name: str, line: str) -> None:
        """Take one line for each library of a contract whose build begins; from any thread."""
        one = self._progress[name]
        one.begun = one.begun or time.monotonic()
        one.building.append(line.rpartition(": ")[2])
        one.phase = f"building {', '.join(one.building[-2:])}"  # of each language one at a time
        if self._console is None:
            self.say(line)

    def search(self) -> None:
        """Begin the search."""
        self.phase("")
        self.current.started = time.monotonic()

    def progress(self, statistics: RunStatistics, findings: int) -> None:
        """Take the figures of the search; print them now and then if there are no bars."""
        current = self.current
        current.inputs, current.findings = statistics.traces, findings
        now = time.monotonic()
        if self._console is None and now - self._printed_at >= PLAIN_EVERY_S:
            self._printed_at = now
            left = "" if current.left_s is None else f", {current.left_s:.0f} s left"
            self.say(
                f"{current.name}: {current.inputs:,} inputs, {current.rate:,.0f} inputs/s, "
                f"{_counted(findings)}{left}"
            )

    def count_finding(self) -> None:
        """Count a finding at once; figures of the search come later."""
        self.current.findings += 1

    def end(self, *, is_broken: bool) -> None:
        """Leave the current contract."""
        self.current.ended = time.monotonic()
        self.current.is_broken = is_broken

    def say(self, line: str) -> None:
        """Print a line that is no result."""
        if self._console is None:
            echo(line, err=True)
        else:
            self._console.print(Text(visible(line)), soft_wrap=True)

    def result(self, text: str, *, colour: bool = True) -> None:
        """Print a finding, or another result of the search, above the bars."""
        stream = sys.stderr if self._as_json else sys.stdout
        shown = coloured(text) if colour and wants_colour(stream) else visible(text)
        if self._console is not None and stream.isatty():
            self._console.print(Text.from_ansi(shown), soft_wrap=True)
        else:
            echo(shown, err=self._as_json, is_painted=True)

    def _bars(self) -> Table:
        assert self._console is not None
        return bars(self._progress.values(), self._console.width)


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
    said = one.phase or f"{one.inputs:,} inputs, {_counted(one.findings)}"
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
    return Text("" if one.phase else _counted(one.findings), style="red" if one.findings else "green")


def _left(one: Progress) -> Text:
    if one.is_broken or one.begun is None:
        return Text("")
    if one.ended is not None:
        return Text("done")
    if one.phase:
        return Text(_clock(time.monotonic() - one.begun))
    if one.left_s is None:
        return Text("")
    return Text(f"{_clock(one.left_s)} left" if one.left_s else "finishing")  # the last finding is shrunk


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _counted(count: int) -> str:
    return f"{count} finding{'' if count == 1 else 's'}"
