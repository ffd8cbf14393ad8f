"""
A contract as JSON data, for other programs and for the comparison of two versions.

Owns the format, which docs/reference/cli.md describes. Knows the data of `schema`, nothing of files.
"""

from __future__ import annotations

import enum
import hashlib
import inspect
import json
import math
from collections.abc import Callable, Iterable
from typing import Any

from driftcheck.contract.schema import Argument, Schema, SchemaVersionTable
from driftcheck.core import types as t

FORMAT = 1

Json = dict[str, Any]


def export(schema: Schema) -> Json:
    """Return all that a contract says; the same contract gives the same data on every machine.

    The `digest` covers all other keys. The wire `fingerprint` covers less: docs, constraints, weights and the
    code of laws do not change it, since they do not change the library that a subject needs.
    """
    data: Json = {
        "format": FORMAT,
        "contract": schema.name,
        "version": schema.version,
        "fingerprint": schema.fingerprint,
        "doc": schema.doc,
        "instances": schema.instances,
        "schema": _schema_versions(schema.schema_versions),
        "open": [
            _without_none({**one, "across": None if a.across == "each" else a.across, "flag": a.flag or None})
            for one, a in zip(_arguments(schema.opening), schema.opening, strict=True)
        ],
        "state": None if schema.state is None else _type(schema.state),
        "operations": [
            {
                "name": o.name,
                "doc": o.doc,
                "arguments": _arguments(o.arguments),
                "result": None if o.result is None else _type(o.result),
                "rejects": list(o.rejects),
                "query": o.query,
                "idempotent": o.idempotent,
                "changes_peer": o.changes_peer,
                "faults": list(o.faults),
                "history": o.history,
                "neutral": o.neutral,
                "weight": o.weight,
            }
            for o in schema.operations
        ],
        "rejections": [
            {
                "name": r.name,
                "doc": r.doc,
                "catch_all": r.catch_all,
                "retryable": r.retryable,
                "detail": None if r.detail is None else _type(r.detail),
            }
            for r in schema.rejections
        ],
        "faults": [{"name": f.name, "doc": f.doc} for f in schema.faults],
        "laws": [
            {
                "name": law.name,
                "doc": law.doc,
                "arguments": _arguments(law.arguments),
                "fresh": law.fresh,
                "code": _code(law.body),
            }
            for law in schema.laws
        ],
        "invariants": [{"name": i.name, "doc": i.doc, "code": _code(i.predicate)} for i in schema.invariants],
        "types": _named(schema),
    }
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return {**data, "digest": hashlib.sha256(text.encode()).hexdigest()[:16]}


def _arguments(arguments: Iterable[Argument]) -> list[Json]:
    return [
        _without_none({"name": a.name, "type": _type(a.type), "schema_version": a.schema_version or None})
        for a in arguments
    ]


def _type(type_: t.Type) -> Json:
    """Return a type with its constraints; a constraint that is not set has no key."""
    match type_:
        case t.Bool():
            return {"kind": "bool"}
        case t.Int(lo=lo, hi=hi):
            return {"kind": "int", "min": lo, "max": hi}
        case t.Float(lo=lo, hi=hi, nan_equal=nan_equal):
            bounds = {"min": lo if math.isfinite(lo) else None, "max": hi if math.isfinite(hi) else None}
            return _without_none({"kind": "float", **bounds, "nan_equal": nan_equal or None})
        case t.Text(min_len=min_len, max_len=max_len, pattern=pattern):
            shown = None if pattern is None else pattern.pattern
            return _without_none({"kind": "text", **_lengths(min_len, max_len), "pattern": shown})
        case t.Bytes(min_len=min_len, max_len=max_len):
            return _without_none({"kind": "bytes", **_lengths(min_len, max_len)})
        case t.Enumeration(name=name) | t.Record(name=name) | t.Union(name=name):
            return {"kind": "named", "name": name}
        case t.Optional(inner=inner):
            return {"kind": "optional", "of": _type(inner)}
        case t.Sequence(inner=inner, min_len=min_len, max_len=max_len, unordered=unordered):
            sequence = {"kind": "sequence", "of": _type(inner), **_lengths(min_len, max_len)}
            return _without_none({**sequence, "unordered": unordered or None})
        case t.Mapping(key=key, value=value, min_len=min_len, max_len=max_len):
            mapping = {"kind": "mapping", "key": _type(key), "value": _type(value)}
            return _without_none({**mapping, **_lengths(min_len, max_len)})
        case t.Payload(inner=inner, codec=codec, corpus=corpus):
            payload = {"kind": "payload", "of": _type(inner), "codec": codec.name}
            return _without_none({**payload, "corpus": list(corpus) or None})
        case t.Handle(name=name, closing=closing):
            return _without_none({"kind": "handle", "name": name, "closing": closing or None})
        case t.Steps():
            return {"kind": "steps"}
        case t.Peer():
            return {"kind": "peer"}
        case t.Named(inner=inner, count=count):
            return {**_type(inner), "names": count}
        case t.Choice(inner=inner, values=values):
            return {**_type(inner), "one_of": [_value(v) for v in values]}
        case t.Generated(inner=inner):
            return {**_type(inner), "generated": True}


def _lengths(min_len: int, max_len: int | None) -> Json:
    return {"min_len": min_len or None, "max_len": max_len}


def _without_none(data: Json) -> Json:
    return {key: value for key, value in data.items() if value is not None}


def _value(value: Any) -> Any:
    match value:
        case enum.Enum():
            return value.name
        case bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case bytes():
            return {"hex": value.hex()}
        case _:
            return repr(value)


def _schema_versions(table: SchemaVersionTable | None) -> Json | None:
    if table is None:
        return None
    reads = [list(pair) for pair in table.pairs if pair in table.reads]
    return {
        "name": table.name,
        "schema_versions": list(table.numbers),
        "reads": reads,
        "otherwise": table.otherwise,
    }


def _field(field: t.Field) -> Json:
    marks = {"schema_version": field.schema_version or None, "since": field.since, "until": field.until}
    return _without_none({"name": field.name, "type": _type(field.type), **marks})


def _named(schema: Schema) -> Json:
    """Return the definitions of the named types, including those in payloads and laws."""
    found: Json = {}
    stack = [a.type for a in schema.opening]
    stack += [] if schema.state is None else [schema.state]
    stack += [a.type for o in schema.operations for a in o.arguments]
    stack += [a.type for law in schema.laws for a in law.arguments]
    stack += [o.result for o in schema.operations if o.result is not None]
    stack += [r.detail for r in schema.rejections if r.detail is not None]
    while stack:
        type_ = t.bare(stack.pop())
        stack.extend(t.children(type_))
        match type_:
            case t.Record(name=name, fields=fields, doc=doc):
                shown = [_field(f) for f in fields]
                found[name] = {"kind": "record", "doc": inspect.cleandoc(doc), "fields": shown}
            case t.Union(name=name, alternatives=alternatives):
                found[name] = {"kind": "union", "alternatives": [a.name for a in alternatives]}
            case t.Enumeration(name=name, members=members):
                found[name] = {"kind": "enumeration", "members": [m.name for m in members]}
    return dict(sorted(found.items()))


def _code(function: Callable[..., Any]) -> str | None:
    """Return a digest of the source of a law or an invariant; None if Python has no source for it."""
    try:
        text = inspect.getsource(function)
    except OSError:
        return None
    return hashlib.sha256(inspect.cleandoc(text).encode()).hexdigest()[:16]
