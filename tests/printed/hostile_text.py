"""Texts that nobody may show as they are: what a terminal obeys, and what a reader does not see."""

from __future__ import annotations

from hypothesis import strategies as st

from driftcheck.core.visible import is_unsafe

SAMPLES = (
    "\x1b[31m",  # a colour
    "\x1b]0;owned\x07",  # the title of the window
    "\x9b2J",  # the same in one byte: clears the screen
    "\x1b[2K\x1b[1A",  # deletes the line above
    "\r",
    "\b\b\b",
    "\x7f",
    "\x00",
    "\u202e\u2066\u200f",  # marks of direction
    "\u200b\u2060\ufeff\u00ad",  # without width
    "\u3164\u115f\u2800",  # letters without ink
    "\U000e0041\U000e0100\ufe0f",  # tags and variants
    "\u2028\x85",  # ends of lines
    "\ud800",
    "\ufffe",
)
TEXTS = st.lists(st.one_of(st.sampled_from(SAMPLES), st.text(max_size=8), st.just("\n\t")), max_size=8).map(
    "".join
)


def unsafe_in(text: str) -> list[str]:
    """Return the unsafe characters of a text."""
    return [character for character in text if is_unsafe(character)]
