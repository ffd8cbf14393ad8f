"""
Mutations of the document's syntax: its end, its surroundings, its marks, its depth.
"""

from __future__ import annotations

from itertools import pairwise

from driftcheck.codecs.json.document import Document
from driftcheck.codecs.json.fields import free_name, quoted
from driftcheck.codecs.json.mutation import json_mutation, pick
from driftcheck.codecs.json.scan import GO_DEPTH, NEAR, SERDE_DEPTH, Node
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw, giant
from driftcheck.core.raw_mutations import BOM, SPACE, empty


def _containers(document: Document) -> list[Node]:
    return [n for n in document.scan.nodes() if n.kind in ("object", "array") and n.closed]


@json_mutation
def truncated(document: Document, draw: Draw) -> bytes | None:
    """Cut the document short."""
    root = document.scan.root
    if root is None or root.kind not in ("object", "array", "string") or root.end - root.start < 2:
        return None  # what is left of a number may be one
    return document.data[: root.end - draw.integer(1, root.end - root.start - 1)]


@json_mutation
def trailing_bytes(document: Document, draw: Draw) -> bytes | None:
    """Put bytes after the document that do not begin another one."""
    root = document.scan.root
    if root is None or not root.closed:
        return None
    marks = [b"}", b"]", b","]
    if root.kind in ("object", "array", "string"):
        marks = [b"x", b"\x00", b"\xff", *marks]  # after a number they would be part of it
    return document.data + pick(draw, marks)


@json_mutation
def second_document(document: Document, draw: Draw) -> bytes | None:
    """Put a second document after the first: an empty one, or the same again."""
    root = document.scan.root
    if root is None or not root.closed:
        return None
    same = [document.raw(root)] if root.kind in ("object", "array", "string") else []
    return document.data + pick(draw, (b"{}", b"[]", b'""', *same))


@json_mutation
def bom(document: Document, draw: Draw) -> bytes | None:
    """Put a byte order mark in front."""
    return None if document.data.startswith(BOM) else BOM + document.data


@json_mutation
def white_space(document: Document, draw: Draw) -> bytes | None:
    """Put white space in front, at the end or inside, where JSON allows it."""
    return _put_between(document, draw, *SPACE)


@json_mutation
def illegal_space(document: Document, draw: Draw) -> bytes | None:
    """Put a space in front or inside that JSON does not have."""
    return _put_between(document, draw, b"\x0b", b"\x0c", b"\xc2\xa0", b"\xe2\x80\xa8")


@json_mutation
def comment(document: Document, draw: Draw) -> bytes | None:
    """Put a comment in front or inside."""
    return _put_between(document, draw, b"/**/", b"//\n")


def _put_between(document: Document, draw: Draw, *texts: bytes) -> bytes | None:
    """Put a text before a name or a value, in front of the document first of all."""
    nodes = list(document.scan.nodes())
    if not nodes:
        return None
    start = pick(draw, nodes).start
    return document.spliced(start, start, pick(draw, texts))


@json_mutation
def single_quotes(document: Document, draw: Draw) -> bytes | None:
    """Put a string or a name in single quotes."""
    strings = [n for n in document.scan.nodes() if n.kind == "string" and b"'" not in document.raw(n)]
    strings = [n for n in strings if document.raw(n).startswith(b'"') and n.closed]
    if not strings:
        return None
    node = pick(draw, strings)
    return document.replaced(node, b"'" + document.raw(node)[1:-1] + b"'")


@json_mutation
def unquoted_name(document: Document, draw: Draw) -> bytes | None:
    """Write a name without quotes."""
    names = [m.name for n in _containers(document) for m in n.members]
    names = [n for n in names if document.raw(n)[1:-1].isalpha()]
    if not names:
        return None
    node = pick(draw, names)
    return document.replaced(node, document.raw(node)[1:-1])


@json_mutation
def trailing_comma(document: Document, draw: Draw) -> bytes | None:
    """Put a comma after the last of several."""
    nodes = [n for n in _containers(document) if n.members or n.items]
    if not nodes:
        return None
    end = pick(draw, nodes).end - 1
    return document.spliced(end, end, b",")


@json_mutation
def missing_comma(document: Document, draw: Draw) -> bytes | None:
    """Leave out a comma between two members."""
    return _leave_out(document, draw, b",", _gaps_between_members(document))


@json_mutation
def missing_colon(document: Document, draw: Draw) -> bytes | None:
    """Leave out the colon after a name."""
    gaps = [(m.name.end, m.value.start) for n in _containers(document) for m in n.members]
    return _leave_out(document, draw, b":", gaps)


def _gaps_between_members(document: Document) -> list[tuple[int, int]]:
    return [(a.value.end, b.name.start) for n in _containers(document) for a, b in pairwise(n.members)]


def _leave_out(document: Document, draw: Draw, mark: bytes, gaps: list[tuple[int, int]]) -> bytes | None:
    gaps = [(start, end) for start, end in gaps if mark in document.data[start:end]]
    if not gaps:
        return None
    start, end = pick(draw, gaps)
    return document.spliced(start, end, document.data[start:end].replace(mark, b"", 1))


@json_mutation
def mismatched_bracket(document: Document, draw: Draw) -> bytes | None:
    """Close an object as an array, or an array as an object."""
    nodes = _containers(document)
    if not nodes:
        return None
    node = pick(draw, nodes)
    return document.spliced(node.end - 1, node.end, b"]" if node.kind == "object" else b"}")


@json_mutation
def stray_token(document: Document, draw: Draw) -> bytes | None:
    """Put a mark at a place that allows none."""
    nodes = _containers(document)
    at = pick(draw, nodes).start + 1 if nodes else 0
    return document.spliced(at, at, pick(draw, (b",", b":")))


@json_mutation
def utf_16(document: Document, draw: Draw) -> bytes | None:
    """Write the document in UTF-16, with a byte order mark."""
    try:
        text = "\ufeff" + document.data.decode()
    except UnicodeDecodeError:
        return None
    return text.encode(pick(draw, ("utf-16-le", "utf-16-be")))


@json_mutation
def nested_to_127(document: Document, draw: Draw) -> bytes | None:
    """Nest containers as deep as serde_json recurses, or a little less."""
    return _nest(document, draw, SERDE_DEPTH - 1 - draw.integer(0, NEAR - 1))


@json_mutation
def nested_past_127(document: Document, draw: Draw) -> bytes | None:
    """Nest containers deeper than serde_json recurses."""
    return _nest(document, draw, SERDE_DEPTH + draw.integer(0, 2))


@giant
@json_mutation
def nested_to_10000(document: Document, draw: Draw) -> bytes | None:
    """Nest containers as deep as encoding/json reads, or a little less."""
    return _nest(document, draw, GO_DEPTH - 1 - draw.integer(0, NEAR - 1))


@giant
@json_mutation
def nested_past_10000(document: Document, draw: Draw) -> bytes | None:
    """Nest containers deeper than encoding/json reads."""
    return _nest(document, draw, GO_DEPTH + draw.integer(0, 2))


def _nest(document: Document, draw: Draw, height: int) -> bytes | None:
    """Put a nest into a field of its own, or around what the document is: it is one deeper in all."""
    root = document.root
    if root is None:
        return None
    opening, closing = (b'{"x":', b"}") if draw.boolean(0.25) else (b"[", b"]")
    nest = opening * (height - 1) + (b"[]" if opening == b"[" else b"{}") + closing * (height - 1)
    if isinstance(root.type, t.Record) and root.node.kind == "object":
        name = quoted(free_name(document, root.node))
        return document.with_member(root.node, len(root.node.members), name + b":" + nest)
    return document.replaced(root.node, b"[" + nest + b"]")


SYNTAX = (
    empty,
    truncated,
    trailing_bytes,
    second_document,
    bom,
    white_space,
    illegal_space,
    comment,
    single_quotes,
    unquoted_name,
    trailing_comma,
    missing_comma,
    missing_colon,
    mismatched_bracket,
    stray_token,
    utf_16,
    nested_to_127,
    nested_past_127,
    nested_to_10000,
    nested_past_10000,
)
