"""
Mutations of maps and unions: the names of objects that are not records.
"""

from __future__ import annotations

from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.mutation import (
    declared,
    json_mutation,
    pick,
    replace_one,
    takes_odd_value,
    values,
)
from driftcheck.codecs.json.scalars import width
from driftcheck.codecs.json.value import plain
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw


@json_mutation
def duplicate_key(document: Document, draw: Draw) -> bytes | None:
    """Give an entry of a map, or of any object without a type, twice: with the same value or another one."""
    maps = [s for s in values(document, "object") if isinstance(s.type, t.Mapping) and s.node.members]
    if not maps or not takes_odd_value(document, maps[0]):
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
    """Write a key that is an integer with a plus or a leading zero."""
    return _rekeyed(document, draw, b'"+1"', b'"01"', b'"-01"')


@json_mutation
def spaced_key(document: Document, draw: Draw) -> bytes | None:
    """Write a key that is an integer with a space before or after it."""
    return _rekeyed(document, draw, b'" 1"', b'"1 "')


@json_mutation
def negative_zero_key(document: Document, draw: Draw) -> bytes | None:
    """Write -0 for a key that is an integer."""
    return _rekeyed(document, draw, b'"-0"')


@json_mutation
def invalid_key(document: Document, draw: Draw) -> bytes | None:
    """Write a key that is not an integer into a map with integer keys."""
    return _rekeyed(document, draw, b'"x"', b'""', b'"1.0"', b'"1e0"', b'"0x1"')


@json_mutation
def key_out_of_range(document: Document, draw: Draw) -> bytes | None:
    """Write a key that does not fit its type."""
    maps = _maps(document)
    if not maps:
        return None
    site, key, value = pick(draw, maps)
    lo, hi = width(key)
    return _with_key(document, site, b'"%d"' % pick(draw, (hi + 1, lo - 1, 10**30)), value)


def _rekeyed(document: Document, draw: Draw, *names: bytes) -> bytes | None:
    maps = _maps(document)
    if not maps:
        return None
    site, _, value = pick(draw, maps)
    return _with_key(document, site, pick(draw, names), value)


def _with_key(document: Document, site: Site, name: bytes, value: t.Type) -> bytes:
    """Rename the only entry of a map, or add one to an empty map."""
    if site.node.members:
        return document.replaced(site.node.members[0].name, name)
    return document.with_member(site.node, 0, name + b":" + plain(value).encode())


def _maps(document: Document) -> list[tuple[Site, t.Int, t.Type]]:
    """List the maps by integers that have at most one entry, so that no key will be there twice."""
    return [
        (site, key, site.type.value)
        for site in declared(document, "object")
        if len(site.node.members) < 2
        if isinstance(site.type, t.Mapping) and isinstance(key := t.bare(site.type.key), t.Int)
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


MAPS = (
    duplicate_key,
    odd_key,
    spaced_key,
    negative_zero_key,
    invalid_key,
    key_out_of_range,
    unknown_member,
    unknown_alternative,
)
