"""
Mutations that write one kind of JSON value where the type means another.
"""

from __future__ import annotations

import base64

from driftcheck.codecs.json_document import Document
from driftcheck.codecs.json_features import is_base64
from driftcheck.codecs.json_mutation import json_mutation, pick, replace_one, values
from driftcheck.codecs.mutation import Draw
from driftcheck.contract import types as t


@json_mutation
def number_as_string(document: Document, draw: Draw) -> bytes | None:
    """Put a number in quotes."""
    return replace_one(document, draw, values(document, "number"), b'"%s"')


@json_mutation
def number_as_bool(document: Document, draw: Draw) -> bytes | None:
    """Write a truth value for a number."""
    return replace_one(document, draw, values(document, "number"), b"false", b"true")


@json_mutation
def string_as_number(document: Document, draw: Draw) -> bytes | None:
    """Write a number for a string."""
    return replace_one(document, draw, values(document, "string"), b"0", b"1.5")


@json_mutation
def string_as_bool(document: Document, draw: Draw) -> bytes | None:
    """Write a truth value for a string."""
    return replace_one(document, draw, values(document, "string"), b"false", b"true")


@json_mutation
def bool_as_number(document: Document, draw: Draw) -> bytes | None:
    """Write 0 or 1 for a truth value."""
    return replace_one(document, draw, values(document, "bool"), b"0", b"1")


@json_mutation
def bool_as_string(document: Document, draw: Draw) -> bytes | None:
    """Put a truth value in quotes."""
    return replace_one(document, draw, values(document, "bool"), b'"%s"')


@json_mutation
def scalar_as_array(document: Document, draw: Draw) -> bytes | None:
    """Put a number, a string or a truth value in an array, or leave the array empty."""
    sites = [s for s in values(document, "number", "string", "bool") if not isinstance(s.type, t.Bytes)]
    return replace_one(document, draw, sites, b"[%s]", b"[]")


@json_mutation
def scalar_as_object(document: Document, draw: Draw) -> bytes | None:
    """Put a number, a string or a truth value in an object, or leave the object empty."""
    return replace_one(document, draw, values(document, "number", "string", "bool"), b"{}", b'{"x":%s}')


@json_mutation
def array_as_object(document: Document, draw: Draw) -> bytes | None:
    """Write an object for an array."""
    return replace_one(document, draw, values(document, "array"), b"{}", b'{"0":%s}')


@json_mutation
def array_as_scalar(document: Document, draw: Draw) -> bytes | None:
    """Write a number, a string or a truth value for an array."""
    return replace_one(document, draw, values(document, "array"), b"0", b'""', b"false")


@json_mutation
def object_as_array(document: Document, draw: Draw) -> bytes | None:
    """Write the values of an object without their names, in an array."""
    sites = values(document, "object")
    if not sites:
        return None
    node = pick(draw, sites).node
    return document.replaced(node, b"[" + b",".join(document.raw(m.value) for m in node.members) + b"]")


@json_mutation
def object_as_scalar(document: Document, draw: Draw) -> bytes | None:
    """Write a number, a string or a truth value for an object."""
    return replace_one(document, draw, values(document, "object"), b"0", b'""', b"false")


@json_mutation
def bytes_as_array(document: Document, draw: Draw) -> bytes | None:
    """Write a byte string as an array of numbers instead of base64."""
    sites = [
        site
        for site in values(document, "string")
        if isinstance(site.type, t.Bytes) and is_base64(document.scan.text(site.node))
    ]
    if not sites:
        return None
    node = pick(draw, sites).node
    octets = base64.b64decode(document.scan.text(node))
    return document.replaced(node, b"[" + b",".join(b"%d" % octet for octet in octets) + b"]")


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
)
