"""
The table of a campaign on a terminal, drawn by rich: a row for each contract.

Reads the state of the broker. Decides nothing.
"""

from __future__ import annotations

import time
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from driftcheck.campaign.broker import Broker
from driftcheck.campaign.state import State
from driftcheck.core.units import clock
from driftcheck.core.visible import visible

REFRESHES = 2  # a second
TITLES = (
    "contract",
    "inputs",
    "inputs/s",
    "corpus",
    "root causes",
    "accepted",
    "rejected",
    "not judged",
    "last new",
)


class CampaignTable:
    """A table that follows a campaign; a context manager."""

    def __init__(self, broker: Broker, stream: TextIO) -> None:
        self._broker = broker
        self._console = Console(file=stream)
        self._live = Live(
            get_renderable=self._drawn, console=self._console, refresh_per_second=REFRESHES, transient=True
        )

    def __enter__(self) -> None:
        self._live.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def print(self, text: str) -> None:
        """Print a text above the table; it may have colours."""
        self._console.print(Text.from_ansi(text), soft_wrap=True)

    def _drawn(self) -> Table:
        return table([*self._broker.states.values()], self._broker.seconds, self._broker.left_s)


def table(states: list[State], seconds: float, left_s: float | None) -> Table:
    """Return the table: a row for each contract, and the time that is left."""
    columns = [Column(title, justify="right", no_wrap=True, overflow="ellipsis") for title in TITLES[1:]]
    left = "" if left_s is None else f"{clock(left_s)} left"
    grid = Table(Column(TITLES[0], no_wrap=True, overflow="ellipsis"), *columns, box=None, caption=left)
    grid.caption_justify = "left"
    for state in states:
        grid.add_row(*_cells(state, seconds))
    return grid


def _cells(state: State, seconds: float) -> list[Text]:
    one = state.figures()
    name = Text(visible(state.name))
    if state.is_broken:
        return [name, Text("could not go on", style="red")]
    if not state.is_opened:
        phase = "building" if state.built is None else "starting"
        return [name, Text(phase, style="cyan")]
    known = len(state.open_cases)
    causes = state.root_causes
    found = f"{causes:,} new" + (f", {known:,} open" if known else "")
    return [
        name,
        Text(f"{one.inputs:,}"),
        Text(f"{one.inputs / seconds:,.0f}" if seconds else ""),
        Text(f"{len(state.corpus):,} (+{state.new_entries:,})"),
        Text(found, style="red" if causes or known else "green"),
        *(Text(_share(part, one.steps)) for part in (one.accepted, one.rejected, one.not_judged)),
        Text(clock(time.monotonic() - state.last_new)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"
