"""
The entries of maps: what their keys mean, and which of them a reader skips.

Knows nothing of features.
"""

from __future__ import annotations

from driftcheck.codecs.cbor import value as v
from driftcheck.codecs.cbor.document import Document, Site
from driftcheck.codecs.cbor.scan import Node
from driftcheck.core import types as t


def is_record_in_map(site: Site) -> bool:
    """Tell whether a value is a record that is written as a map."""
    return isinstance(site.type, t.Record) and site.node.kind == "map"


def is_readable_in_any_case(document: Document, site: Site) -> bool:
    """Tell whether each key of a record is a text, or an integer of 64 bits, which a reader may skip."""
    keys = [key for key, _ in site.node.pairs()] if is_record_in_map(site) else []
    return all(key.kind == "text" or (key.kind == "integer" and key.number <= t.I64_MAX) for key in keys)


def skipped_in_any_case(document: Document, site: Site) -> list[Node]:
    """List the values of a record that a reader skips which takes the first of equal names in any case."""
    if not is_record_in_map(site):
        return []
    read = {id(value) for _, value, _ in document.first_of_each(site)}
    return [value for _, value in site.node.pairs() if id(value) not in read]


def skipped_values(document: Document, site: Site) -> list[Node]:
    """List the values of a record that some readers skip: of unknown names, and of names in another form."""
    if not is_record_in_map(site):
        return []
    entries = document.fields(site)
    return [value for key, value, field in entries if field is None or document.name(key) != field.name]


def meaning_of(document: Document, key: Node) -> bytes:
    """Return what a key means; its bytes if it is malformed."""
    raw = document.raw(key)
    try:
        return v.read(raw)
    except ValueError:
        return raw


def repeats_a_key(document: Document, node: Node) -> bool:
    """Tell whether a map has a key twice."""
    keys = [meaning_of(document, key) for key, _ in node.pairs()] if node.kind == "map" else []
    return len(set(keys)) < len(keys)
