"""What each fault leaves behind in both engines; `UPDATE_PRINTED=1` writes the page again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stages import ACCEPTED, ENGINES, NO_FAULT, PAGE, before, lines, page, rejected, without_fault

INNOCUOUS = {"repeated", "reordered"}
OF_MESSAGES = {"lost", "damaged", *INNOCUOUS}


def test_the_page_is_current() -> None:
    """The page has what the engines wrote."""
    current = page()
    if os.environ.get("UPDATE_PRINTED"):
        PAGE.write_text(current, encoding="utf-8")

    assert current == PAGE.read_text(encoding="utf-8"), "UPDATE_PRINTED=1 pytest tests/docs/test_stages.py"


def test_both_engines_wrote_the_same() -> None:
    """The files to which the engines are held are equal, scene and hashes included."""
    go, rust = (path.read_bytes() for path in ENGINES)

    assert go == rust


@pytest.mark.parametrize("path", ENGINES, ids=("go", "rust"))
def test_what_is_rejected_leaves_all_as_it_was(path: Path) -> None:
    """A step that a fault ended left the bytes of the log and both parts (R8.2)."""
    found = lines(path)
    logs = {line.operation: line.log for line in found if line.fault == "halted at received"}

    for line in rejected(found):
        assert (line.kept, line.shared, line.is_local_changed) == (0, before(found), False), line
        assert line.log == logs[line.operation], line


@pytest.mark.parametrize("path", ENGINES, ids=("go", "rust"))
def test_each_fault_does_what_the_text_says(path: Path) -> None:
    """Each fault of R8.7 stops the steps that it is about, as far as they came, and no others."""
    for line in (found := lines(path)):
        whole, is_pull = without_fault(line, found), line.operation.startswith("reconcile")
        name, _, stage = line.fault.partition(" at ")
        if name == "halted":
            written = whole.kept if stage == "appended" else 0
            assert (line.outcome, line.appended) == (f"interrupted at {stage}", written), line
        elif name == "torn":
            assert (line.outcome, line.appended) == ("interrupted at staged", whole.kept // 2), line
        elif name == "killed":
            assert (line.outcome, line.appended) == ("interrupted at appended", whole.kept), line
        elif name == "lost" and is_pull:
            assert line.outcome == "interrupted at none", line
        elif name == "damaged" and is_pull:
            assert line.outcome == "digest_mismatch at digest", line
        elif name == "stepped" and (is_pull or line.operation == "import"):
            assert line.outcome == "clock_drift at clock", line
        else:
            assert (line.outcome, line.appended) == (ACCEPTED, whole.kept), line
        if name in {NO_FAULT, *OF_MESSAGES} and line.outcome == ACCEPTED:
            assert (line.log, line.shared) == (whole.log, whole.shared), line
