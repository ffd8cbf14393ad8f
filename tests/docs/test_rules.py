"""From each rule to the lines that keep it; `UPDATE_PRINTED=1` writes the page again."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from rules import GO, KEPT_NOWHERE, MODEL, PAGE, RUST, Place, cited, invariants, page, places, rules

SIDES = ("Go", "Rust", "model")


@pytest.fixture(scope="module")
def found() -> Mapping[str, list[Place]]:
    """Return what each side keeps."""
    return places()


def test_the_page_is_current() -> None:
    """The page has each rule's places as they are now."""
    current = page()
    if os.environ.get("UPDATE_PRINTED"):
        PAGE.write_text(current, encoding="utf-8")

    assert current == PAGE.read_text(encoding="utf-8"), "UPDATE_PRINTED=1 pytest tests/docs/test_rules.py"


@pytest.mark.parametrize("side", SIDES)
def test_each_rule_is_kept_somewhere(side: str, found: Mapping[str, list[Place]]) -> None:
    """A rule has a place on each side, or a reason why it has none; never both."""
    kept = {rule for place in found[side] for rule in place.keeps}
    excused = {rule for rule, reasons in KEPT_NOWHERE.items() if side in reasons}

    assert kept | excused == set(rules())
    assert kept & excused == set()


def test_only_rules_are_cited() -> None:
    """Every rule that code, tests or invariants cite stands in the text."""
    sources = [*GO.glob("*.go"), *RUST.parent.rglob("*.rs"), *MODEL.glob("*.py")]
    numbers = {number for path in sources for number in cited(path.read_text(encoding="utf-8"))}
    numbers |= {number for _, _, kept_by in invariants() for number in cited(kept_by)}

    assert len(invariants()) == 17
    assert numbers <= set(rules())
