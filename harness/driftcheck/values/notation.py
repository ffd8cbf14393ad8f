"""
Values as JSON that people read and edit, and back, by their declared types.

docs/reference/case-file.md is normative. Values are built only from the types of the contract: no name in a
file selects a class. Of traces it knows only their documents.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from typing import Any

from driftcheck.core import types as t
from driftcheck.core.author_code import Misbehaviour, call
from driftcheck.core.errors import CodecError
from driftcheck.core.payload import Payload
from driftcheck.core.shorten import shorten
from driftcheck.core.suggest import advice
from driftcheck.core.trace import Document, Name
from driftcheck.values.encoding import OutsideType, decoder

MAX_DOCUMENT = 512 << 10  # bytes of a payload; to name the features of that many takes seconds
_NAN = "7ff8000000000000"  # the NaN that is written "nan"
_LONGEST = 40  # characters of a value in a message


def write(type_: t.Type, value: Any) -> Any:
    """Return `value`, which is of `type_`, as JSON data."""
    match type_:
        case t.Named(inner=inner):
            return write(inner, value.value if isinstance(value, Name) else value)
        case t.Choice(inner=inner) | t.Generated(inner=inner):
            return write(inner, value)
        case t.Bool() | t.Int() | t.Text():
            return value
        case t.Float():
            return _write_float(value)
        case t.Bytes():
            return write_bytes(value, text=_is_printable)
        case t.Enumeration():
            return value.name
        case t.Record(fields=fields):
            return {f.name: write(f.type, getattr(value, f.name)) for f in fields}
        case t.Union(alternatives=alternatives):
            alternative = next(a for a in alternatives if a.cls is type(value))
            return {alternative.name: write(alternative, value)}
        case t.Optional(inner=inner):
            return None if value is None else write(inner, value)
        case t.Sequence(inner=inner):
            return [write(inner, item) for item in value]
        case t.Mapping(key=key, value=of_value):
            pairs = [(write(key, k), write(of_value, v)) for k, v in value.items()]
            return dict(pairs) if _has_text_keys(key) else [list(pair) for pair in pairs]
        case t.Payload():
            return write_document(type_, value)
        case t.Handle() | t.Steps() | t.Peer():
            return None


def write_document(type_: t.Payload, value: Document | Payload[Any, Any]) -> dict[str, Any]:
    """Return a payload as JSON data, with its value, mutations and origin if they are known."""
    data = write_bytes(value.data, text=lambda text: True)
    if "hex" in data:
        data["reads"] = value.data.decode("utf-8", "backslashreplace")
    if isinstance(value, Document):
        if value.mutations:
            data["mutations"] = list(value.mutations)
        if value.seed is not None:
            data["seed"] = value.seed
        if value.value is not None:
            data["value"] = write(type_.inner, value.value)
    return data


def write_bytes(data: bytes, *, text: Any) -> dict[str, Any]:
    """Return bytes as text if they are UTF-8 and `text` accepts them, else as hex digits."""
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        return {"hex": data.hex(" ")}
    return {"text": decoded} if text(decoded) else {"hex": data.hex(" ")}


def _is_printable(text: str) -> bool:
    return text.isprintable()


def _write_float(value: float) -> Any:
    if math.isfinite(value):
        return float(value)
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    bits = struct.pack(">d", value).hex()
    return "nan" if bits == _NAN else {"bits": bits}


def read(type_: t.Type, data: Any) -> Any:
    """Return the value of `type_` that JSON data describes.

    Raises:
        OutsideType: it describes none; the reason is for people.
    """
    if isinstance(t.bare(type_), t.Payload):
        return read_document(t.bare(type_), data)  # type: ignore[arg-type] # a payload
    return decoder(type_)(_plain(type_, data))


def read_document(type_: t.Payload, data: Any) -> Document:
    """Return the document that JSON data describes, without its value if the bytes were edited."""
    if not isinstance(data, dict):
        raise OutsideType(f'is {found(data)}, but a payload is expected: {{"text": ...}} or {{"hex": ...}}')
    known = {k: v for k, v in data.items() if k not in ("mutations", "seed", "value", "reads")}
    content = _read_bytes(known)
    if len(content) > MAX_DOCUMENT:
        raise OutsideType(f"has {len(content)} bytes, and a payload in a file has at most {MAX_DOCUMENT}")
    mutations, seed = data.get("mutations", []), data.get("seed")
    if not isinstance(mutations, list) or not all(isinstance(m, str) for m in mutations):
        raise OutsideType("has 'mutations' that are not a list of texts")
    if seed is not None and not isinstance(seed, str):
        raise OutsideType(f"has {found(seed)} as 'seed', but text is expected")
    value = _value_of_document(type_, data.get("value"))
    if value is not None and not mutations and seed is None:
        try:
            if _encoded(type_, value) != content:
                value = None  # the bytes were edited
        except ValueError:
            value = None
    return Document(content, value, tuple(mutations), seed)


def _encoded(type_: t.Payload, value: Any) -> bytes:
    name = type_.codec.name

    def fails(misbehaviour: Misbehaviour) -> CodecError:
        return CodecError(name, misbehaviour.sentence("'encode'", "it must encode every value of its type"))

    return call(type_.codec.encode_typed, value, type_.inner, fails=fails, passing=(ValueError,))


def _value_of_document(type_: t.Payload, data: Any) -> Any:
    """Return the value of the bytes, or None if the contract no longer has such a value."""
    if data is None:
        return None
    try:
        return read(type_.inner, data)
    except OutsideType:
        return None


def _plain(type_: t.Type, data: Any) -> Any:
    """Turn JSON data into plain CBOR data; the decoder checks its constraints."""
    match t.bare(type_):
        case t.Bool():
            return _of(bool, data, "true or false")
        case t.Int():
            return _of(int, data, "a whole number")
        case t.Float():
            return _read_float(data)
        case t.Text():
            return _read_text(data)
        case t.Bytes():
            return _read_bytes(data)
        case t.Enumeration(name=name, members=members):
            names = [m.name for m in members]
            if not isinstance(data, str) or data not in names:
                raise OutsideType(f"is {found(data)}, which is not a member of {name}; {advice(data, names)}")
            return names.index(data)
        case t.Record(fields=fields) as record:
            check_keys(data, [f.name for f in fields], record.name)
            return [_within(f.name, f.type, data[f.name]) for f in fields]
        case t.Union(alternatives=alternatives) as union:
            return _read_union(union, [a.name for a in alternatives], data)
        case t.Optional(inner=inner):
            return None if data is None else _plain(inner, data)
        case t.Sequence(inner=inner):
            items = _of(list, data, "a list")
            return [_within(f"[{i}]", inner, item) for i, item in enumerate(items)]
        case t.Mapping(key=key, value=value):
            return _read_mapping(key, value, data)
        case _:
            raise AssertionError(f"{type_!r} stands only by itself, as an argument")


def _within(part: str, type_: t.Type, data: Any) -> Any:
    try:
        return _plain(type_, data)
    except OutsideType as fault:
        raise fault.at(part) from None


def _read_union(union: t.Union, names: list[str], data: Any) -> Any:
    if not isinstance(data, dict) or len(data) != 1:
        raise OutsideType(
            f"is {found(data)}, but an object of one key is expected: one of {', '.join(names)}"
        )
    ((name, inner),) = data.items()
    if name not in names:
        raise OutsideType(
            f"is of {word(name)}, which is not an alternative of {union.name}; {advice(name, names)}"
        )
    index = names.index(name)
    return [index, _within(name, union.alternatives[index], inner)]


def _read_mapping(key: t.Type, value: t.Type, data: Any) -> Any:
    pairs: Iterable[Any]
    if _has_text_keys(key):
        pairs = _of(dict, data, "an object").items()
    else:
        pairs = _of(list, data, "a list of pairs")
    out: dict[Any, Any] = {}
    for i, pair in enumerate(pairs):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise OutsideType(f"is {found(pair)}, but a pair [key, value] is expected", f"[{i}]")
        of_key = _within(f"[{i}]", key, pair[0])
        if of_key in out:
            raise OutsideType(f"contains the key {_cut(repr(of_key))} twice")
        out[of_key] = _within(f"[{_cut(repr(pair[0]))}]", value, pair[1])
    return out


def _has_text_keys(key: t.Type) -> bool:
    return isinstance(t.bare(key), t.Text | t.Enumeration)


def _of(cls: type, data: Any, wanted: str) -> Any:
    if type(data) is not cls:
        raise OutsideType(f"is {found(data)}, but {wanted} is expected")
    return data


def _read_float(data: Any) -> float:
    match data:
        case bool():
            pass
        case float():
            return data
        case int() if int(float(data)) == data:
            return float(data)
        case "nan" | "inf" | "-inf":
            return float(data)
        case {"bits": str(bits), **rest} if not rest and _is_hex(bits) and len(bits) == 16:
            return float(struct.unpack(">d", bytes.fromhex(bits))[0])
    wanted = 'a number, "nan", "inf", "-inf" or {"bits": 16 hex digits}'
    raise OutsideType(f"is {found(data)}, but {wanted} is expected")


def _read_text(data: Any) -> str:
    text: str = _of(str, data, "text")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise OutsideType("contains a lone surrogate, which text cannot have")
    return text


def _read_bytes(data: Any) -> bytes:
    match data:
        case {"text": str(text), **rest} if not rest:
            try:
                return text.encode()
            except UnicodeEncodeError:
                raise OutsideType("contains a lone surrogate; give such bytes as hex") from None
        case {"hex": str(digits), **rest} if not rest:
            close = digits.replace(" ", "")
            if not _is_hex(close):
                raise OutsideType(f"has {found(digits)} as 'hex', which is not an even number of hex digits")
            return bytes.fromhex(close)
    raise OutsideType(f'is {found(data)}, but bytes are expected: {{"text": ...}} or {{"hex": ...}}')


def _is_hex(digits: str) -> bool:
    return len(digits) % 2 == 0 and all(c in "0123456789abcdefABCDEF" for c in digits)


def check_keys(data: Any, wanted: list[str], of: str, optional: Iterable[str] = ()) -> None:
    """Check that data is an object with exactly these keys and any of the optional ones.

    Raises:
        OutsideType: says which key is missing or unknown.
    """
    if not isinstance(data, dict):
        raise OutsideType(f"is {found(data)}, but an object is expected")
    known = [*wanted, *optional]
    for key in data:
        if key not in known:
            raise OutsideType(f"contains {word(key)}, which {of} does not have; {advice(key, known)}")
    for key in wanted:
        if key not in data:
            raise OutsideType(f"lacks {key!r}; add it")


def found(data: Any) -> str:
    """Describe JSON data in a few words."""
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case dict():
            return "an object" if data else "an empty object"
        case list():
            return "a list"
        case str():
            return f"the text {word(data)}"
        case _:
            return _cut(str(data))


def word(text: str) -> str:
    """Return text in quotes, cut to a bounded length."""
    return _cut(repr(text))


def _cut(text: str) -> str:
    return shorten(text, _LONGEST)
