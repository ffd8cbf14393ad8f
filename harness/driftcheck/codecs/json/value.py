"""
Typed values as JSON: writes them well-formed, and reads documents strictly, for comparison.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections.abc import Iterable
from typing import Any

import attrs

from driftcheck.codecs.json import any_value as json_any
from driftcheck.core import types as t


def write(value: Any, type_: t.Type) -> str:
    """Write a value compactly: the form of its declared type that encoding/json and serde_json both read.

    A record is an object of all its fields in order, a union an object with the record's name around it,
    None null, a member its name, bytes padded base64. JSON has no infinities and no NaN, so these become
    null. A record of a schema version has the fields of that schema version.
    """
    name = t.schema_version_field(type_)
    if name is not None:
        type_ = t.at_schema_version(t.bare(type_), getattr(value, name))
    return _write(value, type_)


def _write(value: Any, type_: t.Type) -> str:
    match t.bare(type_):
        case t.Optional(inner=inner):
            return "null" if value is None else _write(value, inner)
        case record if json_any.is_any(record):
            return json_any.write(value, _scalar)
        case t.Record(fields=fields):
            return _object((f.name, _write(getattr(value, f.name), f.type)) for f in fields)
        case t.Union(alternatives=alternatives):
            record = next(a for a in alternatives if a.cls is type(value))
            return _object([(record.name, _write(value, record))])
        case t.Sequence(inner=inner):
            return "[" + ",".join(_write(item, inner) for item in value) + "]"
        case t.Mapping(key=key, value=inner):
            return _object((key_text(k, key), _write(v, inner)) for k, v in value.items())
        case t.Bool():
            return "true" if value else "false"
        case t.Int():
            return str(int(value))
        case t.Float():
            return _float(value)
        case t.Text() | t.Bytes() | t.Enumeration() as scalar:
            return _text(key_text(value, scalar))
        case other:
            raise AssertionError(f"{other!r} has no form in JSON")


def key_text(value: Any, type_: t.Type) -> str:
    """Return the text that stands for a scalar where JSON takes text only, as in the keys of a map."""
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
            raise AssertionError(f"{other!r} has no form in JSON")


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
    return json.dumps(text, ensure_ascii=False)


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
class Number:
    """A number that was read: equal to one of the same value, unequal to a truth value; 0 is not -0."""

    text: str  # an integer's digits, else the shortest text of a double


def read(data: bytes, type_: t.Type) -> Any:
    """Return what a document means, as dicts, lists, texts, bools, None and `Number`s.

    It is strict by RFC 8259, and by I-JSON (RFC 7493) where RFC 8259 leaves a choice.

    Raises:
        ValueError: it is not JSON, or has a repeated name, a lone surrogate or a number beyond a double.
    """
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_unique,
            parse_float=Number,
            parse_int=Number,
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
    raise ValueError(f"the document holds {text}, which is no JSON")


def _as_declared(value: Any, type_: t.Type | None) -> Any:
    """Bring equal numbers to one text, by the declared type where there is one; raises on lone surrogates."""
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
            return [_as_declared(item, inner) for item in value]
        case str():
            return _sound(value)
        case Number(text=text):
            return _canonical(text, bare)
        case _:
            return value


def _sound(text: str) -> str:
    text.encode()  # raises where a surrogate stands alone
    return text


def _canonical(text: str, type_: t.Type | None) -> Number:
    if not isinstance(type_, t.Int) and _is_double(text):
        return Number(str(int(float(text))))  # zeros stand for its last digits
    if text == "-0" or (text.lstrip("-").isdigit() and not isinstance(type_, t.Float)):
        return Number("0" if text == "-0" and isinstance(type_, t.Int) else text)
    value = float(text)
    if math.isinf(value):
        raise ValueError("the document holds a number beyond a double")
    if not value.is_integer():
        return Number(repr(value))
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
