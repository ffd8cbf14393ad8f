"""
Mutations of fields and of keys of maps: absent, null, repeated, renamed, unknown, in another order.
"""

from __future__ import annotations

from itertools import pairwise

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor.document import Document, Site
from driftcheck.codecs.cbor.mutation import cbor_mutation, pick, present, records, replace_one, values
from driftcheck.codecs.cbor.scan import Node
from driftcheck.codecs.cbor.value import plain
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw

_Entry = tuple[Site, int, t.Field]  # the record around it, its position there, its declaration
_UNKNOWN = (h.NULL, b"\x00", b"\x60", b"\x80", b"\xa0")


def _entries(document: Document) -> list[_Entry]:
    """List the declared fields that are there under their own names."""
    return [
        (site, at, field)
        for site in records(document)
        for at, (key, _, field) in enumerate(document.fields(site))
        if field is not None and document.name(key) == field.name
    ]


def _single(document: Document) -> list[_Entry]:
    """List the declared fields that are there once, in whichever form of their names."""
    return [e for e in _entries(document) if [f for _, _, f in document.fields(e[0])].count(e[2]) == 1]


def _is_optional(type_: t.Type) -> bool:
    return isinstance(t.bare(type_), t.Optional)


def _without(document: Document, draw: Draw, optional: bool) -> bytes | None:
    """Leave out a field that is there once."""
    entries = [e for e in _single(document) if _is_optional(e[2].type) == optional]
    if not entries:
        return None
    site, at, _ = pick(draw, entries)
    items = document.entries(site.node)
    return document.with_items(site.node, items[: 2 * at] + items[2 * at + 2 :])


@cbor_mutation
def absent_field(document: Document, draw: Draw) -> bytes | None:
    """Leave out a field."""
    return _without(document, draw, optional=False)


@cbor_mutation
def absent_optional(document: Document, draw: Draw) -> bytes | None:
    """Leave out a field whose value may be null."""
    return _without(document, draw, optional=True)


@cbor_mutation
def null_field(document: Document, draw: Draw) -> bytes | None:
    """Write null for the value of a field that cannot be null."""
    sites = [s for s in present(document) if s.place == "field" and not s.optional]
    return replace_one(document, draw, sites, h.NULL)


@cbor_mutation
def null_element(document: Document, draw: Draw) -> bytes | None:
    """Write null for an item of an array, or a value of a map, that cannot be null."""
    holders = []
    for site in values(document, "array", "map"):
        items = document.entries(site.node)
        if isinstance(site.type, t.Sequence) and not _is_optional(site.type.inner):
            holders.append((site.node, [h.NULL, *items[1:]]))
        elif isinstance(site.type, t.Mapping) and not _is_optional(site.type.value) and items:
            holders.append((site.node, [items[0], h.NULL, *items[2:]]))
    if not holders:
        return None
    node, changed = pick(draw, holders)
    return document.with_items(node, changed)


@cbor_mutation
def null_document(document: Document, draw: Draw) -> bytes | None:
    """Send null instead of the document."""
    return None if _is_optional(document.type) else h.NULL


@cbor_mutation
def duplicate_field(document: Document, draw: Draw) -> bytes | None:
    """Repeat a field after itself: with its own value, or with the simplest one of its type."""
    entries = _entries(document)
    if not entries:
        return None
    site, at, field = pick(draw, entries)
    items = document.entries(site.node)
    value = plain(field.type) if draw.boolean() else items[2 * at + 1]
    return document.with_items(site.node, [*items[: 2 * at + 2], items[2 * at], value, *items[2 * at + 2 :]])


@cbor_mutation
def duplicate_unknown(document: Document, draw: Draw) -> bytes | None:
    """Put the same unknown field into a record twice."""
    sites = records(document)
    if not sites:
        return None
    node = pick(draw, sites).node
    value = pick(draw, _UNKNOWN)
    known = [h.text("x"), h.NULL, h.text("x"), value]
    return document.with_items(node, document.entries(node) + known)


@cbor_mutation
def duplicate_key(document: Document, draw: Draw) -> bytes | None:
    """Repeat a key of a map: with its own value, or with the simplest one of its type."""
    maps = [s for s in values(document, "map") if isinstance(s.type, t.Mapping) and s.node.items]
    if not maps:
        return None
    site = pick(draw, maps)
    assert isinstance(site.type, t.Mapping)
    at = 2 * draw.integer(0, len(site.node.items) // 2 - 1)
    items = document.entries(site.node)
    value = plain(site.type.value) if draw.boolean() else items[at + 1]
    return document.with_items(site.node, [*items[: at + 2], items[at], value, *items[at + 2 :]])


@cbor_mutation
def unsorted_keys(document: Document, draw: Draw) -> bytes | None:
    """Swap two neighbouring entries of a map."""
    found = [
        (site.node, at)
        for site in values(document, "map")
        if isinstance(site.type, t.Mapping)
        for at in range(0, len(site.node.items) - 3, 2)
        if document.raw(site.node.items[at]) < document.raw(site.node.items[at + 2])
    ]
    return _swapped(document, draw, found)


@cbor_mutation
def reordered(document: Document, draw: Draw) -> bytes | None:
    """Swap two neighbouring fields of a record."""
    found = []
    for site in records(document):
        fields = [field for _, _, field in document.fields(site)]
        names = [field.name if field is not None else None for field in fields]
        if len(set(names)) == len(names):
            pairs = enumerate(pairwise(fields))
            found += [
                (site.node, 2 * at) for at, (one, other) in pairs if one is not None and other is not None
            ]
    return _swapped(document, draw, found)


def _swapped(document: Document, draw: Draw, found: list[tuple[Node, int]]) -> bytes | None:
    """Swap the entry whose key is at an index with the next one."""
    if not found:
        return None
    node, at = pick(draw, found)
    items = document.entries(node)
    return document.with_items(
        node, items[:at] + items[at + 2 : at + 4] + items[at : at + 2] + items[at + 4 :]
    )


def _in_another_case(document: Document) -> list[tuple[*_Entry, bytes]]:
    """List the declared fields that are there once, each with its name in another case."""
    return [
        (site, at, field, name)
        for site, at, field in _single(document)
        for name in dict.fromkeys(_form(document, site, field, form) for form in ("upper", "title"))
        if name != document.raw(site.node.items[2 * at])
    ]


def _renamed(document: Document, draw: Draw, optional: bool | None, *forms: str) -> bytes | None:
    """Write a field's name in another form: upper, title, bytes, number."""
    found = []
    for site, at, field in _single(document):
        key = site.node.items[2 * at]
        if optional is None or _is_optional(field.type) == optional:
            other = {form: _form(document, site, field, form) for form in forms}
            names = [name for name in other.values() if name != document.raw(key)]
            found += [(key, names)] if names else []
    if not found:
        return None
    key, names = pick(draw, found)
    return document.replaced(key, pick(draw, names))


def _form(document: Document, site: Site, field: t.Field, form: str) -> bytes:
    assert isinstance(site.type, t.Record)
    match form:
        case "bytes":
            return h.bytestring(field.name.encode())
        case "number":
            return h.integer(site.type.fields.index(field))
        case "upper":
            return h.text(field.name.upper())
        case _:
            return h.text(field.name.title())


@cbor_mutation
def wrong_case(document: Document, draw: Draw) -> bytes | None:
    """Write a field's name in another case."""
    return _renamed(document, draw, False, "upper", "title")


@cbor_mutation
def wrong_case_optional(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a field whose value may be null in another case."""
    return _renamed(document, draw, True, "upper", "title")


@cbor_mutation
def duplicate_wrong_case(document: Document, draw: Draw) -> bytes | None:
    """Give a field again, after itself and under its name in another case, with any value."""
    found = _in_another_case(document)
    if not found:
        return None
    site, at, field, name = pick(draw, found)
    items = document.entries(site.node)
    value = plain(field.type) if draw.boolean() else items[2 * at + 1]
    return document.with_items(site.node, [*items[: 2 * at + 2], name, value, *items[2 * at + 2 :]])


@cbor_mutation
def wrong_case_value(document: Document, draw: Draw) -> bytes | None:
    """Write a field's name in another case, and a value of another type."""
    found = _in_another_case(document)
    if not found:
        return None
    site, at, field, name = pick(draw, found)
    inner = t.bare(field.type)
    inner = t.bare(inner.inner) if isinstance(inner, t.Optional) else inner
    value = h.text("?") if isinstance(inner, t.Int | t.Float) else h.integer(0)
    items = document.entries(site.node)
    return document.with_items(site.node, [*items[: 2 * at], name, value, *items[2 * at + 2 :]])


@cbor_mutation
def name_as_bytes(document: Document, draw: Draw) -> bytes | None:
    """Write a field's name as a byte string."""
    return _renamed(document, draw, None, "bytes")


@cbor_mutation
def name_as_integer(document: Document, draw: Draw) -> bytes | None:
    """Write a field's number for its name."""
    return _renamed(document, draw, None, "number")


def _added(document: Document, draw: Draw, key: bytes, *, name: bytes | None = None) -> bytes | None:
    """Put an entry that is not declared after those of a record, if none has its key, or its name as text."""
    sites = records(document)
    if not sites:
        return None
    node = pick(draw, sites).node
    if {key, name} & {*document.entries(node)[::2]}:
        return None
    return document.with_items(node, [*document.entries(node), key, pick(draw, _UNKNOWN)])


@cbor_mutation
def unknown_field(document: Document, draw: Draw) -> bytes | None:
    """Put a field into a record that it does not have."""
    return _added(document, draw, h.text("x"))


def _skipped(document: Document, draw: Draw, *values: bytes) -> bytes | None:
    """Put an unknown field with one of these values after those of a record."""
    sites = records(document)
    if not sites:
        return None
    node = pick(draw, sites).node
    if b"\x61x" in document.entries(node)[::2]:
        return None
    return document.with_items(node, [*document.entries(node), b"\x61x", pick(draw, values)])


@cbor_mutation
def skipped_tag(document: Document, draw: Draw) -> bytes | None:
    """Put a tag into an unknown field: of an unknown number, of a bignum, around what it does not allow."""
    return _skipped(document, draw, b"\xd8\x23\x00", b"\xc2\x41\x01", b"\xc2\x00", b"\xc1\x00", b"\xc0\x61a")


@cbor_mutation
def skipped_text(document: Document, draw: Draw) -> bytes | None:
    """Put text that is not UTF-8 into an unknown field."""
    return _skipped(document, draw, b"\x61\xff", b"\x81\x62a\xc3", b"\xa1\x61\xff\x00")


@cbor_mutation
def skipped_nested_chunks(document: Document, draw: Draw) -> bytes | None:
    """Put a string of indefinite length with a chunk of indefinite length into an unknown field."""
    return _skipped(document, draw, b"\x7f\x7f\x61a\xff\xff", b"\x5f\x5f\x41a\xff\xff")


@cbor_mutation
def skipped_other_chunk(document: Document, draw: Draw) -> bytes | None:
    """Put a string with a chunk of another kind into an unknown field."""
    return _skipped(document, draw, b"\x7f\x41a\xff", b"\x5f\x61a\xff")


@cbor_mutation
def tagged_name(document: Document, draw: Draw) -> bytes | None:
    """Put a field into a record whose name stands under a tag."""
    return _added(document, draw, pick(draw, (b"\xd8\x23\x61x", b"\xc2\x41x")))


@cbor_mutation
def empty_name(document: Document, draw: Draw) -> bytes | None:
    """Put a field without a name into a record."""
    return _added(document, draw, h.text(""))


@cbor_mutation
def key_as_bytes(document: Document, draw: Draw) -> bytes | None:
    """Put an entry into a record whose key is a byte string that is not the name of a field."""
    return _added(document, draw, h.bytestring(b"x"), name=h.text("x"))


@cbor_mutation
def odd_key(document: Document, draw: Draw) -> bytes | None:
    """Put an entry into a record whose key is not a string: an integer, null, an array, a map, a float."""
    keys = (
        h.integer(-1),
        h.integer(1000),
        h.FALSE,
        h.NULL,
        b"\x80",
        b"\xa0",
        h.double(0.5),
    )
    return _added(document, draw, pick(draw, keys))


FIELDS = (
    absent_field,
    absent_optional,
    null_field,
    null_element,
    null_document,
    duplicate_field,
    duplicate_unknown,
    duplicate_key,
    unsorted_keys,
    reordered,
    wrong_case,
    wrong_case_optional,
    duplicate_wrong_case,
    wrong_case_value,
    name_as_bytes,
    name_as_integer,
    tagged_name,
    unknown_field,
    skipped_tag,
    skipped_text,
    skipped_nested_chunks,
    skipped_other_chunk,
    empty_name,
    key_as_bytes,
    odd_key,
)
