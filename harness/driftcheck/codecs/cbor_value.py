"""
Typed values as CBOR, and what a document of CBOR means, in forms that are equal for equal meanings.

A record is a map of all its fields by name, as serde and Go's struct tags have it. Knows nothing of
mutations or oddities.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.codecs import cbor_head as h
from driftcheck.contract import types as t

SELF_DESCRIBED = 55799  # the tag that says that this is CBOR, and nothing else (RFC 8949, 3.4.6)
MAX_DEPTH = 300  # of what is compared; past every limit that a library of the contracts has


def write(value: Any, type_: t.Type, *, deterministic: bool = False) -> bytes:
    """Write a value: definite lengths, shortest heads, maps sorted by the bytes of their keys.

    A union is a map of one entry, the record's name, None is null, a member its name. A record's fields
    stand in their order and a float takes eight bytes; `deterministic` sorts fields, too, and shortens
    floats (RFC 8949, 4.2.1).
    """

    def written(value: Any, type_: t.Type) -> bytes:
        match t.bare(type_):
            case t.Optional(inner=inner):
                return h.NULL if value is None else written(value, inner)
            case t.Record(fields=fields):
                pairs = [(h.text(f.name), written(getattr(value, f.name), f.type)) for f in fields]
                return _map(pairs, sort=deterministic)
            case t.Union(alternatives=alternatives):
                record = next(a for a in alternatives if a.cls is type(value))
                return _map([(h.text(record.name), written(value, record))])
            case t.Sequence(inner=inner):
                return h.head(h.ARRAY, len(value)) + b"".join(written(item, inner) for item in value)
            case t.Mapping(key=key, value=inner):
                return _map([(written(k, key), written(v, inner)) for k, v in value.items()])
            case t.Float() if deterministic:
                return h.shortest_float(value)
            case scalar:
                return _scalar(value, scalar)

    return written(value, type_)


def _scalar(value: Any, type_: t.Type) -> bytes:
    match type_:
        case t.Bool():
            return h.TRUE if value else h.FALSE
        case t.Int():
            return h.integer(int(value))
        case t.Float():
            return h.double(value)
        case t.Text():
            return h.text(value)
        case t.Bytes():
            return h.bytestring(value)
        case t.Enumeration():
            return h.text(value.name)
        case other:
            raise AssertionError(f"{other!r} has no form in CBOR")


def _map(pairs: list[tuple[bytes, bytes]], *, sort: bool = True) -> bytes:
    if sort:
        pairs = sorted(pairs)
    return h.head(h.MAP, len(pairs)) + b"".join(key + value for key, value in pairs)


def plain(type_: t.Type) -> bytes:
    """Write the simplest value of a type, as far as its bounds tell."""
    match t.bare(type_):
        case t.Optional():
            return h.NULL
        case t.Record(fields=fields):
            return _map([(h.text(f.name), plain(f.type)) for f in fields], sort=False)
        case t.Union(alternatives=alternatives):
            return _map([(h.text(alternatives[0].name), plain(alternatives[0]))])
        case t.Sequence(inner=inner, min_len=length):
            return h.head(h.ARRAY, length) + plain(inner) * length
        case t.Mapping():
            return h.head(h.MAP, 0)
        case t.Bool():
            return h.FALSE
        case t.Int(lo=lo, hi=hi):
            return h.integer(min(max(lo, 0), hi))
        case t.Float(lo=lo, hi=hi):
            return h.double(min(max(lo, 0.0), hi))
        case t.Text(min_len=length):
            return h.text("a" * length)
        case t.Bytes(min_len=length):
            return h.bytestring(bytes(length))
        case t.Enumeration(members=members):
            return h.text(members[0].name)
        case other:
            raise AssertionError(f"{other!r} has no form in CBOR")


@attrs.frozen
class Float:
    """A float by the bits of its double: half, single and double are equal, 0 is not -0 and no integer."""

    bits: int


@attrs.frozen
class Simple:
    """A simple value: false 20, true 21, null 22, undefined 23."""

    number: int


@attrs.frozen
class Tag:
    """A tagged item; a bignum is the integer that it stands for, and the tag of CBOR itself is left out."""

    number: int
    content: Any


@attrs.frozen
class Map:
    """Pairs of key and value in the order of their reprs: equal whatever the order in the document."""

    pairs: tuple[tuple[Any, Any], ...]


def read(data: bytes) -> Any:
    """Return what a document means: ints, bytes, texts, tuples, and the classes above.

    Strict as RFC 8949 is: what is not well-formed, a text that is not UTF-8, and anything behind the item
    raise ValueError. An entry that a map repeats stays.
    """
    value, at = _outermost(data, 0)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes stand behind the item")
    return value


def is_sequence(data: bytes) -> bool:
    """Say whether the bytes are some well-formed items, one behind the other."""
    at = 0
    try:
        while at < len(data):
            _, at = _outermost(data, at)
    except ValueError:
        return False
    return True


def _outermost(data: bytes, at: int) -> tuple[Any, int]:
    try:
        return _item(data, at, MAX_DEPTH)
    except RecursionError:  # of a caller who stands deep himself
        raise ValueError(f"it is nested more deeply than {MAX_DEPTH} levels, or too deeply here") from None


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    major, number, at, packed = _head(data, at)
    if depth == 0:
        raise ValueError("the document is nested too deep")
    match major:
        case h.UINT | h.NINT if number is not None:
            return (number if major == h.UINT else -1 - number), at
        case h.BYTES | h.TEXT:
            return _string(data, at, major, number)
        case h.ARRAY:
            items, at = _items(data, at, number, depth)
            return tuple(items), at
        case h.MAP:
            items, at = _items(data, at, None if number is None else 2 * number, depth)
            if len(items) % 2:
                raise ValueError("a map ends behind a key")
            return Map(tuple(sorted(zip(items[::2], items[1::2], strict=True), key=repr))), at
        case h.TAG if number is not None:
            content, at = _item(data, at, depth - 1)
            if number in (2, 3) and isinstance(content, bytes):
                value = int.from_bytes(content, "big")
                return (value if number == 2 else -1 - value), at
            if number == SELF_DESCRIBED:
                return content, at
            return Tag(number, content), at
        case h.OTHER if number is not None:
            if len(packed) > 1:
                return Float(h.widened(packed)), at
            if packed and number < 32:
                raise ValueError("a simple value below 32 takes two bytes")
            return Simple(number), at
    raise ValueError("a head has no length where it needs one, or a break stands alone")


def _head(data: bytes, at: int) -> tuple[int, int | None, int, bytes]:
    """Return major type, number (None: indefinite), where the head ends, and its bytes behind the first."""
    if at >= len(data):
        raise ValueError("the document ends too early")
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, at + 1, b""
    if info == h.INDEFINITE:
        return major, None, at + 1, b""
    if info not in h.WIDTHS:
        raise ValueError(f"a head has the reserved additional information {info}")
    packed = data[at + 1 : at + 1 + h.WIDTHS[info]]
    if len(packed) < h.WIDTHS[info]:
        raise ValueError("the document ends too early")
    return major, int.from_bytes(packed, "big"), at + 1 + len(packed), packed


def _string(data: bytes, at: int, major: int, length: int | None) -> tuple[Any, int]:
    chunks = []
    if length is not None:
        chunks.append(data[at : at + length])
        at += length
    else:
        while data[at : at + 1] != h.BREAK:
            inner, number, at, _ = _head(data, at)
            if inner != major or number is None:
                raise ValueError("a chunk of a string is no string of its kind and of a length")
            chunks.append(data[at : at + number])
            at += number
        at += 1
    if at > len(data):
        raise ValueError("the document ends too early")
    if major == h.BYTES:
        return b"".join(chunks), at
    return "".join(chunk.decode() for chunk in chunks), at


def _items(data: bytes, at: int, count: int | None, depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    while len(items) != count:
        if count is None and data[at : at + 1] == h.BREAK:
            return items, at + 1
        item, at = _item(data, at, depth - 1)
        items.append(item)
    return items, at
