"""
The way back from a well-formed document of CBOR to the typed value that was written as it.
"""

from __future__ import annotations

from typing import Any

from driftcheck.codecs import cbor_head as h
from driftcheck.codecs import cbor_value as v
from driftcheck.contract import types as t


def value_of(data: bytes, type_: t.Type, *, deterministic: bool = False) -> Any:
    """Return the value that is written as exactly these bytes.

    Raises:
        ValueError: no value is; the document is malformed, or written in another way.
    """
    try:
        value = _value(v.read(data), type_)
        written = v.write(value, type_, deterministic=deterministic)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"the document is no value of its type: {error}") from None
    if written != data:
        raise ValueError("the document is not written as the codec writes it")
    return value


def _value(meant: Any, type_: t.Type) -> Any:
    match t.bare(type_):
        case t.Optional(inner=inner):
            return None if meant == v.Simple(22) else _value(meant, inner)
        case t.Record(cls=cls, fields=fields):
            members = dict(meant.pairs)
            record: Any = object.__new__(cls)
            for field in fields:
                object.__setattr__(record, field.name, _value(members[field.name], field.type))
            return record
        case t.Union(alternatives=alternatives):
            ((name, inner),) = meant.pairs
            record_type = next((a for a in alternatives if a.name == name), None)
            return _value(inner, _known(record_type))
        case t.Sequence(inner=inner):
            return tuple(_value(item, inner) for item in meant)
        case t.Mapping(key=key, value=inner):
            return {_value(k, key): _value(item, inner) for k, item in meant.pairs}
        case t.Enumeration(cls=cls):
            return cls[meant]
        case t.Float():
            return h.float_of_bits(meant.bits)
        case t.Bool():
            return {v.Simple(20): False, v.Simple(21): True}[meant]
        case _:
            return meant


def _known(record: t.Record | None) -> t.Record:
    if record is None:
        raise KeyError("no alternative of that name")
    return record
