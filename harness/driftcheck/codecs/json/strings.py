"""
Mutations inside strings and literals: ill-formed UTF-8, surrogates, escapes, control characters.

A whole string is replaced by the broken part, so that a lenient reader returns a short text for it.
"""

from __future__ import annotations

from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.mutation import json_mutation, pick, replace_one, values
from driftcheck.codecs.json.scalars import LONG_TEXT
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw, giant
from driftcheck.core.raw_mutations import ILL_FORMED, OVERLONG


def _texts(document: Document) -> list[Site]:
    return [s for s in values(document, "string") if isinstance(s.type, t.Text)]


def _quoted(*bodies: bytes) -> tuple[bytes, ...]:
    return tuple(b'"' + body + b'"' for body in bodies)


@json_mutation
def invalid_utf8(document: Document, draw: Draw) -> bytes | None:
    """Put bytes that are not UTF-8 into a string: torn, overlong, a surrogate, past the last character."""
    return replace_one(document, draw, _texts(document), *_quoted(*ILL_FORMED, *OVERLONG))


@json_mutation
def lone_surrogate(document: Document, draw: Draw) -> bytes | None:
    """Write an escaped surrogate without its partner, or two in the wrong order."""
    bodies = (rb"\ud800", rb"\udc00", rb"\udc00\ud800", rb"\ud800x", rb"\ud800\u0000", rb"\ud800\n")
    return replace_one(document, draw, _texts(document), *_quoted(*bodies))


@json_mutation
def control_character(document: Document, draw: Draw) -> bytes | None:
    """Put a control character into a string without an escape."""
    return replace_one(document, draw, _texts(document), *_quoted(b"\x00", b"\n", b"\t", b"\x1f"))


@json_mutation
def invalid_escape(document: Document, draw: Draw) -> bytes | None:
    """Write an escape that JSON does not have."""
    return replace_one(
        document, draw, _texts(document), *_quoted(rb"\x", rb"\'", rb"\u12", rb"\u12G4", rb"\0", rb"\U0041")
    )


@json_mutation
def needless_escape(document: Document, draw: Draw) -> bytes | None:
    """Write a character as an escape that it does not need."""
    return replace_one(document, draw, _texts(document), *_quoted(rb"\u0061", rb"\/", rb"\ud83d\ude00"))


@giant
@json_mutation
def long_text(document: Document, draw: Draw) -> bytes | None:
    """Write a string of more than 64 KiB, where its type sets no bound."""
    sites = [s for s in _texts(document) if isinstance(s.type, t.Text) and s.type.max_len is None]
    if not sites:
        return None
    return replace_one(document, draw, sites, *_quoted(b"a" * LONG_TEXT, "\u00e9".encode() * LONG_TEXT))


@json_mutation
def literal_case(document: Document, draw: Draw) -> bytes | None:
    """Write true, false or null in another letter case."""
    words = [node for node in document.scan.nodes() if node.kind in ("bool", "null")]
    if not words:
        return None
    node = pick(draw, words)
    word = document.raw(node)
    return document.replaced(node, pick(draw, (word.upper(), word.capitalize())))


@json_mutation
def invalid_literal(document: Document, draw: Draw) -> bytes | None:
    """Write a bare word that JSON does not have."""
    sites = [s for s in document.targets if s.node.kind in ("number", "string", "bool", "null")]
    return replace_one(document, draw, sites, b"undefined", b"None", b"nul", b"-")


STRINGS = (
    invalid_utf8,
    lone_surrogate,
    control_character,
    invalid_escape,
    needless_escape,
    long_text,
    literal_case,
    invalid_literal,
)
