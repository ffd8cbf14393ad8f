"""The page on a codec for a binary format, typed as a reader would type it."""

from __future__ import annotations

import sys
from pathlib import Path

from blocks import ROOT, walk
from test_tutorial import environment_of


def test_the_page_on_codecs_can_be_typed(tmp_path: Path) -> None:
    """Without features two faults are one finding; with features each is one of its own."""
    page = ROOT / "docs" / "how-to" / "codec.md"

    typed = walk(page, tmp_path, environment_of(Path(sys.executable).parent))

    assert sum("driftcheck run" in command for command in typed) == 2
