"""The matrix' page in a real browser, as wide as a phone and as a desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import DESKTOP, PHONE, TABLET, look
from hostile_text import SAMPLES, unsafe_in
from matrices import EVIL, FIVE, IMAGE, LONG, SCRIPT, TWO, holding

from driftcheck.matrix import html
from driftcheck.matrix.cells import Matrix

pytestmark = pytest.mark.nightly  # it needs a browser, which `make nightly` looks for


@pytest.mark.parametrize("width", [PHONE, TABLET, DESKTOP])
@pytest.mark.parametrize("matrix", [TWO, FIVE, EVIL], ids=lambda matrix: matrix.contract)
def test_a_page_fits_its_window(matrix: Matrix, width: int, tmp_path: Path) -> None:
    """Nothing reaches beyond the window's edge, details closed or open, whatever a payload holds."""
    seen = look(html.render(matrix), tmp_path, width)

    assert seen.outside == []
    assert not seen.scrolls


def test_no_script_of_a_payload_runs(tmp_path: Path) -> None:
    """A script in a payload, an entry or a library's words is text, whole and without effect."""
    seen = look(html.render(EVIL), tmp_path, PHONE)

    assert not seen.ran
    for text in (SCRIPT, IMAGE, LONG):
        assert text in seen.text


def test_a_reader_sees_no_character_that_hides(tmp_path: Path) -> None:
    """What would turn text around, or be invisible, is on the page as an escape."""
    seen = look(html.render(holding("".join(SAMPLES))), tmp_path, DESKTOP)

    assert unsafe_in(seen.text) == []
    assert r"\x1b]0;owned\x07" in seen.text
    assert r"\u202e\u2066" in seen.text


def test_a_reader_sees_what_differs(tmp_path: Path) -> None:
    """Each difference is there with its subjects, its entry, its witness and the command to replay it."""
    seen = look(html.render(TWO), tmp_path, DESKTOP)

    for text in (
        "duplicate-field",
        "accept A",
        "accept B",
        "last-key-wins",
        "NEW",
        "crash",
        'decode(`{"id":0,"id":1}`)',
        "the reason of last-key-wins",
        "driftcheck replay cases/json/accept-reject-decode-duplicate-field-0a22c8c2.json",
        "all reject: 2 rows",
        "without effect: 1 row",
    ):
        assert text in seen.text


def test_a_script_and_a_wide_page_would_be_noticed(tmp_path: Path) -> None:
    """What these tests look for is seen in a page that has it."""
    page = f"<!DOCTYPE html><body>{SCRIPT}<p style='width:1000px'>wide</p></body>"

    seen = look(page, tmp_path, PHONE)

    assert seen.ran
    assert seen.scrolls
    assert seen.outside == ["P "] * 2
