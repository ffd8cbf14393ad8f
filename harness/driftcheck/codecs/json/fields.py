"""
Mutations of a record's fields: absent, repeated, renamed, unknown, in another order, null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise

from driftcheck.codecs.json.document import Document, Site, is_version
from driftcheck.codecs.json.features import judge
from driftcheck.codecs.json.mutation import declared, json_mutation, pick, replace_one, values
from driftcheck.codecs.json.names import LOOK_ALIKES, is_nullable, is_optional
from driftcheck.codecs.json.scan import Member, Node
from driftcheck.codecs.json.value import plain
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw

Given = tuple[Site, Member, t.Field]  # the record around it, its member, its declaration


def _records(document: Document) -> list[Site]:
    return [s for s in values(document, "object") if isinstance(s.type, t.Record)]


def fields_of(document: Document) -> list[Given]:
    """List the declared fields that are there under their own names."""
    return [
        (site, member, field)
        for site in _records(document)
        for member, field in document.fields(site)
        if field is not None and field.name == document.name(member)
    ]


def plain_fields(document: Document) -> list[Given]:
    """List those of `fields_of` that are not a version; versions have mutations of their own."""
    return [given for given in fields_of(document) if not is_version(given[2])]


def quoted(name: str) -> bytes:
    """Write a name."""
    return json.dumps(name, ensure_ascii=False).encode()


def free_name(document: Document, node: Node) -> str:
    """Return a name that no member of an object has, in any letter case."""
    taken = {document.name(m).casefold() for m in node.members}
    name = "x"
    while name in taken:
        name += "x"
    return name


@json_mutation
def absent_field(document: Document, draw: Draw) -> bytes | None:
    """Leave out a field that is not optional."""
    return _leave_out(document, draw, optional=False)


@json_mutation
def absent_optional(document: Document, draw: Draw) -> bytes | None:
    """Leave out a field that is optional."""
    return _leave_out(document, draw, optional=True)


def _leave_out(document: Document, draw: Draw, *, optional: bool) -> bytes | None:
    fields = [f for f in plain_fields(document) if is_optional(f[2]) == optional]
    if not fields:
        return None
    site, member, _ = pick(draw, fields)
    return document.without(site.node, member)


@json_mutation
def duplicate_field(document: Document, draw: Draw) -> bytes | None:
    """Give a field twice, with the same value or another one, or all fields of a record."""
    fields = plain_fields(document)
    if not fields:
        return None
    site, member, field = pick(draw, fields)
    other, whole = draw.boolean(), draw.boolean(0.1)  # both always, so that a shrinker may lower either
    if whole and not any(is_version(f) for _, f in document.fields(site) if f is not None):
        body = document.data[site.node.start + 1 : site.node.end - 1]
        return document.spliced(site.node.end - 1, site.node.end - 1, b"," + body)
    value = plain(field.type).encode() if other else document.raw(member.value)
    at = site.node.members.index(member) + 1
    return document.with_member(site.node, at, document.raw(member.name) + b":" + value)


@json_mutation
def split_object(document: Document, draw: Draw) -> bytes | None:
    """Give a record inside another twice, each time with one half of its fields."""
    halves = [
        (member, site.node.members)
        for _, member, field in fields_of(document)
        for site in [document.field_site(document.sites[0], member, field)]
        if isinstance(site.type, t.Record) and len(site.node.members) > 1
    ]
    if not halves:
        return None
    member, inner = pick(draw, halves)
    at = draw.integer(1, len(inner) - 1)
    name = document.raw(member.name)
    cut = inner[at - 1].value.end
    return document.spliced(cut, inner[at].name.start, b"}," + name + b":{")


@json_mutation
def duplicate_wrong_case(document: Document, draw: Draw) -> bytes | None:
    """Give the first integer field again, under its name in another letter case, with another value."""
    fields = [f for f in plain_fields(document) if isinstance(t.bare(f[2].type), t.Int)]
    if not fields:
        return None
    site, member, field = fields[0]
    at = site.node.members.index(member) + 1
    value = b"2" if document.raw(member.value) == b"1" else b"1"
    return document.with_member(site.node, at, quoted(pick(draw, _other_cases(field.name))) + b":" + value)


@json_mutation
def wrong_case(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a field that is not optional in another letter case."""
    return rename(document, draw, [f for f in plain_fields(document) if not is_optional(f[2])])


@json_mutation
def wrong_case_optional(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a field that is optional in another letter case."""
    return rename(document, draw, [f for f in plain_fields(document) if is_optional(f[2])])


@json_mutation
def wrong_case_value(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a field in another letter case, and a value of another type."""
    return rename(document, draw, plain_fields(document), _of_another_type)


def _of_another_type(field: t.Field) -> bytes:
    bare = t.bare(field.type)
    while isinstance(bare, t.Optional):
        bare = t.bare(bare.inner)
    return b"5" if isinstance(bare, t.Bool) else b"true"


def rename(
    document: Document, draw: Draw, fields: Sequence[Given], value: Callable[[t.Field], bytes] | None = None
) -> bytes | None:
    """Write the name of one of the fields in another letter case.

    Args:
        value: returns what to write for the value of the field; default: what is there.
    """
    renamed = [
        (member, name, field)
        for site, member, field in fields
        if _is_plain(document, site, member, field)
        for name in _other_cases(field.name)
        if all(name != f.name for _, f in document.fields(site) if f is not None)
    ]
    if not renamed:
        return None
    member, name, field = pick(draw, renamed)
    text = document.raw(member.value) if value is None else value(field)
    return document.spliced(member.name.start, member.value.end, quoted(name) + b":" + text)


def _is_plain(document: Document, site: Site, member: Member, field: t.Field) -> bool:
    """Tell whether a field is there once and its value has no features.

    Under a name in the wrong case, one reader would see the features and another would skip them.
    """
    same = [f for _, f in document.fields(site) if f is field]
    below = document.below(document.field_site(site, member, field))
    return len(same) == 1 and not any(s.node.odd or any(judge(document, s)) for s in below)


def _other_cases(name: str) -> list[str]:
    """List names that are equal when case is folded, the long s and the Kelvin sign among them."""
    forms = (
        name.upper(),
        name[:1].swapcase() + name[1:],
        name.replace("s", "\u017f"),
        name.replace("k", "\u212a"),
    )
    return list(dict.fromkeys(f for f in forms if f != name and f.casefold() == name.casefold()))


@json_mutation
def unknown_field(document: Document, draw: Draw) -> bytes | None:
    """Add a field that the type does not have."""
    return _add(document, draw, b"null", b"0", b'""', b"[]", b"{}", b'{"x":[0]}')


@json_mutation
def skipped_surrogate(document: Document, draw: Draw) -> bytes | None:
    """Write an escaped surrogate without its partner into a field that the type does not have."""
    return _add(document, draw, rb'"\ud800"', rb'["\udc00"]', rb'{"\ud800":0}')


@json_mutation
def skipped_utf8(document: Document, draw: Draw) -> bytes | None:
    """Put bytes that are not UTF-8 into a field that the type does not have."""
    return _add(document, draw, b'"\xff"', b'["\xc3"]', b'{"\xff":0}')


@json_mutation
def duplicate_unknown(document: Document, draw: Draw) -> bytes | None:
    """Give a field that the type does not have twice, with the same value or another one."""
    records = _records(document)
    if not records:
        return None
    node = pick(draw, records).node
    name = quoted(free_name(document, node))
    text = name + b":0," + name + pick(draw, (b":0", b":1"))
    return document.with_member(node, len(node.members) - draw.integer(0, len(node.members)), text)


@json_mutation
def empty_name(document: Document, draw: Draw) -> bytes | None:
    """Add a field whose name is empty."""
    return _add(document, draw, b"null", b"0", name="")


def _add(document: Document, draw: Draw, *texts: bytes, name: str | None = None) -> bytes | None:
    records = _records(document)
    if not records:
        return None
    node = pick(draw, records).node
    name = free_name(document, node) if name is None else name
    at = len(node.members) - draw.integer(0, len(node.members))
    return document.with_member(node, at, quoted(name) + b":" + pick(draw, texts))


@json_mutation
def escaped_name(document: Document, draw: Draw) -> bytes | None:
    """Write the first letter of a field's name as an escape."""
    fields = [f for f in fields_of(document) if f[2].name[:1] and ord(f[2].name[0]) < 0x10000]
    if not fields:
        return None
    _, member, field = pick(draw, fields)
    escaped = b'"\\u%04x' % ord(field.name[0]) + quoted(field.name[1:])[1:]
    return document.replaced(member.name, escaped)


@json_mutation
def reordered(document: Document, draw: Draw) -> bytes | None:
    """Let two neighbouring fields change places."""
    fields = fields_of(document)
    pairs = [
        (a, b)
        for (site, a, _), (other, b, _) in pairwise(fields)
        if site.node is other.node and a.value.end < b.name.start
    ]
    if not pairs:
        return None
    a, b = pick(draw, pairs)
    first, second = (document.data[m.name.start : m.value.end] for m in (a, b))
    between = document.data[a.value.end : b.name.start]
    return document.spliced(a.name.start, b.value.end, second + between + first)


@json_mutation
def null_field(document: Document, draw: Draw) -> bytes | None:
    """Write null for a field that is not optional."""
    sites = [s for s in document.targets if s.place == "field" and not (s.optional or s.is_null)]
    return replace_one(document, draw, sites, b"null")


@json_mutation
def null_element(document: Document, draw: Draw) -> bytes | None:
    """Write null for an element that is not optional, or as the only one of an empty array."""
    sites = [s for s in document.targets if s.place == "element" and not (s.optional or s.is_null)]
    if sites:
        return replace_one(document, draw, sites, b"null")
    empty = [
        site
        for site in declared(document, "array")
        if isinstance(site.type, t.Sequence) and not is_nullable(site.type.inner)
    ]
    return replace_one(document, draw, empty, b"[null]")


@json_mutation
def null_document(document: Document, draw: Draw) -> bytes | None:
    """Send null instead of a value that is not optional."""
    sites = [s for s in document.targets if s.place == "document" and not (s.optional or s.is_null)]
    return replace_one(document, draw, sites, b"null")


@json_mutation
def look_alike_name(document: Document, draw: Draw) -> bytes | None:
    """Write the name of an optional field in letters that look alike: of full width, or Cyrillic."""
    renamed = [
        (member, alike)
        for site, member, field in fields_of(document)
        if is_optional(field) and field.name.isascii() and _is_plain(document, site, member, field)
        for alike in _look_alikes(field.name)
    ]
    if not renamed:
        return None
    member, alike = pick(draw, renamed)
    return document.replaced(member.name, quoted(alike))


def _look_alikes(name: str) -> list[str]:
    wide = chr(ord(name[0]) - ord("!") + 0xFF01) + name[1:]
    return [wide, *(name.replace(a, b, 1) for a, b in LOOK_ALIKES.items() if a in name)]


FIELDS = (
    absent_field,
    absent_optional,
    null_field,
    null_element,
    null_document,
    duplicate_field,
    split_object,
    wrong_case,
    wrong_case_optional,
    duplicate_wrong_case,
    wrong_case_value,
    unknown_field,
    skipped_surrogate,
    skipped_utf8,
    duplicate_unknown,
    empty_name,
    escaped_name,
    reordered,
    look_alike_name,
)
