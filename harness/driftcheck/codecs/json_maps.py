"""
Mutations of maps and unions: the names of objects that are values and no fields.
"""

from __future__ import annotations

from driftcheck.codecs.json_document import Document, Site
from driftcheck.codecs.json_mutation import declared, json_mutation, pick, replace_one, values
from driftcheck.codecs.json_scalars import width
from driftcheck.codecs.json_scan import Member
from driftcheck.codecs.json_value import plain
from driftcheck.codecs.mutation import Draw
from driftcheck.contract import types as t


@json_mutation
def duplicate_key(document: Document, draw: Draw) -> bytes | None:
    """Give an entry of a map, or of any object without a type, twice: with the same value or another one."""
    maps = [s for s in values(document, "object") if isinstance(s.type, t.Mapping) and s.node.members]
    if not maps:
        return None
    site = pick(draw, maps)
    at = draw.integer(0, len(site.node.members) - 1)
    member = site.node.members[at]
    value = document.raw(member.value)
    if draw.boolean():
        assert isinstance(site.type, t.Mapping)
        value = plain(site.type.value).encode()
    return document.with_member(site.node, at + 1, document.raw(member.name) + b":" + value)


@json_mutation
def odd_key(document: Document, draw: Draw) -> bytes | None:
    """Write a key that is an integer with a plus, a leading zero or a space."""
    return _rekeyed(document, draw, b'"+1"', b'"01"', b'" 1"', b'"1 "', b'"-0"')


@json_mutation
def invalid_key(document: Document, draw: Draw) -> bytes | None:
    """Write a key that is no integer where the map has such."""
    return _rekeyed(document, draw, b'"x"', b'""', b'"1.0"', b'"1e0"', b'"0x1"')


@json_mutation
def key_out_of_range(document: Document, draw: Draw) -> bytes | None:
    """Write a key beyond the bits of its type."""
    entries = _entries(document)
    if not entries:
        return None
    member, type_ = pick(draw, entries)
    lo, hi = width(type_)
    return document.replaced(member.name, b'"%d"' % pick(draw, (hi + 1, lo - 1, 10**30)))


def _rekeyed(document: Document, draw: Draw, *names: bytes) -> bytes | None:
    entries = _entries(document)
    if not entries:
        return None
    member, _ = pick(draw, entries)
    return document.replaced(member.name, pick(draw, names))


def _entries(document: Document) -> list[tuple[Member, t.Int]]:
    """List the members of maps with keys that are integers."""
    return [
        (member, key)
        for site in declared(document, "object")
        if isinstance(site.type, t.Mapping) and isinstance(key := t.bare(site.type.key), t.Int)
        for member in site.node.members
    ]


@json_mutation
def unknown_alternative(document: Document, draw: Draw) -> bytes | None:
    """Write a name that no alternative of the union has, or none."""
    sites = [s for s in declared(document, "object") if isinstance(s.type, t.Union)]
    return replace_one(document, draw, sites, b'{"?":null}', b"{}")


@json_mutation
def unknown_member(document: Document, draw: Draw) -> bytes | None:
    """Write a name that no member of the enumeration has."""
    sites: list[Site] = [s for s in declared(document, "string") if isinstance(s.type, t.Enumeration)]
    return replace_one(document, draw, sites, b'"?"', b'""')


MAPS = (duplicate_key, odd_key, invalid_key, key_out_of_range, unknown_member, unknown_alternative)
