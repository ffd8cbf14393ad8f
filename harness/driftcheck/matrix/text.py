"""
A matrix for a terminal: text of at most 100 columns, a line for each divergence, and witnesses below.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

import attrs

from driftcheck.core.colours import BOLD, RED, painted
from driftcheck.core.units import plural
from driftcheck.core.visible import visible
from driftcheck.findings.show import COLUMNS
from driftcheck.findings.table import shared
from driftcheck.findings.words import padded, width, wrapped
from driftcheck.matrix.cells import Cell, Line, Matrix, Row, Witness

GAP = "  "
WIDEST_LABEL, NARROW_LABEL = 34, 24  # the second where the subjects need the space
MOST_LINES = 3  # of a witness
NARROWEST = 6  # of a subject's column: "reject"
MARKS = "cells of one line with the same letter have the same value and the same state"
CLASSES = "a rejection is shown by its class"


@attrs.frozen
class _Shown:
    """One line of the table."""

    label: str
    share: str
    cells: tuple[str, ...]
    number: str = ""  # of its witness
    known: str = ""  # the entries that cover a divergence
    is_new: bool = False


def render(matrix: Matrix, *, everything: bool = False, colour: bool = False) -> str:
    """Return a matrix as text, without a newline at its end.

    Args:
        everything: also print rows and lines in which all subjects agree.
        colour: with ANSI colours.
    """
    numbers = numbered(matrix)
    shown = {
        section: [one for row in rows for one in _of_row(row, numbers, everything)]
        for section, rows in matrix.sections.items()
    }
    lines = [*map(visible, _head(matrix)), ""]
    widths = _widths(matrix, [one for ones in shown.values() for one in ones])
    for section, ones in shown.items():
        if ones:
            lines += [*_titles(section, matrix.subjects, widths, colour), *_table(ones, widths, colour), ""]
    lines += map(visible, _witnesses(matrix, numbers))
    return "\n".join(lines).rstrip("\n")


def numbered(matrix: Matrix) -> dict[int, int]:
    """Number the lines that show a divergence from 1, by their identity."""
    return {id(line): number for number, line in enumerate(matrix.divergences, 1)}


def summary(matrix: Matrix) -> str:
    """Say in one sentence how many rows of each kind there are."""
    differ = sum(bool(row.differing) for row in matrix.rows)
    empty = sum(row.is_empty for row in matrix.rows)
    news = sum(line.is_new for line in matrix.divergences)
    aside = sum(not row.lines and not row.is_empty for row in matrix.rows)
    same = len(matrix.rows) - differ - empty - aside
    parts = [f"{plural(len(matrix.rows), 'row')}: {verb(differ, 'differs')}, {verb(same, 'agrees')}"]
    parts += [f"{empty} without effect"] * bool(empty)
    parts += [f"{aside} set aside"] * bool(aside)
    of_them = f", {news} of them new" if news else ""
    return f"{', '.join(parts)}; {plural(len(matrix.divergences), 'divergence')}{of_them}"


def verb(count: int, does: str) -> str:
    """Return a count with its verb."""
    return f"{count:,} {does if count == 1 else does.removesuffix('s')}"


def share(line: Line, row: Row) -> str:
    """Return the share of a row's documents in a line."""
    if line.documents == row.documents:
        return "all"
    percent = 100 * line.documents / row.documents if row.documents else 0
    return "<1 %" if percent < 1 else f"{min(percent, 99):.0f} %"


def said_of(line: Line) -> str:
    """Say which asymmetries cover a divergence."""
    return "" if line.agrees else ", ".join(line.asymmetries) or "NEW"


def _head(matrix: Matrix) -> list[str]:
    title = f"{matrix.contract}: {matrix.traces:,} documents a row, seed {matrix.seed}"
    return [title, summary(matrix)]


def _of_row(row: Row, numbers: dict[int, int], everything: bool) -> Iterator[_Shown]:
    lines = row.lines if everything else row.differing
    label = visible(row.label)
    for line in lines:
        number = str(numbers.get(id(line), ""))
        cells = tuple(visible(_short(cell)) for cell in line.cells)
        yield _Shown(label, share(line, row), cells, number, visible(said_of(line)), line.is_new)
        label = ""
    if everything and not lines:
        yield _Shown(label, "", (), known="without effect" if row.is_empty else "all set aside")


def _short(cell: Cell) -> str:
    """Return a cell in few words; the class of a rejection stands for 'reject'."""
    return " ".join(filter(None, (cell.rejection or cell.did, cell.mark)))


@attrs.frozen
class _Widths:
    number: int  # with the space after it
    label: int
    share: int
    cells: tuple[int, ...]

    @property
    def margin(self) -> int:
        """Return the column in which the cells begin."""
        return self.number + self.label + len(GAP) + self.share + len(GAP)


def _widths(matrix: Matrix, ones: Sequence[_Shown]) -> _Widths:
    number = max((len(one.number) + 1 for one in ones if one.number), default=0)
    labels = [*(one.label for one in ones), *(row.section for row in matrix.rows)]
    label = min(WIDEST_LABEL, max(map(width, labels)))
    took = max((len(one.share) for one in ones), default=0)
    wanted = [
        max([NARROWEST, *(width(one.cells[i]) for one in ones if one.cells)])
        for i in range(len(matrix.subjects))
    ]
    room = COLUMNS - (number + label + took + 2 * len(GAP)) - len(GAP) * (len(wanted) - 1)
    known = max((len(GAP) + width(one.known) for one in ones if one.known), default=0)
    heads = [max(size, width(name)) for size, name in zip(wanted, matrix.subjects, strict=True)]
    if sum(heads) + known > room:  # break the names of subjects, so that the entries fit beside them
        parts = [max(map(width, re.split(r"(?<=-)", name))) for name in matrix.subjects]
        heads = [max(size, part) for size, part in zip(wanted, parts, strict=True)]
    if sum(heads) > room:
        room, label = room + label - min(label, NARROW_LABEL), min(label, NARROW_LABEL)
    return _Widths(number, label, took, tuple(shared(heads if sum(heads) <= room else wanted, room)))


def _titles(section: str, subjects: Sequence[str], widths: _Widths, colour: bool) -> list[str]:
    """Return the heading of a table, and break long names of subjects."""
    names = [_broken(name, size) for name, size in zip(subjects, widths.cells, strict=True)]
    height = max(map(len, names))
    lines = []
    for i in range(height):
        start = padded(section if i == height - 1 else "", widths.margin)
        cells = [n[i - height] if i >= height - len(n) else "" for n in names]
        lines.append((start + _cells(cells, widths)).rstrip())
    return [_in_colour(line, BOLD if colour else "") for line in lines]


def _table(ones: Sequence[_Shown], widths: _Widths, colour: bool) -> Iterator[str]:
    for one in ones:
        labels = _broken(one.label, widths.label)
        cells = [_broken(cell, size) for cell, size in zip(one.cells, widths.cells, strict=False)]
        lines = []
        for i in range(max(len(labels), *map(len, cells), 1)):
            start = f"{one.number if i == 0 else '':>{max(widths.number - 1, 0)}}"
            start = padded(start, widths.number)
            start += padded(labels[i] if i < len(labels) else "", widths.label) + GAP
            start += f"{one.share if i == 0 else '':>{widths.share}}{GAP}"
            lines.append(start + _cells([c[i] if i < len(c) else "" for c in cells], widths))
        lines = [line.rstrip() for line in _with_known(lines, one.known, widths)]
        yield from (_in_colour(line, RED if colour and one.is_new else "") for line in lines)


def _with_known(lines: list[str], known: str, widths: _Widths) -> list[str]:
    """Put the entries of a divergence beside its cells, or below them where they do not fit."""
    if not known:
        return lines
    if width(lines[0]) + len(GAP) + width(known) <= COLUMNS:
        return [f"{lines[0]}{GAP}{known}", *lines[1:]]
    start = " " * widths.margin
    return [*lines, *textwrap.wrap(known, COLUMNS, initial_indent=start, subsequent_indent=start)]


def _in_colour(line: str, colour: str) -> str:
    return painted(line, colour) if colour else visible(line)


def _cells(cells: Sequence[str], widths: _Widths) -> str:
    return GAP.join(padded(c, size) for c, size in zip(cells, widths.cells, strict=False))


def _broken(text: str, columns: int) -> list[str]:
    return textwrap.wrap(text, max(columns, 1)) or [""]


def _witnesses(matrix: Matrix, numbers: dict[int, int]) -> Iterator[str]:
    if not numbers:
        return
    if any(cell.mark for line in matrix.divergences for cell in line.cells):
        yield MARKS
    if any(cell.rejection for line in matrix.divergences for cell in line.cells):
        yield CLASSES
    yield "witnesses, each with its case file for 'driftcheck replay'"
    indent = " " * (len(str(len(numbers))) + 2)
    for line in matrix.divergences:
        witness = line.witness
        first, *more = _few("; ".join(witness.steps) if witness else "none", COLUMNS - len(indent))
        yield f"{numbers[id(line)]:>{len(indent) - 2}}  {first}"
        yield from (indent + part for part in more)
        if witness and witness.case:
            yield f"{indent}{witness.case}{flaky(witness)}"


def flaky(witness: Witness) -> str:
    """Say how often a witness recurred, where not each time."""
    return f" (flaky: recurred in {witness.flaky} runs)" if witness.flaky else ""


def _few(text: str, columns: int) -> list[str]:
    """Break a witness into lines, and leave out its end where there are many; the case file has them all."""
    lines = wrapped(text, columns)
    if len(lines) > MOST_LINES:
        last = wrapped(lines[MOST_LINES - 1], columns - 3)[0]
        lines = [*lines[: MOST_LINES - 1], f"{last}..."]
    return lines
