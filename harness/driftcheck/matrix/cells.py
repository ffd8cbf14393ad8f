"""
The matrix as frozen values: rows, the lines of a row, and a cell for each subject.

Knows nothing of how documents are drawn and run, or of how a matrix is printed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import attrs

UNSUPPORTED = "unsupported"
QUIET = ("accept", "reject", "void")  # what all subjects may do without a failure
WELL_FORMED, VALUES, REAL, RAW = "well-formed", "plain values", "real documents", "raw bytes"


@attrs.frozen
class Cell:
    """What one subject did."""

    did: str  # "accept", "reject", "panic", "crash", "hang", ...
    rejection: str = ""  # the class of the rejection, where the contract has several
    mark: str = ""  # a letter, different for subjects with another value or state

    def __str__(self) -> str:
        return " ".join(word for word in (self.did, self.rejection, self.mark) if word)


def agree(cells: tuple[Cell, ...]) -> bool:
    """Say whether all subjects that support the operation did the same, and none failed."""
    able = {cell for cell in cells if cell.did != UNSUPPORTED}
    return len(able) <= 1 and all(cell.did in QUIET for cell in able)


@attrs.frozen
class Witness:
    """The shortest case that shows a line."""

    steps: tuple[str, ...]  # as people read them
    answers: tuple[str, ...]  # each subject's answer to the last of these steps
    facts: Mapping[str, str]  # more about the divergence, by name
    case: str  # the path of its case file, "" where it could not be kept
    replay: str  # the command that replays it
    flaky: str = ""  # how often it recurred, where not each time


@attrs.frozen
class Line:
    """A line of a row: all documents that the subjects answered in the same way."""

    cells: tuple[Cell, ...]  # in the order of the matrix' subjects
    documents: int  # 0: seen only while the witness of another line was shrunk
    asymmetries: tuple[str, ...] = ()  # ids of those that cover it; none: it is new, or no divergence
    witness: Witness | None = None  # of a divergence

    @property
    def agrees(self) -> bool:
        """Say whether the line shows no divergence."""
        return agree(self.cells)

    @property
    def is_new(self) -> bool:
        """Say whether the line shows a divergence that no asymmetry covers."""
        return not (self.agrees or self.asymmetries)


@attrs.frozen
class Row:
    """An operation, with payloads that are all made in the same way."""

    operation: str
    made: str  # a mutation's name, or WELL_FORMED, VALUES, REAL, RAW
    lines: tuple[Line, ...]  # the most frequent first
    argument: str = ""  # this payload, where the operation takes several
    set_aside: int = 0  # documents on which the subjects also differ without the mutation

    @property
    def section(self) -> str:
        """Return the row's heading: its operation, or one heading for all operations without a payload."""
        return VALUES if self.made == VALUES else self.operation

    @property
    def label(self) -> str:
        """Return the row's name in its section."""
        if self.made == VALUES:
            return self.operation
        return f"{self.made} ({self.argument})" if self.argument else self.made

    @property
    def documents(self) -> int:
        """Count the documents, or steps, of the lines."""
        return sum(line.documents for line in self.lines)

    @property
    def differing(self) -> tuple[Line, ...]:
        """Return the lines that show a divergence."""
        return tuple(line for line in self.lines if not line.agrees)

    @property
    def agrees(self) -> bool:
        """Say whether all subjects agree in all lines."""
        return bool(self.lines) and not self.differing

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was drawn, since the mutation changes no document."""
        return not self.lines and not self.set_aside


@attrs.frozen
class Entry:
    """What the contract's file says of an asymmetry."""

    id: str
    reason: str
    deviates: str
    owner: str
    expires: datetime.date
    issue: str = ""


@attrs.frozen
class Matrix:
    """A contract's rows over its subjects."""

    contract: str
    doc: str
    subjects: tuple[str, ...]
    versions: Mapping[str, str]  # what each subject was built from, in one line
    rows: tuple[Row, ...]
    asymmetries: Mapping[str, Entry]  # the entries that lines name, by id
    traces: int  # documents that were asked for in each row
    seed: int

    @property
    def has_news(self) -> bool:
        """Say whether the matrix shows a divergence that no asymmetry covers."""
        return any(line.is_new for line in self.divergences)

    @property
    def sections(self) -> dict[str, tuple[Row, ...]]:
        """Return the rows by section, in the order of the page."""
        found: dict[str, tuple[Row, ...]] = {}
        for row in sorted(self.rows, key=lambda row: row.section == VALUES):
            found[row.section] = (*found.get(row.section, ()), row)
        return found

    @property
    def divergences(self) -> tuple[Line, ...]:
        """Return the lines that show a divergence, in the order of the page."""
        return tuple(line for rows in self.sections.values() for row in rows for line in row.differing)
