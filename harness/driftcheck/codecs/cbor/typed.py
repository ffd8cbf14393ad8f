"""
Reads a well-formed CBOR document as a typed value.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor import value as cbor_value
from driftcheck.codecs.cbor.document import of_its_schema_version
from driftcheck.codecs.cbor.scan import Node, Scan, scan
from driftcheck.core import types as t


def value_of(data: bytes, type_: t.Type, *, deterministic: bool = False) -> Any:
    """Return the value that the codec writes as exactly these bytes.

    Raises:
        ValueError: there is none; the document is malformed, or in another form.
    """
    scanned = scan(data)
    if scanned.root is None:
        raise ValueError("the document is empty")
    try:
        value = _value(scanned, scanned.root, of_its_schema_version(scanned, type_))
        written = cbor_value.write(value, type_, deterministic=deterministic)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"the document is not a value of its type: {error}") from None
    if written != data:
        raise ValueError("the document is not in the form that the codec writes")
    return value


def _value(scanned: Scan, node: Node, type_: t.Type) -> Any:
    """Return the value that an item seems to be; the caller writes it again to check."""
    match t.bare(type_):
        case t.Optional(inner=inner):
            return None if node.kind == "null" else _value(scanned, node, inner)
        case t.Record(cls=cls, fields=fields):
            members = {_text(scanned, key): item for key, item in node.pairs()}
            record: Any = object.__new__(cls)
            for attribute in attrs.fields(cls):  # those of other schema versions are None
                object.__setattr__(record, attribute.name, None)
            for field in fields:
                object.__setattr__(record, field.name, _value(scanned, members[field.name], field.type))
            return record
        case t.Union(alternatives=alternatives):
            ((key, item),) = node.pairs()
            known = {alternative.name: alternative for alternative in alternatives}
            return _value(scanned, item, known[_text(scanned, key)])
        case t.Sequence(inner=inner):
            return tuple(_value(scanned, item, inner) for item in node.items)
        case t.Mapping(key=key_type, value=inner):
            return {_value(scanned, k, key_type): _value(scanned, item, inner) for k, item in node.pairs()}
        case t.Enumeration(cls=cls):
            return cls[_text(scanned, node)]
        case t.Text():
            return _text(scanned, node)
        case t.Bytes():
            return scanned.string(node)
        case t.Float():
            return h.float_of_bits(node.number)
        case t.Bool():
            return scanned.raw(node) == h.TRUE
        case _:
            return -1 - node.number if scanned.data[node.start] >> 5 == h.NINT else node.number


def _text(scanned: Scan, node: Node) -> str:
    return scanned.string(node).decode()
