"""
Mutations that replace a value by a value of another kind.
"""

from __future__ import annotations

import base64

from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.mutation import declared, json_mutation, pick, replace_one
from driftcheck.codecs.json.scalars import is_base64
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw


@json_mutation
def number_as_string(document: Document, draw: Draw) -> bytes | None:
    """Put a number in quotes, or leave the quotes empty."""
    sites = [s for s in declared(document, "number") if not s.is_version]
    return replace_one(document, draw, sites, b'"%s"', b'""')


@json_mutation
def number_as_bool(document: Document, draw: Draw) -> bytes | None:
    """Write a truth value for a number."""
    return replace_one(document, draw, declared(document, "number"), b"false", b"true")


@json_mutation
def string_as_number(document: Document, draw: Draw) -> bytes | None:
    """Write a number for a string."""
    sites = [s for s in declared(document, "string") if not isinstance(s.type, t.Enumeration)]
    return replace_one(document, draw, sites, b"0", b"1.5")


@json_mutation
def string_as_bool(document: Document, draw: Draw) -> bytes | None:
    """Write a truth value for a string."""
    return replace_one(document, draw, declared(document, "string"), b"false", b"true")


@json_mutation
def bool_as_number(document: Document, draw: Draw) -> bytes | None:
    """Write 0 or 1 for a truth value."""
    return replace_one(document, draw, declared(document, "bool"), b"0", b"1")


@json_mutation
def bool_as_string(document: Document, draw: Draw) -> bytes | None:
    """Put a truth value in quotes."""
    return replace_one(document, draw, declared(document, "bool"), b'"%s"')


@json_mutation
def scalar_as_array(document: Document, draw: Draw) -> bytes | None:
    """Put a number, a string or a truth value in an array, or leave the array empty."""
    sites = [s for s in declared(document, "number", "string", "bool") if not isinstance(s.type, t.Bytes)]
    return replace_one(document, draw, sites, b"[%s]", b"[]")


@json_mutation
def scalar_as_object(document: Document, draw: Draw) -> bytes | None:
    """Put a number, a string or a truth value in an object, or leave the object empty."""
    return replace_one(document, draw, declared(document, "number", "string", "bool"), b"{}", b'{"x":%s}')


@json_mutation
def array_as_object(document: Document, draw: Draw) -> bytes | None:
    """Write an object for an array."""
    return replace_one(document, draw, declared(document, "array"), b"{}", b'{"0":%s}')


@json_mutation
def array_as_scalar(document: Document, draw: Draw) -> bytes | None:
    """Write a number, a string or a truth value for an array."""
    return replace_one(document, draw, declared(document, "array"), b"0", b'""', b"false")


@json_mutation
def object_as_array(document: Document, draw: Draw) -> bytes | None:
    """Write the values of an object without their names, in an array."""
    sites = declared(document, "object")
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, b"[" + b",".join(document.raw(m.value) for m in node.members) + b"]")


@json_mutation
def object_as_scalar(document: Document, draw: Draw) -> bytes | None:
    """Write a number, a string or a truth value for an object."""
    return replace_one(document, draw, declared(document, "object"), b"0", b'""', b"false")


@json_mutation
def bytes_as_array(document: Document, draw: Draw) -> bytes | None:
    """Write a byte string as an array of numbers instead of base64."""
    sites = [
        site
        for site in declared(document, "string")
        if isinstance(site.type, t.Bytes) and is_base64(document.scan.text(site.node))
    ]
    if not sites:
        return None
    node = pick(draw, sites).node
    octets = base64.b64decode(document.scan.text(node))
    return document.replaced(node, b"[" + b",".join(b"%d" % octet for octet in octets) + b"]")


@json_mutation
def member_as_number(document: Document, draw: Draw) -> bytes | None:
    """Write a number for a member of an enumeration: where it stands among them, or past the last."""
    sites = _members(document)
    if not sites:
        return None
    site = pick(draw, sites)
    assert isinstance(site.type, t.Enumeration)
    return document.replaced(site.node, b"%d" % draw.integer(0, len(site.type.members)))


@json_mutation
def member_as_object(document: Document, draw: Draw) -> bytes | None:
    """Write a member of an enumeration as the one name of an object."""
    return replace_one(document, draw, _members(document), b"{%s:null}", b"{%s:{}}")


@json_mutation
def wrong_case_member(document: Document, draw: Draw) -> bytes | None:
    """Write a member of an enumeration in another letter case."""
    swapped = [
        (site, other)
        for site in _members(document)
        for other in _other_cases(document.scan.text(site.node), site.type)
    ]
    if not swapped:
        return None
    site, other = pick(draw, swapped)
    return document.replaced(site.node, b'"%s"' % other.encode())


def _members(document: Document) -> list[Site]:
    """List the members of enumerations that are there as they should be."""
    sites = [s for s in declared(document, "string") if isinstance(s.type, t.Enumeration)]
    return [s for s in sites if document.scan.text(s.node) in {m.name for m in s.type.members}]  # type: ignore[union-attr] # asked for above


def _other_cases(name: str, type_: t.Type) -> list[str]:
    assert isinstance(type_, t.Enumeration)
    taken = {m.name for m in type_.members}
    return [other for other in (name.lower(), name.upper(), name.title()) if other not in taken]


SWAPS = (
    number_as_string,
    number_as_bool,
    string_as_number,
    string_as_bool,
    bool_as_number,
    bool_as_string,
    scalar_as_array,
    scalar_as_object,
    array_as_object,
    array_as_scalar,
    object_as_array,
    object_as_scalar,
    bytes_as_array,
    member_as_number,
    member_as_object,
    wrong_case_member,
)
