"""
A matrix as Markdown, for a repository or a comment: a table for each operation, and witnesses below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from driftcheck.core.units import plural
from driftcheck.core.visible import visible
from driftcheck.matrix.cells import Line, Matrix, Row
from driftcheck.matrix.text import MARKS, flaky, numbered, said_of, share, summary


def render(matrix: Matrix, *, everything: bool = False) -> str:
    """Return a matrix as Markdown, with a newline at its end.

    Args:
        everything: also print rows and lines in which all subjects agree.
    """
    numbers = numbered(matrix)
    lines = [f"# {plain(matrix.contract)}: the matrix", ""]
    lines += [f"{plain(matrix.doc)}\n"] * bool(matrix.doc)
    lines += [f"{summary(matrix)}.", f"{matrix.traces:,} documents a row, seed {matrix.seed}."]
    lines += [f"{MARKS[0].upper()}{MARKS[1:]}.", ""]
    for section, rows in matrix.sections.items():
        shown = [line for row in rows for line in _rows(row, numbers, everything)]
        lines += [f"## {plain(section)}", ""]
        if shown:
            lines += [*_head(matrix), *shown, ""]
        lines += [*_folded(rows, everything)]
    lines += _witnesses(matrix, numbers)
    lines += _subjects(matrix)
    return visible("\n".join(lines).rstrip("\n")) + "\n"


def plain(text: str) -> str:
    """Escape text so that Markdown shows it unchanged, also in a table."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&!])", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Return text between backquotes, with more of them than the text has."""
    longest = max((len(execution) for execution in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{' '.join(text.split())}{pad}{fence}"


def _head(matrix: Matrix) -> list[str]:
    heads = ["", "made", "share", *matrix.subjects, "known as"]
    return [_cells(map(plain, heads)), "|" + "---|" * len(heads)]


def _rows(row: Row, numbers: dict[int, int], everything: bool) -> Iterator[str]:
    label = plain(row.label)
    for line in row.lines if everything else row.differing:
        number = str(numbers.get(id(line), ""))
        cells = (plain(str(cell)) for cell in line.cells)
        yield _cells([number, label, share(line, row), *cells, _asymmetries(line)])
        label = ""


def _asymmetries(line: Line) -> str:
    return f"**{said_of(line)}**" if line.is_new else plain(said_of(line))


def _cells(cells: Sequence[str] | Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _folded(rows: Sequence[Row], everything: bool) -> Iterator[str]:
    """Yield the sentences about the rows that have no line of their own."""
    agreeing = [row.label for row in rows if row.agrees]
    empty = [row.label for row in rows if row.is_empty]
    aside = [row.label for row in rows if not row.lines and row.set_aside]
    if agreeing and not everything:
        yield f"All subjects agree in {plural(len(agreeing), 'row')}: {plain(', '.join(agreeing))}.\n"
    if empty:
        yield f"Without effect: {plain(', '.join(empty))}.\n"
    if aside:
        labels = plain(", ".join(aside))
        yield f"All set aside, since the subjects also differ without the mutation: {labels}.\n"


def _witnesses(matrix: Matrix, numbers: dict[int, int]) -> Iterator[str]:
    if numbers:
        yield "## Witnesses\n"
    for line in matrix.divergences:
        number = numbers[id(line)]
        indent = " " * (len(str(number)) + 2)
        witness = line.witness
        shown = f"{number}. {'; '.join(map(code, witness.steps)) if witness else 'none'}"
        if witness and witness.case:
            shown += f"\\\n{indent}{code(witness.replay)}{flaky(witness)}"
        yield shown
    if numbers:
        yield ""


def _subjects(matrix: Matrix) -> Iterator[str]:
    yield "## Subjects\n"
    for name in matrix.subjects:
        yield f"- {plain(name)}: {plain(matrix.versions.get(name, '')) or 'unknown version'}"
