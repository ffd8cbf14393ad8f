"""
The matrix as frozen values: rows, the lines that a row falls into, a cell for each subject.

Knows nothing of how documents are drawn and run, nor of how a matrix is shown.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import attrs

UNSUPPORTED = "unsupported"
QUIET = ("accept", "reject", "void")  # what all subjects may do without a word being due
WELL_FORMED, VALUES, REAL, RAW = "well-formed", "plain values", "real documents", "raw bytes"


@attrs.frozen
class Cell:
    """What one subject did."""

    did: str  # "accept", "reject", "panic", "crash", "hang", ...
    rejection: str = ""  # its class, where the contract has several
    mark: str = ""  # a letter: subjects that did the same with another value or state have other ones

    def __str__(self) -> str:
        return " ".join(word for word in (self.did, self.rejection, self.mark) if word)


def agree(cells: tuple[Cell, ...]) -> bool:
    """Say whether the subjects that could do it all did the same, and none failed."""
    able = {cell for cell in cells if cell.did != UNSUPPORTED}
    return len(able) <= 1 and all(cell.did in QUIET for cell in able)


@attrs.frozen
class Witness:
    """The shortest case that shows a line."""

    steps: tuple[str, ...]  # as people read them
    answers: tuple[str, ...]  # of each subject, to the last of these steps
    told: Mapping[str, str]  # what else is known of the difference, by name
    case: str  # the path of its case file, "" where it could not be kept
    replay: str  # the command that runs it again
    flaky: str = ""  # in how many runs it showed again, where not in all


@attrs.frozen
class Line:
    """One picture of a row: all its documents that these subjects answered alike."""

    cells: tuple[Cell, ...]  # in the order of the matrix' subjects
    documents: int  # 0: it was met only while the witness of another line was shortened
    known: tuple[str, ...] = ()  # ids of the entries that cover it; none: it is new, or no difference
    witness: Witness | None = None  # of a difference

    @property
    def agrees(self) -> bool:
        """Say whether the line shows no difference."""
        return agree(self.cells)

    @property
    def is_new(self) -> bool:
        """Say whether the line shows a difference that no entry covers."""
        return not (self.agrees or self.known)


@attrs.frozen
class Row:
    """One operation, with its payloads made in one way."""

    operation: str
    made: str  # a mutation's name, or WELL_FORMED, VALUES, REAL, RAW
    lines: tuple[Line, ...]  # the most frequent first
    argument: str = ""  # the payload that is made so, where the operation takes several
    set_aside: int = 0  # documents on which the subjects part ways without the mutation, too

    @property
    def section(self) -> str:
        """Return under which heading the row stands: its operation, or one for all that take no payload."""
        return VALUES if self.made == VALUES else self.operation

    @property
    def label(self) -> str:
        """Return the row's name in its section."""
        if self.made == VALUES:
            return self.operation
        return f"{self.made} ({self.argument})" if self.argument else self.made

    @property
    def documents(self) -> int:
        """Count the documents, or steps, that the lines hold."""
        return sum(line.documents for line in self.lines)

    @property
    def differing(self) -> tuple[Line, ...]:
        """Return the lines that show a difference."""
        return tuple(line for line in self.lines if not line.agrees)

    @property
    def agrees(self) -> bool:
        """Say whether all subjects agree on all that was met."""
        return bool(self.lines) and not self.differing

    @property
    def is_empty(self) -> bool:
        """Say whether nothing could be drawn: a mutation that has nothing to break."""
        return not self.lines and not self.set_aside


@attrs.frozen
class Known:
    """What the contract's file says of a known difference."""

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
    known: Mapping[str, Known]  # the entries that lines name, by id
    traces: int  # documents that were asked for in each row
    seed: int

    @property
    def has_news(self) -> bool:
        """Say whether a difference was met that no entry covers."""
        return any(line.is_new for line in self.differences)

    @property
    def sections(self) -> dict[str, tuple[Row, ...]]:
        """Return the rows by section, in the order in which they are shown."""
        found: dict[str, tuple[Row, ...]] = {}
        for row in sorted(self.rows, key=lambda row: row.section == VALUES):
            found[row.section] = (*found.get(row.section, ()), row)
        return found

    @property
    def differences(self) -> tuple[Line, ...]:
        """Return the lines that show a difference, in the order in which they are shown."""
        return tuple(line for rows in self.sections.values() for row in rows for line in row.differing)
