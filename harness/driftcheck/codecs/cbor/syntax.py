"""
Mutations of the syntax of CBOR: the end of the document, false lengths, breaks, chunks, reserved heads, text
that is not UTF-8, undefined and simple values, depth.
"""

from __future__ import annotations

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.document import Document, Site
from driftcheck.codecs.cbor.mutation import cbor_mutation, pick, present, records, replace_one, values
from driftcheck.codecs.cbor.scan import DEPTHS, Node
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw
from driftcheck.core.raw_mutations import ILL_FORMED, OVERLONG, empty


@cbor_mutation
def truncated(document: Document, draw: Draw) -> bytes | None:
    """Cut the document inside a head or a string."""
    whole = document.scan.root
    if whole is None or not whole.closed or whole.end != len(document.data):
        return None
    inside = [
        at
        for node in document.scan.nodes()
        for at in (*range(node.start + 1, node.body), *range(node.body, node.end if _is_string(node) else 0))
    ]
    return document.data[: pick(draw, sorted(set(inside), reverse=True))] if inside else None


def _is_string(node: Node) -> bool:
    return node.kind in ("text", "bytes") and not node.indefinite


@cbor_mutation
def missing_items(document: Document, draw: Draw) -> bytes | None:
    """Give the outermost array or map a length that is too large by one or two."""
    root = document.scan.root
    if root is None or root.kind not in ("array", "map") or root.indefinite or not root.closed:
        return None
    if root.end != len(document.data):
        return None
    count = root.number + 1 + draw.integer(0, 1)
    return document.spliced(root.start, root.body, h.head(document.data[root.start] >> 5, count))


@cbor_mutation
def short_length(document: Document, draw: Draw) -> bytes | None:
    """Give the document's record a length that is too small by one."""
    root = document.scan.root
    sites = [s for s in records(document) if s.place == "document" and s.node.items and s.node is root]
    if not sites or sites[0].node.indefinite or sites[0].node.end != len(document.data):
        return None
    fields = document.fields(sites[0])
    if fields[-1][2] is None or [f for _, _, f in fields].count(fields[-1][2]) > 1:
        return None
    node = sites[0].node
    return document.spliced(node.start, node.body, h.head(h.MAP, node.number - 1))


@cbor_mutation
def huge_length(document: Document, draw: Draw) -> bytes | None:
    """Give a string, an array or a map a length beyond any memory."""
    nodes = [n for n in document.scan.nodes() if n.kind in ("text", "bytes", "array", "map")]
    nodes = [n for n in nodes if not n.indefinite]
    if not nodes:
        return None
    node = pick(draw, nodes)
    length = pick(draw, (2**63, 2**31, 2**32, 2**63 - 1, 2**64 - 1))
    return document.spliced(node.start, node.body, h.head(document.data[node.start] >> 5, length))


@cbor_mutation
def trailing_bytes(document: Document, draw: Draw) -> bytes | None:
    """Put bytes after the document that are not an item."""
    root = document.scan.root
    if root is None or not root.closed or root.end != len(document.data):
        return None
    return document.data + pick(draw, (h.BREAK, b"\x18", b"\x61", b"\x1c"))


@cbor_mutation
def second_item(document: Document, draw: Draw) -> bytes | None:
    """Put a second item after the document."""
    root = document.scan.root
    if root is None or not root.closed or root.end != len(document.data):
        return None
    return document.data + pick(draw, (b"\x00", b"\xa0", document.data))


@cbor_mutation
def break_outside(document: Document, draw: Draw) -> bytes | None:
    """Put a break where an item should be."""
    sites = [s for s in present(document) if not _in_indefinite(document, s)]
    return replace_one(document, draw, sites, h.BREAK)


def _in_indefinite(document: Document, site: Site) -> bool:
    """Tell whether a break here would end something, or something here would be a chunk."""
    nodes = document.scan.nodes()
    return any(n.indefinite and n.start < site.node.start < n.end for n in nodes)


@cbor_mutation
def missing_break(document: Document, draw: Draw) -> bytes | None:
    """Write the document's map or array without a length, and without a break."""
    root = document.scan.root
    if root is None or root.kind not in ("array", "map") or root.indefinite or not root.closed:
        return None
    if root.end != len(document.data):
        return None
    head = h.indefinite_head(document.data[root.start] >> 5)
    return document.spliced(root.start, root.body, head)


@cbor_mutation
def odd_map(document: Document, draw: Draw) -> bytes | None:
    """Put a break after a key, in the place of its value."""
    nodes = [s.node for s in values(document, "map") if s.node.items and not s.node.indefinite]
    if not nodes:
        return None
    node = pick(draw, nodes)
    items = b"".join(document.entries(node)[:-1])
    return document.replaced(node, h.indefinite_head(h.MAP) + items + h.BREAK)


@cbor_mutation
def nested_chunks(document: Document, draw: Draw) -> bytes | None:
    """Put a string without a length into one as its chunk."""
    return _chunked(document, draw, lambda major, item: h.indefinite_head(major) + item + h.BREAK)


@cbor_mutation
def other_chunk(document: Document, draw: Draw) -> bytes | None:
    """Put an item of another kind into a string without a length as its chunk."""
    other = {h.TEXT: h.bytestring(b"a"), h.BYTES: h.text("a")}
    return _chunked(document, draw, lambda major, item: pick(draw, (other[major], b"\x00")))


def _chunked(document: Document, draw: Draw, chunk: object) -> bytes | None:
    assert callable(chunk)
    nodes = [s.node for s in values(document, "text", "bytes") if not s.node.indefinite]
    if not nodes:
        return None
    node = pick(draw, nodes)
    major = document.data[node.start] >> 5
    return document.replaced(node, h.indefinite_head(major) + chunk(major, document.raw(node)) + h.BREAK)


@cbor_mutation
def split_character(document: Document, draw: Draw) -> bytes | None:
    """Write a text in chunks that split a character (RFC 8949, 3.2.3)."""
    sites = [
        s for s in values(document, "text") if s.place != "key" and not isinstance(s.type, t.Enumeration)
    ]
    return replace_one(
        document, draw, sites, bytes.fromhex("7f61c361a9ff"), bytes.fromhex("7f62f09f629880ff")
    )


@cbor_mutation
def invalid_utf8(document: Document, draw: Draw) -> bytes | None:
    """Put bytes into a text that are not UTF-8: stray, cut, overlong, a surrogate, past the last."""
    nodes = [s.node for s in values(document, "text") if _is_string(s.node)]
    if not nodes:
        return None
    node = pick(draw, nodes)
    data = document.scan.string(node)
    ill = pick(draw, (*ILL_FORMED, *OVERLONG))
    changed = pick(draw, (data + ill, ill + data))
    return document.replaced(node, h.head(h.TEXT, len(changed)) + changed)


@cbor_mutation
def reserved_info(document: Document, draw: Draw) -> bytes | None:
    """Write a head with additional information that is reserved, 28 to 30, for an item."""
    sites = present(document)
    heads = [bytes([major << 5 | info]) for major in (0, 3, 4, 7) for info in (28, 29, 30)]
    return replace_one(document, draw, sites, *heads)


@cbor_mutation
def indefinite_number(document: Document, draw: Draw) -> bytes | None:
    """Write an integer or a tag with an indefinite length, which neither can have."""
    return replace_one(document, draw, present(document), b"\x1f", b"\x3f", b"\xdf")


@cbor_mutation
def undefined_field(document: Document, draw: Draw) -> bytes | None:
    """Write undefined for a value that cannot be null."""
    return replace_one(document, draw, [s for s in present(document) if not s.optional], h.UNDEFINED)


@cbor_mutation
def undefined_optional(document: Document, draw: Draw) -> bytes | None:
    """Write undefined for a value that may be null."""
    sites = [s for s in document.targets if s.optional and s.node is s.outer]
    return replace_one(document, draw, sites, h.UNDEFINED)


@cbor_mutation
def simple_value(document: Document, draw: Draw) -> bytes | None:
    """Write an unassigned simple value, mostly in place of an integer."""
    items = (b"\xf0", b"\xe0", b"\xf3", b"\xf8\x20", b"\xf8\xff")
    return replace_one(document, draw, _likely(document, draw, "integer"), *items)


@cbor_mutation
def short_simple(document: Document, draw: Draw) -> bytes | None:
    """Write a simple value below 32 in two bytes, mostly for a truth value (RFC 8949, 3.3)."""
    items = (b"\xf8\x14", b"\xf8\x15", b"\xf8\x18", b"\xf8\x00")
    return replace_one(document, draw, _likely(document, draw, "bool"), *items)


def _likely(document: Document, draw: Draw, kind: str) -> list[Site]:
    """List the values of the kind that a simple value is most likely taken for, or sometimes all."""
    sites = present(document)
    likely = [site for site in sites if site.node.kind == kind]
    return sites if not likely or draw.boolean(0.25) else likely


def _nested(document: Document, draw: Draw, depth: int) -> bytes | None:
    """Put a nest of arrays or of maps into a field of its own, or into an array, or in place of all."""
    height = depth + draw.integer(0, 2)
    opening = b"\xa1\x61x" if draw.boolean(0.25) else b"\x81"
    nest = opening * (height - 1) + (b"\x80" if opening == b"\x81" else b"\xa0")
    for site in records(document)[:1]:
        if b"\x61x" not in document.entries(site.node)[::2]:
            return document.with_items(site.node, [*document.entries(site.node), b"\x61x", nest])
    root = document.scan.root
    return None if root is None else document.replaced(root, b"\x81" + nest)


@cbor_mutation
def nested_past_32(document: Document, draw: Draw) -> bytes | None:
    """Nest containers deeper than fxamacker/cbor reads."""
    return _nested(document, draw, DEPTHS[0])


@cbor_mutation
def nested_past_128(document: Document, draw: Draw) -> bytes | None:
    """Nest containers deeper than cbor4ii reads untyped."""
    return _nested(document, draw, DEPTHS[1])


@cbor_mutation
def nested_past_256(document: Document, draw: Draw) -> bytes | None:
    """Nest containers deeper than ciborium reads."""
    return _nested(document, draw, DEPTHS[2])


cbor_syntax_mutations = (
    empty,
    truncated,
    missing_items,
    short_length,
    huge_length,
    trailing_bytes,
    second_item,
    break_outside,
    missing_break,
    odd_map,
    nested_chunks,
    other_chunk,
    split_character,
    invalid_utf8,
    reserved_info,
    indefinite_number,
    undefined_field,
    undefined_optional,
    simple_value,
    short_simple,
    nested_past_32,
    nested_past_128,
    nested_past_256,
)
