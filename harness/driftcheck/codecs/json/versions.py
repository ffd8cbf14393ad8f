"""
Mutations of the version of a message: the integer field `version` of a record.
"""

from __future__ import annotations

from driftcheck.codecs.json.document import Document, is_version
from driftcheck.codecs.json.fields import Given, fields_of, rename
from driftcheck.codecs.json.mutation import declared, json_mutation, pick, replace_one
from driftcheck.codecs.json.scalars import width
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw


@json_mutation
def absent_version(document: Document, draw: Draw) -> bytes | None:
    """Leave out the version of a message."""
    versions = _versions(document)
    if not versions:
        return None
    site, member, _ = pick(draw, versions)
    return document.without(site.node, member)


@json_mutation
def older_version(document: Document, draw: Draw) -> bytes | None:
    """Write the version before the first that the type declares."""
    return _other_version(document, draw, newer=False)


@json_mutation
def newer_version(document: Document, draw: Draw) -> bytes | None:
    """Write the version after the last that the type declares."""
    return _other_version(document, draw, newer=True)


@json_mutation
def wrong_case_version(document: Document, draw: Draw) -> bytes | None:
    """Write the name of a message's version in another letter case."""
    return rename(document, draw, _versions(document))


@json_mutation
def version_as_string(document: Document, draw: Draw) -> bytes | None:
    """Write the version of a message in quotes, bare or as a dotted one."""
    sites = [s for s in declared(document, "number") if isinstance(s.type, t.Int) and s.is_version]
    return replace_one(document, draw, sites, b'"%s"', b'"%s.0"', b'"v%s"')


@json_mutation
def repeated_version(document: Document, draw: Draw) -> bytes | None:
    """Give the version of a message twice, the same or the first that the type declares."""
    versions = _versions(document)
    if not versions:
        return None
    site, member, field = pick(draw, versions)
    type_ = t.bare(field.type)
    assert isinstance(type_, t.Int)
    value = b"%d" % type_.lo if draw.boolean() else document.raw(member.value)
    at = site.node.members.index(member) + 1
    return document.with_member(site.node, at, document.raw(member.name) + b":" + value)


def _other_version(document: Document, draw: Draw, *, newer: bool) -> bytes | None:
    versions = []
    for _, member, field in _versions(document):
        type_ = t.bare(field.type)
        assert isinstance(type_, t.Int)
        lo, hi = width(type_)
        version = type_.hi + 1 if newer else type_.lo - 1
        if lo <= version <= hi and document.raw(member.value).isdigit():
            versions.append((member, version))
    if not versions:
        return None
    member, version = pick(draw, versions)
    return document.replaced(member.value, b"%d" % version)


def _versions(document: Document) -> list[Given]:
    return [given for given in fields_of(document) if is_version(given[2])]


VERSIONS = (
    absent_version,
    wrong_case_version,
    older_version,
    newer_version,
    version_as_string,
    repeated_version,
)
