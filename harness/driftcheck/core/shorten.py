"""Long text, cut to fit a message."""

from __future__ import annotations


def shorten(text: str, longest: int) -> str:
    """Return text of at most `longest` characters; text that is longer loses its end to three dots."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
