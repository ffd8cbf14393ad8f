"""
Mutations of bytes in JSON: base64 in every form that some reader accepts.
"""

from __future__ import annotations

from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.mutation import declared, json_mutation, replace_one
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw


def _octets(document: Document) -> list[Site]:
    return [s for s in declared(document, "string") if isinstance(s.type, t.Bytes)]


@json_mutation
def unpadded_base64(document: Document, draw: Draw) -> bytes | None:
    """Write bytes in base64 without its padding."""
    return replace_one(document, draw, _octets(document), b'"AA"', b'"AAA"')


@json_mutation
def url_base64(document: Document, draw: Draw) -> bytes | None:
    """Write bytes in the alphabet of base64 that is for URLs."""
    return replace_one(document, draw, _octets(document), b'"__8="', b'"--__"')


@json_mutation
def loose_base64(document: Document, draw: Draw) -> bytes | None:
    """Write bytes in base64 whose last character sets bits that have no meaning."""
    return replace_one(document, draw, _octets(document), b'"AB=="', b'"AAB="')


@json_mutation
def base64_line_breaks(document: Document, draw: Draw) -> bytes | None:
    """Write bytes in base64 that is broken into lines."""
    return replace_one(document, draw, _octets(document), rb'"AA\n=="', rb'"AAAA\r\n"')


@json_mutation
def invalid_base64(document: Document, draw: Draw) -> bytes | None:
    """Write a string for bytes that is not base64."""
    return replace_one(document, draw, _octets(document), b'"A"', b'"!"', b'"AA=A"', b'"AA==="', b'"AA AA"')


BASE64 = (unpadded_base64, url_base64, loose_base64, base64_line_breaks, invalid_base64)
