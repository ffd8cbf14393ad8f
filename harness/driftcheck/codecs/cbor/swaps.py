"""
Mutations that replace an item by an item of another kind.
"""

from __future__ import annotations

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.document import Document, Site
from driftcheck.codecs.cbor.features import value_of
from driftcheck.codecs.cbor.mutation import cbor_mutation, pick, present, replace_one, values
from driftcheck.codecs.cbor.value import plain
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw

_SCALARS = ("integer", "float", "bool", "text", "bytes")


def _of(document: Document, *kinds: str) -> list[Site]:
    """List the sites of these kinds that are neither keys nor members of an enumeration."""
    sites = [s for s in values(document, *kinds) if s.place != "key"]
    return [s for s in sites if not isinstance(s.type, t.Enumeration)]


def _members(document: Document) -> list[Site]:
    sites = [s for s in values(document, "text") if s.place != "key"]
    return [s for s in sites if isinstance(s.type, t.Enumeration)]


@cbor_mutation
def integer_as_float(document: Document, draw: Draw) -> bytes | None:
    """Write an integer as the float of the same value, or as another whole number."""
    sites = _of(document, "integer")
    if not sites:
        return None
    node = pick(draw, sites).node
    value = float(value_of(document, node))
    return document.replaced(node, pick(draw, (h.double(value), h.double(1e300), h.double(-0.0))))


@cbor_mutation
def fraction(document: Document, draw: Draw) -> bytes | None:
    """Write a float that is not whole, or no number, for an integer."""
    floats = (0.5, -0.5, float("inf"), float("nan"))
    return replace_one(document, draw, _of(document, "integer"), *map(h.double, floats))


@cbor_mutation
def integer_as_text(document: Document, draw: Draw) -> bytes | None:
    """Write the digits of an integer."""
    sites = _of(document, "integer")
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, h.text(str(value_of(document, node))))


@cbor_mutation
def integer_as_bool(document: Document, draw: Draw) -> bytes | None:
    """Write a truth value for an integer."""
    return replace_one(document, draw, _of(document, "integer"), h.FALSE, h.TRUE)


@cbor_mutation
def float_as_integer(document: Document, draw: Draw) -> bytes | None:
    """Write an integer for a float: small, negative, or one that no double can represent."""
    items = (h.integer(0), h.integer(-1), h.integer(2**53 + 1), h.integer(2**64 - 1), h.integer(-(2**64)))
    return replace_one(document, draw, _of(document, "float"), *items)


@cbor_mutation
def float_as_text(document: Document, draw: Draw) -> bytes | None:
    """Write the digits of a float."""
    return replace_one(document, draw, _of(document, "float"), h.text("0.5"), h.text("NaN"))


@cbor_mutation
def text_as_bytes(document: Document, draw: Draw) -> bytes | None:
    """Write a text as the byte string of its UTF-8."""
    return _in_other_major(document, draw, "text", h.BYTES)


@cbor_mutation
def bytes_as_text(document: Document, draw: Draw) -> bytes | None:
    """Write a byte string as text, if it is UTF-8."""
    return _in_other_major(document, draw, "bytes", h.TEXT)


def _in_other_major(document: Document, draw: Draw, kind: str, major: int) -> bytes | None:
    sites = []
    for site in values(document, kind):
        if site.place != "key" and not site.node.indefinite and not site.node.words:
            data = document.scan.string(site.node)
            if major == h.BYTES or data == data.decode(errors="replace").encode():
                sites.append((site.node, h.head(major, len(data)) + data))
    if not sites:
        return None
    node, item = pick(draw, sites)
    return document.replaced(node, item)


@cbor_mutation
def text_as_integer(document: Document, draw: Draw) -> bytes | None:
    """Write an integer for a text."""
    return replace_one(document, draw, _of(document, "text"), h.integer(0), h.integer(-1))


@cbor_mutation
def bytes_as_array(document: Document, draw: Draw) -> bytes | None:
    """Write a byte string as the array of its bytes."""
    sites = _of(document, "bytes")
    if not sites:
        return None
    node = pick(draw, sites).node
    octets = document.scan.string(node)
    return document.replaced(node, h.head(h.ARRAY, len(octets)) + b"".join(map(h.integer, octets)))


@cbor_mutation
def array_as_bytes(document: Document, draw: Draw) -> bytes | None:
    """Write a byte string for an array."""
    return replace_one(document, draw, _of(document, "array"), h.bytestring(b""), h.bytestring(b"a"))


@cbor_mutation
def bool_as_integer(document: Document, draw: Draw) -> bytes | None:
    """Write 0 or 1 for a truth value."""
    return replace_one(document, draw, _of(document, "bool"), h.integer(0), h.integer(1))


@cbor_mutation
def other_scalar(document: Document, draw: Draw) -> bytes | None:
    """Replace a scalar by a scalar of an unrelated kind."""
    others = {"integer": h.bytestring(b""), "float": h.FALSE, "bool": h.text("false")}
    others |= {"text": h.FALSE, "bytes": h.integer(0)}
    sites = [s for s in present(document) if s.node.kind in others]
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, others[node.kind])


@cbor_mutation
def scalar_as_array(document: Document, draw: Draw) -> bytes | None:
    """Put a scalar into an array, or write an empty one for it."""
    sites = [s for s in _of(document, *_SCALARS) if s.node.kind != "bytes"]
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, pick(draw, (b"\x81" + document.raw(node), b"\x80")))


@cbor_mutation
def scalar_as_map(document: Document, draw: Draw) -> bytes | None:
    """Write an empty map for a scalar."""
    return replace_one(document, draw, _of(document, *_SCALARS), b"\xa0")


@cbor_mutation
def array_as_map(document: Document, draw: Draw) -> bytes | None:
    """Write a map for an array: empty, or of its indexes and items."""
    sites = _of(document, "array")
    if not sites:
        return None
    node = pick(draw, sites).node
    pairs = [h.integer(i) + item for i, item in enumerate(document.entries(node))]
    return document.replaced(node, pick(draw, (h.head(h.MAP, len(pairs)) + b"".join(pairs), b"\xa0")))


@cbor_mutation
def array_as_scalar(document: Document, draw: Draw) -> bytes | None:
    """Write a scalar for an array."""
    return replace_one(document, draw, _of(document, "array"), h.integer(0), h.FALSE, h.text(""))


@cbor_mutation
def map_as_array(document: Document, draw: Draw) -> bytes | None:
    """Write a record as the array of its values, in their order or one short, or a map as an empty array."""
    sites = _of(document, "map")
    if not sites:
        return None
    site = pick(draw, sites)
    items: list[bytes] = []
    if isinstance(site.type, t.Record):
        items = document.entries(site.node)[1::2]
        if items and draw.boolean(0.25):
            items.pop()
    return document.replaced(site.node, h.head(h.ARRAY, len(items)) + b"".join(items))


@cbor_mutation
def map_as_scalar(document: Document, draw: Draw) -> bytes | None:
    """Write a scalar for a map."""
    return replace_one(document, draw, _of(document, "map"), h.integer(0), h.FALSE, h.text(""))


@cbor_mutation
def unknown_member(document: Document, draw: Draw) -> bytes | None:
    """Write a text that is not a member of the enumeration: another word, another case, none."""
    sites = _members(document)
    if not sites:
        return None
    site = pick(draw, sites)
    assert isinstance(site.type, t.Enumeration)
    names = {m.name for m in site.type.members}
    other = (document.name(site.node) or "").swapcase()
    words = [word for word in ("?", other, "") if word not in names]
    return document.replaced(site.node, h.text(pick(draw, words)))


@cbor_mutation
def member_as_integer(document: Document, draw: Draw) -> bytes | None:
    """Write a number for a member of an enumeration."""
    return replace_one(document, draw, _members(document), h.integer(0), h.integer(1), h.integer(255))


@cbor_mutation
def member_as_map(document: Document, draw: Draw) -> bytes | None:
    """Write a member of an enumeration as the key of a map, as Rust writes one with content."""
    sites = _members(document)
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, b"\xa1" + document.raw(node) + pick(draw, (h.NULL, b"\x80", b"\x00")))


@cbor_mutation
def member_as_wide_map(document: Document, draw: Draw) -> bytes | None:
    """Write a member of an enumeration as the key of a map whose head is longer than needed."""
    sites = _members(document)
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, pick(draw, (b"\xb8\x01", b"\xb9\x00\x01")) + document.raw(node) + h.NULL)


@cbor_mutation
def unknown_alternative(document: Document, draw: Draw) -> bytes | None:
    """Name an unknown alternative of a union, or two alternatives."""
    sites = [s for s in values(document, "map") if isinstance(s.type, t.Union)]
    if not sites:
        return None
    site = pick(draw, sites)
    assert isinstance(site.type, t.Union)
    first = [h.text(site.type.alternatives[0].name), plain(site.type.alternatives[0])]
    return document.with_items(site.node, pick(draw, ([h.text("?"), h.NULL], [], [*first, *first])))


SWAPS = (
    integer_as_float,
    fraction,
    integer_as_text,
    integer_as_bool,
    float_as_integer,
    float_as_text,
    text_as_bytes,
    bytes_as_text,
    text_as_integer,
    bytes_as_array,
    array_as_bytes,
    bool_as_integer,
    other_scalar,
    scalar_as_array,
    scalar_as_map,
    array_as_map,
    array_as_scalar,
    map_as_array,
    map_as_scalar,
    unknown_member,
    member_as_integer,
    member_as_map,
    member_as_wide_map,
    unknown_alternative,
)
