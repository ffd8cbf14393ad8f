"""
The words and strings of JSON, and their features.
"""

from __future__ import annotations

import codecs
import re

NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ODD_NUMBERS = (
    ("leading-zero", re.compile(rb"-?0[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")),
    ("plus-sign", re.compile(rb"\+[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")),
    ("leading-dot", re.compile(rb"-?\.[0-9]+(?:[eE][+-]?[0-9]+)?")),
    ("trailing-dot", re.compile(rb"-?[0-9]+\.(?:[eE][+-]?[0-9]+)?")),
    ("bare-exponent", re.compile(rb"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?")),
    ("hexadecimal", re.compile(rb"-?0[xX][0-9a-fA-F]+")),
    ("nan", re.compile(rb"[+-]?nan", re.IGNORECASE)),
    ("infinity", re.compile(rb"[+-]?inf(?:inity)?", re.IGNORECASE)),
)
LITERALS = {b"true": "bool", b"false": "bool", b"null": "null"}

_CONTROL = re.compile(rb"[\x00-\x1f]")
_ESCAPE = re.compile(
    rb"""\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
    |(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})
    |(?P<legal>u[0-9a-fA-F]{4}|["\\/bfnrt])
    |(?P<illegal>.|\Z))""",
    re.VERBOSE | re.DOTALL,
)
_CUT_ESCAPE = re.compile(
    rb"\\(?:u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?\Z"
)


def number_or_literal(word: bytes) -> tuple[str, str | None]:
    """Return the kind of a bare word and its feature; None if it is legal."""
    if kind := LITERALS.get(word):
        return kind, None
    if NUMBER.fullmatch(word):
        return "number", None
    for name, pattern in _ODD_NUMBERS:
        if pattern.fullmatch(word):
            return "number", name
    if word.lower() in LITERALS:
        return "junk", "literal-case"
    return "junk", "invalid-literal"


def check_string(body: bytes, *, whole: bool) -> set[str]:
    """Return the features of the text between the quotes, without the last character of a cut string."""
    found = set()
    if not whole:
        body = _without_torn_escape(body)
    if _CONTROL.search(body):
        found.add("control-character")
    if not body.isascii():
        try:
            codecs.utf_8_decode(body, "strict", whole)
        except UnicodeDecodeError:
            found.add("invalid-utf8")
    if b"\\" in body:
        for escape in _ESCAPE.finditer(body):
            if escape.lastgroup == "lone":
                found.add("lone-surrogate")
            elif escape.lastgroup == "illegal":
                found.add("invalid-escape")
    return found


def _without_torn_escape(body: bytes) -> bytes:
    torn = _CUT_ESCAPE.search(body)
    if torn is None or backslashes_before(body, torn.start()) % 2:
        return body
    return body[: torn.start()]


def backslashes_before(body: bytes, end: int) -> int:
    """Count the backslashes right before a position; an odd number escapes what stands there."""
    return end - len(body[:end].rstrip(b"\\"))
