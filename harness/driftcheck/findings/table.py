"""
Steps and outcomes in columns: the step on the left, the outcome of each subject in a column beside it.

A step that is too long for its column gets its own lines, above its outcomes. Knows lines of text only.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from driftcheck.core.visible import visible
from driftcheck.findings.words import padded, width, wrapped

ARROW = "->"
GAP = 2  # between two columns
WIDEST_STEP = 44
READABLE = 22  # columns; a long step must not make a column of outcomes narrower than this


@attrs.frozen
class Row:
    """One step: its number, the call, and what each subject did."""

    label: str  # "" for the opening
    call: str
    cells: tuple[str, ...]
    is_marked: bool = False  # the diverging step


def lay_out(heads: Sequence[str], rows: Sequence[Row], columns: int) -> list[str]:
    """Return a table as lines of at most this width.

    Args:
        heads: the subjects, one for each cell of a row.
    """
    heads = [visible(head) for head in heads]
    rows = [attrs.evolve(row, call=visible(row.call), cells=tuple(map(visible, row.cells))) for row in rows]
    margin = len(ARROW) + 1 + max(len(row.label) for row in rows) + GAP
    room = columns - margin - GAP * (len(heads) - 1)
    wanted = [max(width(head), *(width(row.cells[i]) for row in rows)) for i, head in enumerate(heads)]
    short = [width(row.call) for row in rows if width(row.call) <= WIDEST_STEP]
    beside = max(short, default=0) + GAP
    if not short or room - beside < sum(min(size, READABLE) for size in wanted):
        beside = GAP  # all steps get their own lines
    widths = shared(wanted, room - beside)
    lines = [_line(" " * (margin + beside), heads, widths)]
    for row in rows:
        lines += _row(row, widths, margin, beside, columns)
    return lines


def shared(wanted: Sequence[int], room: int) -> list[int]:
    """Give each column the width it wants; if there is not enough room, make the widest ones narrower."""
    widths = list(wanted)
    while sum(widths) > max(room, len(widths)):
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(row: Row, widths: Sequence[int], margin: int, beside: int, columns: int) -> list[str]:
    mark = ARROW if row.is_marked else " " * len(ARROW)
    start = f"{mark} {row.label:>{margin - len(ARROW) - 1 - GAP}}{' ' * GAP}"
    cells = [wrapped(cell, size) for cell, size in zip(row.cells, widths, strict=True)]
    lines: list[str] = []
    if width(row.call) <= beside - GAP:
        start += padded(row.call, beside)
    else:
        first, *more = wrapped(row.call, columns - margin)
        lines = [start + first, *(" " * margin + line for line in more)]
        start = " " * (margin + beside)
    for i in range(max(map(len, cells))):
        parts = [cell[i] if i < len(cell) else "" for cell in cells]
        lines.append(_line(start if i == 0 else " " * (margin + beside), parts, widths))
    return lines


def _line(start: str, parts: Sequence[str], widths: Sequence[int]) -> str:
    cells = (padded(part, size) for part, size in zip(parts, widths, strict=True))
    return (start + (" " * GAP).join(cells)).rstrip()
