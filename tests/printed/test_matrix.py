"""Printed matrices are equal to the checked-in pages; `UPDATE_PRINTED=1` rewrites the pages."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import attrs
import pytest
from matrices import EVIL, FIVE, SCRIPT, TWO

from driftcheck.findings.words import width
from driftcheck.matrix import data, html, markdown, text
from driftcheck.matrix.cells import Matrix

PAGES = Path(__file__).parent / "pages" / "matrix"
SHOWN = {
    "two.txt": lambda: text.render(TWO) + "\n",
    "two-all.txt": lambda: text.render(TWO, everything=True) + "\n",
    "five.txt": lambda: text.render(FIVE) + "\n",
    "two.md": lambda: markdown.render(TWO),
    "two-all.md": lambda: markdown.render(TWO, everything=True),
    "evil.md": lambda: markdown.render(EVIL),
    "two.json": lambda: json.dumps(data.to_json(TWO), indent=2) + "\n",
    "two.html": lambda: html.render(TWO),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_matrix_is_shown_as_checked_in(name: str) -> None:
    """A matrix reads as its page says."""
    page = SHOWN[name]()
    kept = PAGES / name
    if os.environ.get("UPDATE_PRINTED"):
        kept.write_text(page, encoding="utf-8")

    assert page == kept.read_text(encoding="utf-8")


def test_each_page_belongs_to_a_matrix() -> None:
    """No page is left over."""
    assert {page.name for page in PAGES.iterdir()} == set(SHOWN)


@pytest.mark.parametrize("matrix", [TWO, FIVE, EVIL])
@pytest.mark.parametrize("everything", [False, True])
def test_a_matrix_fits_a_terminal(matrix: Matrix, everything: bool) -> None:
    """No line has more than 100 columns, also with five subjects, but for paths, which are to be copied."""
    lines = text.render(matrix, everything=everything).splitlines()

    assert max(width(line) for line in lines if "cases/" not in line) <= 100


def test_colours_mark_what_is_new() -> None:
    """With colours the same text is printed; what no entry knows stands out."""
    plain, coloured = text.render(TWO), text.render(TWO, colour=True)

    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    red = [line for line in coloured.splitlines() if line.startswith("\x1b[31m")]
    assert len(red) == 2
    assert all("NEW" in line for line in red)


def test_a_page_holds_no_tag_of_a_payload() -> None:
    """Whatever a payload, a library or an entry holds is escaped; and is there."""
    page = html.render(EVIL)

    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") >= 8


def test_a_page_links_to_the_web_alone() -> None:
    """An address that a browser would run is shown and not linked."""
    good, bad = html.render(TWO), html.render(EVIL)

    assert re.findall(r'href="([^"]*)"', good) == ["https://example.org/1"]
    assert "href" not in bad
    assert "javascript:document" in bad


def test_a_page_loads_nothing() -> None:
    """The page is one file: no script, no style sheet, no image or font from elsewhere."""
    page = html.render(TWO)

    assert not re.search(r"<(script|link|img|iframe|object|embed)\b|src=|@import|url\(", page)


def test_a_matrix_without_divergences() -> None:
    """Where all agree there is no table and no witness, in any form."""
    quiet = attrs.evolve(TWO, rows=tuple(row for row in TWO.rows if row.agrees), asymmetries={})

    assert text.render(quiet).splitlines() == [
        "json: 100 documents a row, seed 0",
        "5 rows: 0 differ, 5 agree; 0 divergences",
    ]
    assert "Witnesses" not in markdown.render(quiet)
    assert "<table" not in html.render(quiet)


def test_json_holds_every_row() -> None:
    """Also the rows on which all agree are data, and a witness has each subject's answer."""
    shown = data.to_json(EVIL)

    assert [row["made"] for row in data.to_json(TWO)["rows"]] == [row.made for row in TWO.rows]
    (line,) = shown["rows"][0]["lines"]
    assert line["cells"]["go"] == {"did": "reject", "rejection": SCRIPT}
    assert set(line["witness"]["answers"]) == set(EVIL.subjects)
