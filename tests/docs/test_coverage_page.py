"""The page on coverage: its commands print what it shows."""

from __future__ import annotations

import sys
from pathlib import Path

from blocks import ROOT, walk
from test_tutorial import environment_of


def test_the_commands_of_the_page_can_be_typed() -> None:
    """A reader who stands in the checkout sees what the page shows."""
    page = ROOT / "docs" / "how-to" / "coverage.md"

    typed = walk(page, ROOT, environment_of(Path(sys.executable).parent))

    assert [command.split()[1] for command in typed] == ["coverage", "replay"]
