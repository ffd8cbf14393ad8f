"""
Typed values as JSON: writes them well-formed, and reads documents strictly, for comparison.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring
from typing import Any

import attrs

from driftcheck.codecs.json import any_value as json_any
from driftcheck.core import types as t
from driftcheck.core.recent import Recent

Writer = Callable[[Any], str]


def write(value: Any, type_: t.Type) -> str:
    """Write a value compactly: the form of its declared type that encoding/json and serde_json both read.

    A record is an object of all its fields in order, a union an object with the record's name around it,
    None null, a member its name, bytes padded base64. JSON has no infinities and no NaN, so these become
    null. A record of a schema version has the fields of that schema version.
    """
    name = t.schema_version_field(type_)
    if name is not None:
        type_ = t.at_schema_version(t.bare(type_), getattr(value, name))
    return _writer(type_)(value)


_WRITERS: Recent[int, tuple[t.Type, Writer]] = Recent(1024, 1024)


def _writer(type_: t.Type) -> Writer:
    """Return what writes the values of a type, made once for each type."""
    return _WRITERS.get(id(type_), 1, lambda: (type_, _compiled(type_)))[1]


def _compiled(type_: t.Type) -> Writer:
    match t.bare(type_):
        case t.Optional(inner=inner):
            present = _writer(inner)
            return lambda value: "null" if value is None else present(value)
        case record if json_any.is_any(record):
            return lambda value: json_any.write(value, _scalar)
        case t.Record(fields=fields):
            return _of_record(fields)
        case t.Union(alternatives=alternatives):
            records = {a.cls: (f"{{{_text(a.name)}:", _writer(a)) for a in reversed(alternatives)}
            return lambda value: f"{records[type(value)][0]}{records[type(value)][1](value)}}}"
        case t.Sequence(inner=inner):
            item = _writer(inner)
            return lambda value: "[" + ",".join(map(item, value)) + "]"
        case t.Mapping(key=key, value=inner):
            member = _writer(inner)
            return lambda value: _object((key_text(k, key), member(v)) for k, v in value.items())
        case t.Bool():
            return lambda value: "true" if value else "false"
        case t.Int():
            return lambda value: str(int(value))
        case t.Float():
            return _float
        case t.Text():
            return lambda value: _text(str(value))
        case t.Bytes() | t.Enumeration() as scalar:
            return lambda value: _text(key_text(value, scalar))
        case other:
            raise AssertionError(f"{other!r} cannot be written in JSON")


def _of_record(fields: tuple[t.Field, ...]) -> Writer:
    names = [(_text(f.name) + ":", f.name, _writer(f.type)) for f in fields]
    return lambda value: "{" + ",".join([q + write(getattr(value, name)) for q, name, write in names]) + "}"


def key_text(value: Any, type_: t.Type) -> str:
    """Return the text of a scalar for places that take only text, such as the keys of a map."""
    match t.bare(type_):
        case t.Text():
            return str(value)
        case t.Bytes():
            return base64.b64encode(value).decode()
        case t.Enumeration():
            return str(value.name)
        case scalar:
            return write(value, scalar)


def plain(type_: t.Type) -> str:
    """Write the simplest value of a type within its bounds."""
    match t.bare(type_):
        case t.Optional():
            return "null"
        case record if json_any.is_any(record):
            return "null"
        case t.Record(fields=fields):
            return _object((f.name, plain(f.type)) for f in fields)
        case t.Union(alternatives=alternatives):
            return _object([(alternatives[0].name, plain(alternatives[0]))])
        case t.Sequence(inner=inner, min_len=length):
            return "[" + ",".join([plain(inner)] * length) + "]"
        case t.Mapping():
            return "{}"
        case t.Bool():
            return "false"
        case t.Int(lo=lo, hi=hi):
            return str(min(max(lo, 0), hi))
        case t.Float(lo=lo, hi=hi):
            return _float(min(max(lo, 0.0), hi))
        case t.Text(min_len=length):
            return _text("a" * length)
        case t.Bytes(min_len=length):
            return write(bytes(length), type_)
        case t.Enumeration(members=members):
            return _text(members[0].name)
        case other:
            raise AssertionError(f"{other!r} cannot be written in JSON")


def _scalar(value: bool | int | float | str | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return _text(value)


def _object(members: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_text(name)}:{value}" for name, value in members) + "}"


def _text(text: str) -> str:
    return encode_basestring(text)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    text = repr(float(value))
    return text if text == "-0.0" else text.removesuffix(".0")  # `-0` reads as the integer 0 in places


def expressible(type_: t.Type) -> t.Type:
    """Narrow a type to what JSON can express: its floats are finite."""
    match type_:
        case t.Float():
            return attrs.evolve(
                type_, lo=max(type_.lo, -sys.float_info.max), hi=min(type_.hi, sys.float_info.max)
            )
        case t.Record():
            return _expressible_record(type_)
        case t.Union():
            return attrs.evolve(type_, alternatives=tuple(map(_expressible_record, type_.alternatives)))
        case t.Mapping():
            return attrs.evolve(type_, key=expressible(type_.key), value=expressible(type_.value))
        case t.Optional() | t.Sequence() | t.Named():
            return attrs.evolve(type_, inner=expressible(type_.inner))
        case _:
            return type_


def _expressible_record(record: t.Record) -> t.Record:
    fields = tuple(attrs.evolve(f, type=expressible(f.type)) for f in record.fields)
    return attrs.evolve(record, fields=fields)


@attrs.frozen
class JsonNumber:
    """A number that was read: equal to one of the same value, unequal to a truth value; 0 is not -0."""

    text: str  # an integer's digits, else the shortest text of a double


def read(data: bytes, type_: t.Type | None) -> Any:
    """Return what a document means, as dicts, lists, texts, bools, None and `JsonNumber`s.

    It is strict by RFC 8259, and by I-JSON (RFC 7493) where RFC 8259 leaves a choice.

    Args:
        type_: the declared type; None for any value.

    Raises:
        ValueError: it is not JSON, or has a repeated name, a lone surrogate or a number beyond a double.
    """
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_unique,
            parse_float=JsonNumber,
            parse_int=JsonNumber,
            parse_constant=_no_constant,
        )
        return _as_declared(value, type_)
    except RecursionError:
        raise ValueError("the document is nested too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("the document repeats a name")
    return members


def _no_constant(text: str) -> Any:
    raise ValueError(f"the document contains {text}, which is not JSON")


def _as_declared(value: Any, type_: t.Type | None) -> Any:
    """Give equal numbers the same text, by the declared type if there is one; raises on lone surrogates."""
    bare = None if type_ is None else t.bare(type_)
    if isinstance(bare, t.Optional):
        bare = t.bare(bare.inner)
    match value:
        case dict():
            return {
                _sound(name): _as_declared(item, _member_type(bare, name)) for name, item in value.items()
            }
        case list():
            inner = bare.inner if isinstance(bare, t.Sequence) else None
            items = [_as_declared(item, inner) for item in value]
            has_order = not isinstance(bare, t.Sequence) or not bare.unordered
            return items if has_order else sorted(items, key=_order)
        case str():
            return _sound(value)
        case JsonNumber(text=text):
            return _canonical(text, bare)
        case _:
            return value


def _order(value: Any) -> str:
    """Return a key that is equal for equal meanings."""
    match value:
        case dict():
            return "{" + ",".join(sorted(f"{name!r}:{_order(item)}" for name, item in value.items()))
        case list():
            return "[" + ",".join(map(_order, value))
        case _:
            return repr(value)


def _sound(text: str) -> str:
    text.encode()  # raises on a lone surrogate
    return text


def _canonical(text: str, type_: t.Type | None) -> JsonNumber:
    if not isinstance(type_, t.Int) and _is_double(text):
        return JsonNumber(str(int(float(text))))  # its last digits are zeros
    if text == "-0" or (text.lstrip("-").isdigit() and not isinstance(type_, t.Float)):
        return JsonNumber("0" if text == "-0" and isinstance(type_, t.Int) else text)
    value = float(text)
    if math.isinf(value):
        raise ValueError("the document contains a number that is too large for a double")
    if not value.is_integer():
        return JsonNumber(repr(value))
    return _canonical("-0" if value == 0 and math.copysign(1, value) < 0 else str(int(value)), None)


def _is_double(text: str) -> bool:
    """Tell whether an integer's text is the shortest of a double beyond 53 bits, filled up with zeros."""
    digits = text.lstrip("-")
    if not digits.isdigit() or not json_any.EXACT < int(digits) < 10**21:
        return False
    shortest = repr(float(digits)).partition("e")[0].replace(".", "").rstrip("0")
    return digits.rstrip("0") == shortest


def _member_type(type_: t.Type | None, name: str) -> t.Type | None:
    match type_:
        case t.Record(fields=fields) if not json_any.is_any(type_):
            return next((f.type for f in fields if f.name == name), None)
        case t.Union(alternatives=alternatives):
            return next((a for a in alternatives if a.name == name), None)
        case t.Mapping(value=value):
            return value
        case _:
            return None
