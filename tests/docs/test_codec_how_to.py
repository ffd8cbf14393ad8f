"""The page on a codec for a binary format, typed as a reader would type it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from blocks import ROOT, walk
from test_tutorial import environment

__all__ = ["environment"]  # a fixture


@pytest.mark.nightly
def test_the_page_on_codecs_can_be_typed(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """Without features two faults are one finding; with features there are two, which `shorter` shrinks."""
    page = ROOT / "docs" / "how-to" / "codec.md"
    folder = tmp_path / "empty"
    folder.mkdir()

    typed = walk(page, folder, environment)

    assert sum("driftcheck run" in command for command in typed) == 3
