"""The reference page of mutations."""

from __future__ import annotations

from pathlib import Path

from driftcheck.codecs.json import Json
from driftcheck.codecs.page import page

CHECKED_IN = Path(__file__).parents[2] / "docs" / "reference" / "mutations.md"


def test_page_is_current():
    """The page is what the code prints."""
    assert CHECKED_IN.read_text() == page()


def test_page_is_whole():
    """Every mutation of JSON has a row."""
    assert all(f"| `{m.name}` | {m.doc} |" in page() for m in Json.mutations)
