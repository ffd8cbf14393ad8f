"""The page of the command line has the help of each verb; `UPDATE_PRINTED=1` rewrites it."""

from __future__ import annotations

import os

from commands import PAGE, page, verbs_of_the_page

from driftcheck.cli import VERBS


def test_the_page_is_current() -> None:
    """The page shows usage, help and options of every verb as the CLI has them now."""
    current = page()
    if os.environ.get("UPDATE_PRINTED"):
        PAGE.write_text(current, encoding="utf-8")

    assert current == PAGE.read_text(encoding="utf-8"), "UPDATE_PRINTED=1 pytest tests/docs/test_commands.py"


def test_the_page_has_every_verb() -> None:
    """Each verb has its part, in the order of `driftcheck --help`."""
    assert verbs_of_the_page() == list(VERBS)
