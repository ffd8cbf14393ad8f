"""
What each fault makes of each operation, as the engines of the reconciliation contract wrote it down.

Each engine's own tests hold it to a file of these lines: fault, operation, outcome, the bytes that were
appended and those that stayed, the shared part, the local part, and the log, from two of which hashes stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
from blocks import ROOT

PAGE = ROOT / "docs" / "reference" / "reconcile-stages.md"
ENGINES = tuple(
    ROOT / shim / "reconcile" / "testdata" / "golden" / "stages.txt" for shim in ("go_shim", "rust_shim")
)
NO_FAULT = "none"
ACCEPTED = "accepted"

_TOP = """\
# What each fault leaves behind

A step happens completely or not at all
(R8.2 and R8.7 of [the reconciliation contract](reconcile.md#8-stages-and-storage)).
The table shows each operation that is not a query under each fault.
In its scene each operation is accepted without a fault.
Both engines wrote this table, with the same bytes.
[One file in Go](../../go_shim/reconcile/testdata/golden/stages.txt) and
[one in Rust](../../rust_shim/reconcile/testdata/golden/stages.txt)
hold the scene and the hashes of states and logs; each engine's tests compare it with its file.
`UPDATE_PRINTED=1 pytest tests/docs/test_stages.py` rewrites this page.

- **+104**: accepted; the log grew by one frame of 104 bytes.
  **≠** says that the state digest has changed,
  **=** that it has not: the change is in the local part.
- **as without**: accepted; the log and both parts are, byte for byte, the same as without the fault.
- *class*, `path`: rejected. The log and both parts are, byte for byte, the same as before the step.
  **52 cut**: 52 bytes had been appended and were cut off again; otherwise nothing had been appended.
"""


@attrs.frozen
class Line:
    """What one fault made of one operation."""

    fault: str
    operation: str
    outcome: str
    appended: int
    kept: int
    shared: str
    is_local_changed: bool
    log: str


def lines(path: Path) -> list[Line]:
    """Read the lines of one engine, below the scene that they belong to."""
    return [
        _line(text) for text in path.read_text(encoding="utf-8").splitlines() if text[:1] not in ("", "#")
    ]


def _line(text: str) -> Line:
    fault, operation, outcome, *rest = text.split(" | ")
    appended, kept, shared, local, log = (field.split(" ")[1] for field in rest)
    return Line(fault, operation, outcome, int(appended), int(kept), shared, local == "changed", log)


def page() -> str:
    """Write the page."""
    found = lines(ENGINES[0])
    operations = list(dict.fromkeys(line.operation for line in found))
    rows = (
        _row(fault, [line for line in found if line.fault == fault], found)
        for fault in dict.fromkeys(line.fault for line in found)
    )
    return "\n".join([_TOP, _joined(["fault", *operations]), "|---" * (len(operations) + 1) + "|", *rows, ""])


def _row(fault: str, of_fault: list[Line], found: list[Line]) -> str:
    return _joined([fault, *(_cell(line, found) for line in of_fault)])


def _joined(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(line: Line, found: list[Line]) -> str:
    if line.outcome != ACCEPTED:
        name, path = line.outcome.split(" at ")
        cut = f"<br>**{line.appended} cut**" if line.appended else ""
        return f"*{name}*, `{path}`{cut}"
    if line.fault != NO_FAULT and line.log == without_fault(line, found).log:
        return "as without"
    return f"**+{line.kept} {'=' if line.shared == before(found) else '≠'}**"


def without_fault(line: Line, found: list[Line]) -> Line:
    """Return the line of the same operation without a fault."""
    return next(other for other in found if (other.fault, other.operation) == (NO_FAULT, line.operation))


def before(found: list[Line]) -> str:
    """Return the shared part before the step, which a tick leaves as it was."""
    return next(line.shared for line in found if line.operation == "tick")


def rejected(found: list[Line]) -> Iterator[Line]:
    """Yield the lines that were not accepted."""
    return (line for line in found if line.outcome != ACCEPTED)
