"""Figures as they are printed: the rows of a table, and a median with its spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import attrs


@attrs.define
class Table:
    """The rows that are printed at the end."""

    rows: list[tuple[str, str, str]] = attrs.field(factory=list)

    def add(self, what: str, figure: str, gate: str = "") -> None:
        """Add a row: what was measured, the figure with its spread, and what is promised of it."""
        self.rows.append((what, figure, gate))


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """Render the median of some values, and the least and the greatest."""
    low, middle, high = (form.format(v) for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"
