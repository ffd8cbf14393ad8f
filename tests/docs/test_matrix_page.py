"""The page on the matrix, typed as a reader would type it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from blocks import ROOT, walk
from test_tutorial import environment_of


@pytest.mark.nightly
def test_the_page_on_the_matrix_can_be_typed(tmp_path: Path) -> None:
    """Each command prints what the page shows, and leaves the files that it names."""
    typed = walk(
        ROOT / "docs" / "how-to" / "matrix.md", tmp_path, environment_of(Path(sys.executable).parent)
    )

    assert [command.split()[1] for command in typed] == ["matrix", "replay", "matrix", "matrix"]
    assert all((tmp_path / f"matrix.{kind}").stat().st_size > 1000 for kind in ("html", "md", "json"))
