"""Who stands against whom."""

from __future__ import annotations

import pytest

from driftcheck.core.disagreement import (
    agree_without,
    describe_groups,
    groups_from_text,
    groups_of,
    groups_to_text,
)

LANGUAGES = {"go": "go", "go-v2": "go", "serde": "rust", "sonic": "rust", "model": "python"}


def test_subjects_are_grouped_by_what_they_answered() -> None:
    """The order is that of the subjects, and what is written is read back."""
    groups = groups_of({"go": 1, "serde": 2, "go-v2": 1})

    assert groups == (("go", "go-v2"), ("serde",))
    assert groups_to_text(groups) == "go, go-v2 | serde"
    assert groups_from_text(groups_to_text(groups)) == groups


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ((("go",), ("serde",)), ""),
        ((("go", "go-v2"), ("serde", "sonic")), "all Go against all Rust"),
        ((("go", "go-v2", "serde"), ("sonic",)), "sonic differs from the 3 others"),
        ((("go",), ("serde", "sonic")), "go differs from the 2 others"),
        ((("go", "serde"), ("go-v2", "sonic")), "go and serde against go-v2 and sonic"),
        ((("go",), ("serde",), ("model",)), "go against serde against model"),
        ((("go", "go-v2", "serde"),), ""),
    ],
)
def test_sides_are_said_to_people(groups: tuple[tuple[str, ...], ...], words: str) -> None:
    """One alone, one language against the other, or names; nothing where there are but two."""
    assert describe_groups(groups, LANGUAGES) == words


def test_the_rest_agrees_without_those_who_deviate() -> None:
    """A difference is explained by who deviates if all others are of one side."""
    groups = (("go", "go-v2"), ("serde",), ("sonic",))

    assert agree_without(groups, ("serde", "sonic"))
    assert not agree_without(groups, ("serde",))
    assert not agree_without((("go", "go-v2"),), ("serde",))
