"""
Text of strangers, made safe to show: escapes characters that nobody could see or that a terminal would obey.

Owns the one definition of what is unsafe. Each output uses it: terminal, JUnit, HTML, Markdown, pytest.
"""

from __future__ import annotations

import re

# Most text has nothing but these, so that one search settles it.
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e]")
_LAYOUT = "\n\t"  # they stay: a text of several lines is shown as such

# Printable by name, but without ink: Unicode's Default_Ignorable_Code_Point, as far as Python calls it
# printable, and the blank pattern of Braille.
_INKLESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def visible(text: str) -> str:
    r"""Return text with an escape, such as `\x1b` or `\u202e`, for each character that is unsafe to show.

    Unsafe are control characters except for newline and tab, marks of direction, characters without ink other
    than the plain space, and lone surrogates.
    """
    if _SUSPECT.search(text) is None:
        return text
    return "".join(_escaped(c) if is_unsafe(c) else c for c in text)


def is_unsafe(character: str) -> bool:
    """Say whether a character must not be shown as it is."""
    if character in _LAYOUT:
        return False
    return not character.isprintable() or _INKLESS.match(character) is not None


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
