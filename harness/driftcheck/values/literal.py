"""
Values for people to read: one line, in a notation of no particular language, with nothing invisible.

A document that needs no escapes is between backquotes, so that it looks as it is.
"""

from __future__ import annotations

import enum
import math
import struct
import unicodedata
from typing import Any

import attrs

from driftcheck.core.payload import Handle, Payload
from driftcheck.core.trace import Document, Name

LONGEST = 400  # characters of a text or a document; the middle of a longer one is left out

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_CANONICAL_NAN = bytes.fromhex("7ff8000000000000")


def literal(value: Any) -> str:
    """Return a value in one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case enum.Enum():
            return value.name
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return quoted(value)
        case bytes():
            return f"b{quoted(value)}"
        case Name(value=inner):
            return literal(inner)
        case Document(data=data) | Payload(data=data):
            return quoted(data, is_document=True)
        case Handle():
            return "handle"
        case tuple() | list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    fields = ((a.name, getattr(value, a.name)) for a in attrs.fields(type(value)))
    return f"{type(value).__name__}{{{', '.join(f'{name}: {literal(inner)}' for name, inner in fields)}}}"


def _float(value: float) -> str:
    if math.isnan(value):
        bits = struct.pack(">d", value)
        return "NaN" if bits == _CANONICAL_NAN else f"NaN (bits {bits.hex()})"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


def quoted(content: str | bytes, *, is_document: bool = False) -> str:
    """Return text, or bytes as text, between quotes.

    Backquotes mean that nothing is escaped. Between other quotes, invisible characters and bytes are escaped.

    Args:
        is_document: prefer backquotes, so that a JSON text is not taken for the document that it is.
    """
    text = content if isinstance(content, str) else content.decode("utf-8", "surrogateescape")
    if len(text) > LONGEST:
        head, tail = text[: LONGEST * 3 // 4], text[-LONGEST // 4 :]
        left_out = len(text) - len(head) - len(tail)
        ends = (_quoted(part, is_document) for part in (head, tail))
        return f" ... {left_out} characters ... ".join(ends)
    return _quoted(text, is_document)


def _quoted(text: str, is_document: bool) -> str:
    if all(map(_is_plain, text)):
        if '"' not in text and "\\" not in text and not is_document:
            return f'"{text}"'
        if "`" not in text:
            return f"`{text}`"
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + "".join(_escaped(c, quote) for c in text) + quote


def _is_plain(character: str) -> bool:
    # A combining mark or a replacement character may be the reason for the finding.
    return character.isprintable() and not unicodedata.combining(character) and character != "\ufffd"


def _escaped(character: str, quote: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character == quote:
        return f"\\{quote}"
    if _is_plain(character):
        return character
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that is not UTF-8, in the form of surrogateescape
        return f"\\x{number - 0xDC00:02x}"
    return f"\\x{number:02x}" if number < 0x80 else f"\\u{{{number:x}}}"
