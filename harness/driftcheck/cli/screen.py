"""
The screen while a run goes: a bar for each contract on a terminal, plain lines elsewhere.

Owns what is shown of a run that has not ended. Findings go to the standard output, everything else to the
standard error. With `--json`, findings go to the standard error too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from driftcheck.cli.progress import Progress, counted
from driftcheck.cli.terminal import echo, is_terminal, wants_colour
from driftcheck.core.visible import visible
from driftcheck.findings.colour import coloured
from driftcheck.search.budget import Budget
from driftcheck.search.statistics import RunStatistics

if TYPE_CHECKING:
    from driftcheck.cli.bars import Bars

PLAIN_EVERY_S = 5.0  # between two lines of progress where lines cannot be rewritten


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
        self._bars: Bars | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Draw bars until the block ends, if the standard error is a terminal."""
        if not is_terminal(sys.stderr):
            yield
            return
        from driftcheck.cli.bars import Bars

        # The stream itself, since `sys.stderr` is another one while an author's code runs.
        self._bars = Bars(self._progress.values(), sys.stderr)
        try:
            with self._bars:
                yield
        finally:
            self._bars = None

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
        if self._bars is None:
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
        if self._bars is None and now - self._printed_at >= PLAIN_EVERY_S:
            self._printed_at = now
            left = "" if current.left_s is None else f", {current.left_s:.0f} s left"
            self.say(
                f"{current.name}: {current.inputs:,} inputs, {current.rate:,.0f} inputs/s, "
                f"{counted(findings)}{left}"
            )

    def count_finding(self) -> None:
        """Count a finding at once; figures of the search come later."""
        self.current.findings += 1

    def end(self, *, is_broken: bool) -> None:
        """Leave the current contract."""
        self.current.ended = time.monotonic()
        self.current.is_broken = is_broken

    def say(self, line: str) -> None:
        """Print a line that is not a result."""
        if self._bars is None:
            echo(line, err=True)
        else:
            self._bars.print(visible(line))

    def result(self, text: str, *, colour: bool = True) -> None:
        """Print a finding, or another result of the search, above the bars."""
        stream = sys.stderr if self._as_json else sys.stdout
        shown = coloured(text) if colour and wants_colour(stream) else visible(text)
        if self._bars is not None and stream.isatty():
            self._bars.print(shown)
        else:
            echo(shown, err=self._as_json, is_painted=True)
