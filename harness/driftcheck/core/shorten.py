"""Long text, cut to fit a message."""

from __future__ import annotations

LONGEST = 60  # characters of a value in a message


def shorten(text: str, longest: int) -> str:
    """Return text of at most `longest` characters; text that is longer loses its end to three dots."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def shown(value: object) -> str:
    """Return a value of a file as a message shows it: a file may contain one of any length."""
    return shorten(repr(value), LONGEST)
