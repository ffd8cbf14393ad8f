"""The page on replaying a case: its first command works in a checkout, and so do all sample cases."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from blocks import ROOT, walk
from test_tutorial import environment_of, said

SAMPLES = sorted((ROOT / "examples" / "cases").rglob("*.json"))


def test_the_commands_of_the_page_can_be_typed() -> None:
    """A reader who stands in the checkout sees what the page shows."""
    page = ROOT / "docs" / "how-to" / "replay.md"

    typed = walk(page, ROOT, environment_of(Path(sys.executable).parent))

    assert [command.split()[1] for command in typed] == ["replay"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_case_diverges_as_it_says(sample: Path) -> None:
    """Each sample shows the divergence of its own signature, which an asymmetry covers."""
    command = f"driftcheck replay --subject go --subject serde --json {sample}; test $? -eq 1"

    told = said(["/bin/sh", "-c", command], ROOT, environment_of(Path(sys.executable).parent))

    assert '"is_the_same": true' in told
    assert '"is_accepted": true' in told
