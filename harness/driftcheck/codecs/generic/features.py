"""
The oddities of a text that well-formed documents of its format do not have.

An oddity is a name and its place: a leading zero may be odd after a dot and usual after a slash.
What a well-formed document has, too, is no feature. Most features are things that a document has and not
things that it lacks, so that a document rarely gets a new one while it is shrunk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from driftcheck.codecs.generic.vocabulary import (
    Oddity,
    Vocabulary,
    as_text,
    is_delimiter,
    kind_of,
    tokens_of,
)
from driftcheck.core.raw_mutations import plain_text

MARKS = {
    "!": "exclamation-mark",
    '"': "quote",
    "#": "hash",
    "$": "dollar",
    "%": "percent",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "opening-parenthesis",
    ")": "closing-parenthesis",
    "*": "star",
    "+": "plus",
    ",": "comma",
    "-": "hyphen",
    ".": "dot",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less-than",
    "=": "equals",
    ">": "greater-than",
    "?": "question-mark",
    "@": "at-sign",
    "[": "opening-bracket",
    "\\": "backslash",
    "]": "closing-bracket",
    "^": "caret",
    "_": "underscore",
    "`": "backtick",
    "{": "opening-brace",
    "|": "bar",
    "}": "closing-brace",
    "~": "tilde",
}
MOST_BYTES = 1 << 14  # of a text that are looked at
PAST = (128, 64, 32, 16, 8)  # bits of a number

_BEFORE = r"(?<![0-9A-Za-z])"
# Each is removed before the next one is looked for, so that its marks do not count as odd.
_FORMS = (
    (re.compile(r"%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#[0-9]+;"), "a", "escaped-character"),
    (re.compile(r"%(?![0-9a-fA-F]{2})|\\(?![A-Za-z0-9])|&#|&(?=[a-z]+;)"), "", "unfinished-escape"),
    (re.compile("[\u212a\u017f\u0130\u0131]"), "k", "case-fold"),
    (re.compile("[\u00a0\u3000\u2000-\u200a\u2028\u2029\ufeff\u200b]"), "", "unicode-space"),
    (re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x9f]"), "", "control-character"),
    (re.compile(r"[\r\n]+"), "", "line-break"),
    (re.compile(r"[ \t]+"), "", "odd-space"),
    (re.compile("[\uff01-\uff5e\u3002]"), ".", "full-width-mark"),
    (re.compile(r"[^\x00-\x7f]"), "a", "letter-beyond-ascii"),
    (re.compile(_BEFORE + r"\+(?=[0-9])"), "", "plus-sign"),
    (re.compile(_BEFORE + r"-(?=[0-9])"), "", "minus-sign"),
    (re.compile(_BEFORE + r"0[xX](?=[0-9a-fA-F])"), "", "hexadecimal"),
    (re.compile(_BEFORE + r"0[bB](?=[01])"), "", "binary"),
    (re.compile(_BEFORE + r"0[oO](?=[0-7])"), "", "octal"),
    (re.compile(r"(?<=[0-9])[eE][+-]?(?=[0-9])"), "", "exponent"),
    (re.compile(r"(?<=[0-9])_|_(?=[0-9])"), "", "underscore"),
)


def oddities(data: bytes) -> Iterator[Oddity]:
    """Iterate over all that may be odd about a text: a name, and what comes before it if that matters.

    The name "" comes with what is before any token.
    """
    return _oddities(*_in_plain_form(data))


def _oddities(names: Sequence[str], text: str) -> Iterator[Oddity]:
    for name in names:
        yield name, None
    for mark in sorted(set(text) & MARKS.keys()):
        yield f"extra-{MARKS[mark]}", None
    yield from _of_tokens(tokens_of(text))


def _in_plain_form(data: bytes) -> tuple[list[str], str]:
    """Return the names of odd forms in a text, and the text without them."""
    odd, text = plain_text(data[:MOST_BYTES])
    names = sorted(odd)
    for pattern, plain, name in _FORMS:
        before, text = text, pattern.sub(plain, text)
        if text != before:
            names.append(name)
    return names, text


def _of_tokens(parts: Sequence[str]) -> Iterator[Oddity]:
    for at, token in enumerate(parts):
        before = parts[at - 1] if at else ""
        place = before if not before or is_delimiter(before) else kind_of(before)
        yield "", place
        if is_delimiter(token):
            if before == token:
                yield "delimiter-repeated", place
        elif kind_of(token) == "letters":
            if token != token.lower():
                yield "upper-case", place
        elif kind_of(token) == "digits":
            if token.startswith("0") and len(token) > 1:
                yield "leading-zero", place
            past = next((bits for bits in PAST if int(token[:100]) >> bits), None)
            if past is not None:
                yield f"past-{past}-bits", place


def features(data: bytes, words: Vocabulary) -> set[str]:
    """Return the oddities of a text that no well-formed document has, and the marks that each one has."""
    if not words.documents:
        return set()
    names, text = _in_plain_form(data)
    found = {name for name, place in _oddities(names, text) if name and _is_odd(name, place, words)}
    return found | {f"missing-{MARKS[mark]}" for mark in needed_marks(words.documents) if mark not in text}


def _is_odd(name: str, place: str | None, words: Vocabulary) -> bool:
    """Say whether no document has it at this place; where none has any token, whether it has it nowhere."""
    if place is None or ("", place) in words.usual:
        return (name, place) not in words.usual
    return name not in words.usual_names


@lru_cache(maxsize=64)
def needed_marks(documents: tuple[bytes, ...]) -> tuple[str, ...]:
    """Return the marks that each well-formed document contains."""
    shared = set(MARKS)
    for data in documents:
        shared.intersection_update(as_text(data))
    return tuple(sorted(shared))
