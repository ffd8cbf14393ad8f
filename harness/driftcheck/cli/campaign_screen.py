"""
The screen of a running campaign: a table on a terminal, plain lines elsewhere.

Findings go to the standard output, everything else to the standard error. With `--json`, findings go to the
standard error too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from driftcheck.campaign.broker import Broker, Listener
from driftcheck.campaign.state import State
from driftcheck.cli.terminal import echo, is_terminal, wants_colour
from driftcheck.core.units import plural
from driftcheck.core.visible import visible
from driftcheck.findings import replayed as replays
from driftcheck.findings import show
from driftcheck.findings.colour import coloured
from driftcheck.search.keeper import Kept
from driftcheck.search.saved_cases import SavedCase

if TYPE_CHECKING:
    from driftcheck.cli.campaign_table import CampaignTable

PLAIN_EVERY_S = 60.0  # between two lines of progress if there is no table


class CampaignScreen:
    """Shows a running campaign."""

    def __init__(self, *, as_json: bool) -> None:
        self.listener = Listener(self.say, self._building, self._found, self._replayed, self._looked)
        self._as_json = as_json
        self._table: CampaignTable | None = None
        self._broker: Broker | None = None
        self._printed_at = time.monotonic()

    @contextmanager
    def shown(self, broker: Broker) -> Iterator[None]:
        """Draw a table until the block ends, if the standard error is a terminal."""
        self._broker = broker
        if not is_terminal(sys.stderr):
            yield
            return
        from driftcheck.cli.campaign_table import CampaignTable

        self._table = CampaignTable(broker, sys.stderr)
        try:
            with self._table:
                yield
        finally:
            self._table = None

    def say(self, line: str) -> None:
        """Print a line that is not a result."""
        if self._table is None:
            echo(line, err=True)
        else:
            self._table.print(visible(line))

    def _building(self, name: str, line: str) -> None:
        self.say(line)

    def _found(self, state: State, kept: Kept) -> None:
        self._result(show.render(kept.finding, state.schema, path=kept.path or "not kept") + "\n")
        for fault in kept.faults:
            self.say(f"driftcheck: {fault}")

    def _replayed(self, state: State, case: SavedCase) -> None:
        if case.fault is not None:
            self.say(f"driftcheck: {case.fault}")
        if case.is_open and case.replayed is not None:
            self._result(f"{replays.title(case.replayed)}\n\n{replays.render_open(case.replayed)}\n")

    def _result(self, text: str) -> None:
        stream = sys.stderr if self._as_json else sys.stdout
        shown = coloured(text) if wants_colour(stream) else visible(text)
        if self._table is not None and stream.isatty():
            self._table.print(shown)
        else:
            echo(shown, err=self._as_json, is_painted=True)

    def _looked(self) -> None:
        now = time.monotonic()
        if self._table is None and self._broker is not None and now - self._printed_at >= PLAIN_EVERY_S:
            self._printed_at = now
            echo(progress_line(self._broker), err=True)


def progress_line(broker: Broker) -> str:
    """Return how far a campaign is, in one line."""
    states = [*broker.states.values()]
    names = ", ".join(state.name for state in states if state.built is None and not state.is_broken)
    if not any(state.turns for state in states):
        return f"nothing is searched yet; still being built: {names}" if names else "the search begins"
    inputs = sum(state.figures().inputs for state in states)
    parts = [plural(inputs, "input"), f"{inputs / max(broker.seconds, 1e-9):,.0f} inputs/s"]
    parts.append(f"corpus {sum(len(state.corpus) for state in states):,}")
    new = sum(state.root_causes for state in states)
    parts.append(plural(new, "new root cause"))
    parts.append(f"nothing new in {broker.staleness.seconds:.0f} s of searching")
    parts += [f"still being built: {names}"] * bool(names)
    if broker.left_s is not None:
        parts.append(f"{broker.left_s:.0f} s left")
    return ", ".join(parts)
