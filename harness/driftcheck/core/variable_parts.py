"""
Error texts without their variable parts: numbers, quoted parts, and parts of the input.

Two errors with one reason then have the same text. Knows text only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 120  # characters that are kept
SHORTEST_STEM = 3  # words that a cut text must have in common with another one
SHORTEST_WORD = 3  # characters; shorter words of an input occur in a text by chance

_HEX_DUMP = re.compile(r"(?<=\bbytes )[0-9a-f]{2}(?: [0-9a-f]{2})*\b")
_HEX_BYTE = re.compile(r"(?<==)[0-9a-f]{1,2}\b")  # 'invalid code=1a' and 'invalid code=d', of a Go library
_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|[0-9]+")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`|(?<!\w)'(?:[^'\\]|\\.)*'|\[(?!N\])[^\[\]]*\]|\{[^{}]*\}")

_COLON = re.compile(r":(?=\s|$)")
_UNCLOSED = re.compile(r"(?:(?<=\s)|^)[\"'`].*", re.DOTALL)  # a quoted part of a text that was cut


def without_variable_parts(text: str, inputs: Sequence[str] = ()) -> str:
    """Return an error text with a placeholder for each part that varies from input to input.

    Args:
        inputs: what the subject was given, as text.
    """
    text = _without_echo(text, inputs)
    for part in sorted(_parts(inputs), key=len, reverse=True):
        text = text.replace(part, "…")
    text = _NUMBERS.sub("N", _HEX_BYTE.sub("N", _HEX_DUMP.sub("N", text)))
    text = _UNCLOSED.sub("…", _QUOTED.sub("…", text))
    text = "".join(c if c.isprintable() and (c.isascii() or c == "…") else "…" for c in text)
    text = re.sub(r"…[…\s]*…|…+", "…", text)
    return " ".join(text.split())[:LONGEST]


def are_one_text(one: str, other: str) -> bool:
    """Say whether two texts without their variable parts are the same, as far as neither is cut.

    A subject may cut a long part of its input, and with it the text behind. Such a text ends there.
    """
    short, long = sorted((one, other), key=len)
    is_cut = short.endswith("…") and len(short.split()) > SHORTEST_STEM
    return one == other or (is_cut and long.startswith(short))


def _without_echo(text: str, inputs: Sequence[str]) -> str:
    """Replace what follows a colon up to the end, if it is a part of an input in any case, or nothing.

    Many errors end so: `unknown unit: mb`, where the input was `5 MB`. However short such a part is, it is
    not a word of the message.
    """
    lowered = [one.casefold() for one in inputs]
    for colon in _COLON.finditer(text):
        rest = text[colon.end() :].strip().casefold()
        if any(rest in one for one in lowered):
            return f"{text[: colon.start()]}: …"
    return text


def _parts(inputs: Sequence[str]) -> set[str]:
    whole = {text for text in inputs if len(text) >= SHORTEST_WORD}
    return whole | {word for text in inputs for word in text.split() if len(word) >= SHORTEST_WORD}
