"""The page on flags, typed as a reader would type it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from blocks import ROOT, walk
from test_tutorial import environment_of


@pytest.mark.nightly
def test_the_page_on_flags_can_be_typed(tmp_path: Path) -> None:
    """Each mistake of the page is found as it says, and what the page makes of it agrees."""
    typed = walk(ROOT / "docs" / "how-to" / "flag.md", tmp_path, environment_of(Path(sys.executable).parent))

    assert [command.split()[1] for command in typed] == ["run", "run", "run"]
