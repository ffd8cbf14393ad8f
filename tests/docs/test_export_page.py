"""The page on exporting a case: its test is the one that `export` writes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from blocks import ROOT, blocks
from test_tutorial import environment_of, said

PAGE = ROOT / "docs" / "how-to" / "export.md"
SAMPLES = sorted((ROOT / "examples" / "cases").rglob("*.json"))
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


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_can_be_exported(sample: Path, tmp_path: Path) -> None:
    """Each has a test in the language of a subject that is to blame, or in both if nobody is."""
    blamed = json.loads(sample.read_text(encoding="utf-8")).get("blamed", ["go", "serde"])

    for subject in blamed:
        (tmp_path / subject).mkdir()
        to = {"go": "go", "serde": "rust"}[subject]
        command = ["driftcheck", "export", str(sample), "--to", to, "--into", str(tmp_path / subject)]
        said(command, ROOT, environment_of(Path(sys.executable).parent))

        assert [*(tmp_path / subject).rglob("json_*")]
