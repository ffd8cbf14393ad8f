"""Who stands against whom."""

from __future__ import annotations

import pytest

from driftcheck.core.disagreement import agree_without, in_words, read, sides_of, written

LANGUAGES = {"go": "go", "go-v2": "go", "serde": "rust", "sonic": "rust", "model": "python"}


def test_subjects_are_grouped_by_what_they_answered() -> None:
    """The order is that of the subjects, and what is written is read back."""
    sides = sides_of({"go": 1, "serde": 2, "go-v2": 1})

    assert sides == (("go", "go-v2"), ("serde",))
    assert written(sides) == "go, go-v2 | serde"
    assert read(written(sides)) == sides


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ((("go",), ("serde",)), ""),
        ((("go", "go-v2"), ("serde", "sonic")), "all Go against all Rust"),
        ((("go", "go-v2", "serde"), ("sonic",)), "sonic stands alone against 3 others"),
        ((("go",), ("serde", "sonic")), "go stands alone against 2 others"),
        ((("go", "serde"), ("go-v2", "sonic")), "go and serde against go-v2 and sonic"),
        ((("go",), ("serde",), ("model",)), "go against serde against model"),
        ((("go", "go-v2", "serde"),), ""),
    ],
)
def test_sides_are_said_to_people(sides: tuple[tuple[str, ...], ...], words: str) -> None:
    """One alone, one language against the other, or names; nothing where there are but two."""
    assert in_words(sides, LANGUAGES) == words


def test_the_rest_agrees_without_those_who_deviate() -> None:
    """A difference is explained by who deviates if all others are of one side."""
    sides = (("go", "go-v2"), ("serde",), ("sonic",))

    assert agree_without(sides, ("serde", "sonic"))
    assert not agree_without(sides, ("serde",))
    assert not agree_without((("go", "go-v2"),), ("serde",))
