"""
Mutations that write the same item in another form: longer heads, no lengths, other floats, tags, bignums.

Each is well-formed (RFC 8949, 3), though no deterministic encoder writes it (4.2.1).
"""

from __future__ import annotations

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.document import Document, Site
from driftcheck.codecs.cbor.features import value_of
from driftcheck.codecs.cbor.mutation import cbor_mutation, pick, present, records, replace_one, values
from driftcheck.codecs.cbor.scan import Node
from driftcheck.codecs.cbor.value import SELF_DESCRIBED
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw


def _nodes(document: Document, *kinds: str) -> list[Node]:
    """List the items of these kinds that are written as they should be, keys and unknown ones among them."""
    return [n for n in document.scan.nodes() if n.kind in kinds and not n.words and n.closed]


def _widened(document: Document, draw: Draw, *kinds: str) -> bytes | None:
    """Write the head of an item with more bytes than its number needs."""
    nodes = [n for n in _nodes(document, *kinds) if n.body - n.start < 9]
    if not nodes:
        return None
    node = pick(draw, nodes)
    wider = [width for width in h.WIDTHS.values() if width > node.body - node.start - 1]
    major = document.data[node.start] >> 5
    return document.spliced(node.start, node.body, h.wide_head(major, node.number, pick(draw, wider)))


@cbor_mutation
def wide_integer(document: Document, draw: Draw) -> bytes | None:
    """Write an integer in more bytes than it needs."""
    return _widened(document, draw, "integer")


@cbor_mutation
def wide_length(document: Document, draw: Draw) -> bytes | None:
    """Write the length of a string, an array or a map in more bytes than it needs."""
    return _widened(document, draw, "text", "bytes", "array", "map")


@cbor_mutation
def wide_tag(document: Document, draw: Draw) -> bytes | None:
    """Write the number of a tag in more bytes than it needs."""
    nodes = [n for n in document.scan.nodes() if n.kind == "tag" and n.closed and n.body - n.start < 9]
    nodes = [n for n in nodes if "wide-tag" not in n.words]
    if not nodes:
        return None
    node = pick(draw, nodes)
    return document.spliced(node.start, node.body, h.wide_head(h.TAG, node.number, 8))


def _unbounded(document: Document, draw: Draw, kind: str) -> bytes | None:
    """Write a container without its count, with a break at its end."""
    nodes = _nodes(document, kind)
    if not nodes:
        return None
    node = pick(draw, nodes)
    content = document.data[node.body : node.end]
    return document.replaced(node, h.indefinite_head(document.data[node.start] >> 5) + content + h.BREAK)


@cbor_mutation
def indefinite_array(document: Document, draw: Draw) -> bytes | None:
    """Write an array without its length."""
    return _unbounded(document, draw, "array")


@cbor_mutation
def indefinite_map(document: Document, draw: Draw) -> bytes | None:
    """Write a map or a record without its length."""
    return _unbounded(document, draw, "map")


@cbor_mutation
def indefinite_text(document: Document, draw: Draw) -> bytes | None:
    """Write a text in chunks: one, two, three, or none if it is empty."""
    texts = [s.node for s in values(document, "text") if isinstance(s.type, t.Text) and not s.node.words]
    return _in_chunks(document, draw, texts)


@cbor_mutation
def indefinite_name(document: Document, draw: Draw) -> bytes | None:
    """Write a field's name, or a member of an enumeration, in chunks."""
    keys = [key for site in records(document) for key, _ in site.node.pairs() if key.kind == "text"]
    members = [s.node for s in values(document, "text") if isinstance(s.type, t.Enumeration)]
    return _in_chunks(document, draw, [name for name in (*keys, *members) if not name.words])


@cbor_mutation
def indefinite_bytes(document: Document, draw: Draw) -> bytes | None:
    """Write a byte string in chunks: one, two, three, or none if it is empty."""
    return _in_chunks(document, draw, _nodes(document, "bytes"))


def _in_chunks(document: Document, draw: Draw, nodes: list[Node]) -> bytes | None:
    if not nodes:
        return None
    node = pick(draw, nodes)
    major, data = document.data[node.start] >> 5, document.scan.string(node)
    cuts = sorted(_boundary(data, major, draw) for _ in range(draw.integer(0, 2)))
    chunks = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)] if data else []
    written = b"".join(h.head(major, len(chunk)) + chunk for chunk in chunks)
    return document.replaced(node, h.indefinite_head(major) + written + h.BREAK)


def _boundary(data: bytes, major: int, draw: Draw) -> int:
    """Draw a position, in text one that splits no character."""
    at = draw.integer(0, len(data))
    while major == h.TEXT and at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


def _narrowed(document: Document, draw: Draw, width: int, plain: float) -> bytes | None:
    """Write a float in fewer bytes: its own value if it fits, else a plain one."""
    nodes = _nodes(document, "float")
    if not nodes:
        return None
    node = pick(draw, nodes)
    items = [h.float_in(x, width) for x in (_float(node), plain, 0.0, -0.0, float("inf"), float("nan"))]
    kept = list(dict.fromkeys(item for item in items if item is not None))
    return document.replaced(node, pick(draw, kept))


def _float(node: Node) -> float:
    return h.float_of_bits(node.number)


@cbor_mutation
def half_float(document: Document, draw: Draw) -> bytes | None:
    """Write a float in two bytes."""
    return _narrowed(document, draw, 2, 1.5)


@cbor_mutation
def single_float(document: Document, draw: Draw) -> bytes | None:
    """Write a float in four bytes."""
    return _narrowed(document, draw, 4, 100000.0)


@cbor_mutation
def nan_payload(document: Document, draw: Draw) -> bytes | None:
    """Write a NaN with a payload: quiet, signalling, or negative."""
    forms = ("fb7ff8000000000001", "fb7ff0000000000001", "fbfff8000000000000")
    return replace_one(document, draw, values(document, "float"), *map(bytes.fromhex, forms))


def _tagged(document: Document, draw: Draw, sites: list[Site], *numbers: int) -> bytes | None:
    """Put a tag around a value."""
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, h.head(h.TAG, pick(draw, numbers)) + document.raw(node))


@cbor_mutation
def self_described(document: Document, draw: Draw) -> bytes | None:
    """Put the tag that marks CBOR around the document (RFC 8949, 3.4.6)."""
    root = document.scan.root
    if root is None:
        return None
    return document.replaced(root, h.head(h.TAG, SELF_DESCRIBED) + document.raw(root))


@cbor_mutation
def unknown_tag(document: Document, draw: Draw) -> bytes | None:
    """Put a tag around a value: an unassigned one, or one of base64, regular expressions or embedded CBOR."""
    return _tagged(document, draw, present(document), 1234, 22, 35, 24, 2**64 - 1)


@cbor_mutation
def time_tag(document: Document, draw: Draw) -> bytes | None:
    """Put the tag of a time around a number or a text (RFC 8949, 3.4.1 and 3.4.2)."""
    numbers = [(s, 1) for s in values(document, "integer", "float") if s.place != "key"]
    free = [s for s in values(document, "text") if isinstance(s.type, t.Text)]
    texts = [(s, 0) for s in free if s.place != "key"]
    if not numbers and not texts:
        return None
    site, number = pick(draw, [*numbers, *texts])
    item = document.raw(site.node)
    if number == 0 and not draw.boolean(0.25):
        item = h.text("2013-03-21T20:04:00Z")
    return document.replaced(site.node, h.head(h.TAG, number) + item)


@cbor_mutation
def wrong_tag_content(document: Document, draw: Draw) -> bytes | None:
    """Put the tag of a bignum or a time around a value that it does not allow."""
    sites = [s for s in present(document) if s.node.kind in ("bool", "array", "map", "text", "integer")]
    return _tagged(document, draw, sites, 2, 3) if sites else None


@cbor_mutation
def bignum(document: Document, draw: Draw) -> bytes | None:
    """Write an integer as a bignum that would fit into 64 bits: short, padded, empty (RFC 8949, 3.4.3)."""
    sites = [s for s in values(document, "integer") if s.place != "key"]
    if not sites:
        return None
    node = pick(draw, sites).node
    value = value_of(document, node)
    number = value if value >= 0 else -1 - value
    digits = number.to_bytes((number.bit_length() + 7) // 8, "big")
    padded = b"\x00" * draw.integer(0, 2) + digits
    return document.replaced(node, h.head(h.TAG, 2 if value >= 0 else 3) + h.bytestring(padded))


@cbor_mutation
def bignum_past_64(document: Document, draw: Draw) -> bytes | None:
    """Write a bignum beyond 64 bits for an integer: just past, of 128 bits, beyond those, negative."""
    bignums = map(h.integer, (2**64, -(2**64) - 1, 2**127, 2**128 - 1, 2**128, -(2**128) - 1))
    sites = [s for s in values(document, "integer") if s.place != "key"]
    return replace_one(document, draw, sites, *bignums)


@cbor_mutation
def out_of_range(document: Document, draw: Draw) -> bytes | None:
    """Write an integer one past the 64 bits of its type, or the last one of CBOR's."""
    sites = [s for s in values(document, "integer") if s.place != "key"]
    if not sites:
        return None
    site = pick(draw, sites)
    assert isinstance(site.type, t.Int)
    beyond = (2**63, -(2**63) - 1, 2**64 - 1, -(2**64)) if site.type.signed else (-1, -(2**63), -(2**64))
    return document.replaced(site.node, h.integer(pick(draw, beyond)))


cbor_form_mutations = (
    wide_integer,
    wide_length,
    wide_tag,
    indefinite_array,
    indefinite_map,
    indefinite_text,
    indefinite_name,
    indefinite_bytes,
    half_float,
    single_float,
    nan_payload,
    self_described,
    unknown_tag,
    time_tag,
    wrong_tag_content,
    bignum,
    bignum_past_64,
    out_of_range,
)
