"""The page on evolving a contract, typed as a reader would type it."""

from __future__ import annotations

import sys
from pathlib import Path

from blocks import ROOT, walk
from test_tutorial import environment_of


def test_the_page_on_evolving_a_contract_can_be_typed(tmp_path: Path) -> None:
    """Each edit breaks what the page says that it breaks."""
    typed = walk(
        ROOT / "docs" / "how-to" / "evolve.md", tmp_path, environment_of(Path(sys.executable).parent)
    )

    assert sum("driftcheck compat" in command for command in typed) == 4
