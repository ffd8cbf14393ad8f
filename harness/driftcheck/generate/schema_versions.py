"""
Values of a schema version: fields that the schema version does not have are None.

A value is drawn with all fields and then restricted, so that its choices are valid for every schema version.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.core import types as t


def at_its_schema_version(value: Any, type_: t.Type) -> Any:
    """Return a payload's value with None in the fields that its schema version does not have."""
    name = t.schema_version_field(type_)
    return value if name is None else _narrowed(value, type_, getattr(value, name))


def _narrowed(value: Any, type_: t.Type, schema_version: int) -> Any:
    match t.bare(type_):
        case t.Record(fields=fields):
            changes = {}
            for field in fields:
                before = getattr(value, field.name)
                kept = field.is_in(schema_version)
                after = _narrowed(before, field.type, schema_version) if kept else None
                if after is not before:
                    changes[field.name] = after
            return _evolved(value, changes) if changes else value
        case t.Union(alternatives=alternatives):
            record = next(a for a in alternatives if a.cls is type(value))
            return _narrowed(value, record, schema_version)
        case t.Optional(inner=inner):
            return None if value is None else _narrowed(value, inner, schema_version)
        case t.Sequence(inner=inner):
            items = tuple(_narrowed(item, inner, schema_version) for item in value)
            return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        case t.Mapping(value=inner):
            pairs = {k: _narrowed(v, inner, schema_version) for k, v in value.items()}
            return pairs if any(pairs[k] is not v for k, v in value.items()) else value
        case _:
            return value


def _evolved(value: Any, changes: dict[str, Any]) -> Any:
    aliases = {a.name: a.alias or a.name for a in attrs.fields(type(value))}
    return attrs.evolve(value, **{aliases[name]: after for name, after in changes.items()})
