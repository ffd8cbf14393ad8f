"""
Mutations of a record's fields: absent, repeated, renamed, unknown, in another order, null.
"""

from __future__ import annotations

import json
from itertools import pairwise

from driftcheck.codecs.json_document import Document, Site
from driftcheck.codecs.json_features import judge
from driftcheck.codecs.json_mutation import json_mutation, pick, replace_one, values
from driftcheck.codecs.json_scan import Member
from driftcheck.codecs.json_value import plain
from driftcheck.codecs.mutation import Draw
from driftcheck.contract import types as t

_Field = tuple[Site, Member, t.Field]  # the record around it, its member, its declaration


def _records(document: Document) -> list[Site]:
    return [s for s in values(document, "object") if isinstance(s.type, t.Record)]


def _fields(document: Document) -> list[_Field]:
    """List the declared fields that are there under their own names."""
    return [
        (site, member, field)
        for site in _records(document)
        for member, field in document.fields(site)
        if field is not None and field.name == document.name(member)
    ]


def _quoted(name: str) -> bytes:
    return json.dumps(name, ensure_ascii=False).encode()


@json_mutation
def absent_field(document: Document, draw: Draw) -> bytes | None:
    """Leave out a field that is not optional."""
    return _leave_out(document, draw, optional=False)


@json_mutation
def absent_optional(document: Document, draw: Draw) -> bytes | None:
    """Leave out a field that is optional."""
    return _leave_out(document, draw, optional=True)


def _leave_out(document: Document, draw: Draw, *, optional: bool) -> bytes | None:
    fields = [f for f in _fields(document) if isinstance(t.bare(f[2].type), t.Optional) == optional]
    if not fields:
        return None
    site, member, _ = pick(draw, fields)
    return document.without(site.node, member)


@json_mutation
def duplicate_field(document: Document, draw: Draw) -> bytes | None:
    """Give a field twice, with the same value or another one."""
    fields = _fields(document)
    if not fields:
        return None
    site, member, field = pick(draw, fields)
    value = plain(field.type).encode() if draw.boolean() else document.raw(member.value)
    at = site.node.members.index(member) + 1
    return document.with_member(site.node, at, document.raw(member.name) + b":" + value)


@json_mutation
def wrong_case(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a field that is not optional in another letter case."""
    return _rename(document, draw, optional=False)


@json_mutation
def wrong_case_optional(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a field that is optional in another letter case."""
    return _rename(document, draw, optional=True)


def _rename(document: Document, draw: Draw, *, optional: bool) -> bytes | None:
    renamed = [
        (member, name)
        for site, member, field in _fields(document)
        if isinstance(t.bare(field.type), t.Optional) == optional and _is_plain(document, site, member, field)
        for name in _other_cases(field.name)
        if all(name != f.name for _, f in document.fields(site) if f is not None)
    ]
    if not renamed:
        return None
    member, name = pick(draw, renamed)
    return document.replaced(member.name, _quoted(name))


def _is_plain(document: Document, site: Site, member: Member, field: t.Field) -> bool:
    """Say whether a field is there once, and nothing is odd about its value.

    Under a name in the wrong case, one reader would see what is odd and the other would skip it.
    """
    twins = [f for _, f in document.fields(site) if f is field]
    below = document.below(document.field_site(member, field))
    return len(twins) == 1 and not any(s.node.odd or any(judge(document, s)) for s in below)


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
    return _add(document, draw, "x", b"null", b"0", b'""', b"[]", b"{}", b'{"x":[0]}')


@json_mutation
def empty_name(document: Document, draw: Draw) -> bytes | None:
    """Add a field whose name is empty."""
    return _add(document, draw, "", b"null", b"0")


def _add(document: Document, draw: Draw, name: str, *texts: bytes) -> bytes | None:
    records = _records(document)
    if not records:
        return None
    node = pick(draw, records).node
    taken = {document.name(m).casefold() for m in node.members}
    while name and name in taken:
        name += "x"
    at = len(node.members) - draw.integer(0, len(node.members))
    return document.with_member(node, at, _quoted(name) + b":" + pick(draw, texts))


@json_mutation
def escaped_name(document: Document, draw: Draw) -> bytes | None:
    """Write the first letter of a field's name as an escape."""
    fields = [f for f in _fields(document) if f[2].name[:1] and ord(f[2].name[0]) < 0x10000]
    if not fields:
        return None
    _, member, field = pick(draw, fields)
    escaped = b'"\\u%04x' % ord(field.name[0]) + _quoted(field.name[1:])[1:]
    return document.replaced(member.name, escaped)


@json_mutation
def reordered(document: Document, draw: Draw) -> bytes | None:
    """Let two neighbouring fields change places."""
    fields = _fields(document)
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
    sites = [s for s in document.targets() if s.place == "field" and not (s.optional or s.is_null)]
    return replace_one(document, draw, sites, b"null")


@json_mutation
def null_element(document: Document, draw: Draw) -> bytes | None:
    """Write null for an element that is not optional, or as the only one of an empty array."""
    sites = [s for s in document.targets() if s.place == "element" and not (s.optional or s.is_null)]
    if sites:
        return replace_one(document, draw, sites, b"null")
    empty = [
        site
        for site in values(document, "array")
        if isinstance(site.type, t.Sequence) and not isinstance(t.bare(site.type.inner), t.Optional)
    ]
    return replace_one(document, draw, empty, b"[null]")


@json_mutation
def null_document(document: Document, draw: Draw) -> bytes | None:
    """Send null instead of a value that is not optional."""
    sites = [s for s in document.targets() if s.place == "document" and not (s.optional or s.is_null)]
    return replace_one(document, draw, sites, b"null")


@json_mutation
def duplicate_key(document: Document, draw: Draw) -> bytes | None:
    """Give an entry of a map twice."""
    maps = [s for s in values(document, "object") if isinstance(s.type, t.Mapping) and s.node.members]
    if not maps:
        return None
    node = pick(draw, maps).node
    at = draw.integer(0, len(node.members) - 1)
    member = node.members[at]
    return document.with_member(node, at + 1, document.data[member.name.start : member.value.end])


@json_mutation
def unknown_member(document: Document, draw: Draw) -> bytes | None:
    """Write a name that no member of the enumeration has."""
    sites = [s for s in values(document, "string") if isinstance(s.type, t.Enumeration)]
    return replace_one(document, draw, sites, b'"?"', b'""')


@json_mutation
def unknown_alternative(document: Document, draw: Draw) -> bytes | None:
    """Write a name that no alternative of the union has, or none."""
    sites = [s for s in values(document, "object") if isinstance(s.type, t.Union)]
    return replace_one(document, draw, sites, b'{"?":null}', b"{}")


FIELDS = (
    absent_field,
    absent_optional,
    null_field,
    null_element,
    null_document,
    duplicate_field,
    duplicate_key,
    wrong_case,
    wrong_case_optional,
    unknown_field,
    empty_name,
    escaped_name,
    reordered,
    unknown_member,
    unknown_alternative,
)
