"""The page on exporting a case: its test is the one that `export` writes."""

from __future__ import annotations

import sys
from pathlib import Path

from blocks import ROOT, blocks
from test_tutorial import environment_of, said

PAGE = ROOT / "docs" / "how-to" / "export.md"
CASE = "examples/cases/json/accept-reject-decode-duplicate-field-63ccd50d.json"


def test_the_page_shows_the_test_that_is_written(tmp_path: Path) -> None:
    """The excerpt of Go on the page stands in the test that the command of the page writes."""
    (excerpt,) = blocks(PAGE, "go")
    command = ["driftcheck", "export", CASE, "--to", "go", "--into"]

    said([*command, str(tmp_path)], ROOT, environment_of(Path(sys.executable).parent))

    (written,) = tmp_path.rglob("*_test.go")
    text = written.read_text(encoding="utf-8")
    failing = 1 + text[: text.index("t.Errorf")].count("\n")
    page = PAGE.read_text(encoding="utf-8")
    assert excerpt.text in text
    assert " ".join(command) in page
    assert f"{written.name}:{failing}: step 1" in page
