"""Who reads whose documents, by schema and by language; `UPDATE_PRINTED=1` writes the page again."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from schemas import LANGUAGES, PAGE, READ, SCHEMAS, Cell, cells, page

from driftcheck.search.session import open_session
from driftcheck_contracts.reconcile import Reconcile


@pytest.fixture(scope="module")
def found() -> Iterator[list[Cell]]:
    with open_session(Reconcile, only=LANGUAGES) as session:
        yield list(cells(session))


def test_every_pair_was_tried(found: list[Cell]) -> None:
    """Three schema versions in three languages, as writers and as readers."""
    pairs = {(c.writer, c.wrote, c.reader, c.reads) for c in found}

    assert len(pairs) == len(found) == (len(SCHEMAS) * len(LANGUAGES)) ** 2


def test_neighbours_are_read_and_the_rest_is_refused(found: list[Cell]) -> None:
    """I12, I14: whatever the languages."""
    for cell in found:
        expected = READ if abs(cell.wrote - cell.reads) <= 1 else "*too_far*, `schema`"
        assert cell.answer == expected, cell


def test_the_page_is_current(found: list[Cell]) -> None:
    """The page has the result."""
    current = page(found)
    if os.environ.get("UPDATE_PRINTED"):
        PAGE.write_text(current, encoding="utf-8")

    assert current == PAGE.read_text(encoding="utf-8"), "UPDATE_PRINTED=1 pytest tests/docs/test_schemas.py"
