"""
Reads a well-formed JSON document as a typed value.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import attrs

from driftcheck.codecs.json import any_value as json_any
from driftcheck.codecs.json import value as json_value
from driftcheck.core import types as t


def value_of(data: bytes, type_: t.Type) -> Any:
    """Return the value that the codec writes as exactly these bytes.

    Raises:
        ValueError: there is none; the document is malformed, or in another form.
    """
    try:
        plain = json.loads(data.decode())
        value = _value(plain, _narrowed(plain, type_))
        rewritten = json_value.write(value, type_).encode()  # of a number where text is declared, or worse
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError, StopIteration) as error:
        raise ValueError(f"the document is not a value of its type: {error}") from None
    if rewritten != data:
        raise ValueError("the document is not in the form that the codec writes")
    return value


def _narrowed(plain: Any, type_: t.Type) -> t.Type:
    """Return the type at the schema version that a document claims."""
    name = t.schema_version_field(type_)
    version = plain[name] if name is not None else None
    return t.at_schema_version(t.bare(type_), version) if type(version) is int else type_


def _value(plain: Any, type_: t.Type) -> Any:
    match t.bare(type_):
        case t.Optional(inner=inner):
            return None if plain is None else _value(plain, inner)
        case untyped if json_any.is_any(untyped):
            return json_any.read(plain)
        case t.Record(cls=cls, fields=fields):
            record: Any = object.__new__(cls)
            for attribute in attrs.fields(cls):  # those of other schema versions are None
                object.__setattr__(record, attribute.name, None)
            for field in fields:
                object.__setattr__(record, field.name, _value(plain[field.name], field.type))
            return record
        case t.Union(alternatives=alternatives):
            ((name, inner),) = plain.items()
            return _value(inner, next(a for a in alternatives if a.name == name))
        case t.Sequence(inner=inner):
            return tuple(_value(item, inner) for item in plain)
        case t.Mapping(key=key, value=inner):
            return {_key(name, key): _value(item, inner) for name, item in plain.items()}
        case t.Float():
            return float(plain)
        case t.Bytes() | t.Enumeration() as scalar:
            return _key(plain, scalar)
        case _:
            return plain


def _key(text: str, type_: t.Type) -> Any:
    match t.bare(type_):
        case t.Text():
            return text
        case t.Bytes():
            return base64.b64decode(text, validate=True)
        case t.Enumeration(cls=cls):
            return cls[text]
        case scalar:
            return _value(json.loads(text), scalar)
