"""
Typed values as CBOR, and the meaning of a CBOR document, in a form that is equal for equal meanings.

A record is a map of its fields by name, as in serde and with Go's struct tags. Knows nothing of mutations or
features.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftcheck.codecs.cbor import head as h
from driftcheck.core import types as t

SELF_DESCRIBED = 55799  # the tag that marks a document as CBOR (RFC 8949, 3.4.6)
MAX_DEPTH = 1_000  # of what is compared; past every limit that a library of the contracts has


def write(value: Any, type_: t.Type, *, deterministic: bool = False) -> bytes:
    """Write a value: definite lengths, shortest heads, maps sorted by the bytes of their keys.

    A union is a map of one entry, the record's name, None is null, a member its name. A record's fields
    stand in their order, items without an order are sorted, and a float takes eight bytes; `deterministic`
    sorts fields, too, and shortens floats (RFC 8949, 4.2.1). A record of a schema version has the fields of
    that schema version.
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
            case t.Sequence(inner=inner, unordered=unordered):
                items = [written(item, inner) for item in value]
                return h.head(h.ARRAY, len(items)) + b"".join(sorted(items) if unordered else items)
            case t.Mapping(key=key, value=inner):
                return _map([(written(k, key), written(v, inner)) for k, v in value.items()])
            case t.Float() if deterministic:
                return h.shortest_float(value)
            case scalar:
                return _scalar(value, scalar)

    name = t.schema_version_field(type_)
    return written(value, type_ if name is None else t.at_schema_version(t.bare(type_), getattr(value, name)))


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
            raise AssertionError(f"{other!r} cannot be written in CBOR")


def _map(pairs: list[tuple[bytes, bytes]], *, sort: bool = True) -> bytes:
    if sort:
        pairs = sorted(pairs)
    return h.head(h.MAP, len(pairs)) + b"".join(key + value for key, value in pairs)


def plain(type_: t.Type) -> bytes:
    """Write the simplest value of a type within its bounds."""
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
            raise AssertionError(f"{other!r} cannot be written in CBOR")


@attrs.define
class _Open:
    """An array, a map or a tag that is being read."""

    major: int
    left: int  # how many items it still takes; -1: until a break
    tag: int
    parts: list[bytes] = attrs.field(factory=list)

    def whole(self) -> bytes:
        """Return what it means, now that all of its items are there."""
        if self.major == h.ARRAY:
            return h.head(h.ARRAY, len(self.parts)) + b"".join(self.parts)
        if self.major == h.MAP:
            if len(self.parts) % 2:
                raise ValueError("a map ends after a key")
            return _map(list(zip(self.parts[::2], self.parts[1::2], strict=True)))
        (content,) = self.parts
        if self.tag in (2, 3) and content[0] >> 5 == h.BYTES:
            _, _, at, _ = _head(content, 0)
            number = int.from_bytes(content[at:], "big")
            return h.integer(number if self.tag == 2 else -1 - number)
        return content if self.tag == SELF_DESCRIBED else h.head(h.TAG, self.tag) + content


def read(data: bytes) -> bytes:
    """Return what a document means, in the form that `write` uses.

    Halves, singles and doubles of one value are equal. The float 0 is neither -0 nor an integer. A bignum is
    its integer, and the tag of CBOR itself is left out. A repeated entry of a map stays.

    Raises:
        ValueError: the document is not well-formed by RFC 8949, has text that is not UTF-8, or has more bytes
            after the item.
    """
    meant, at = _item(data, 0)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes follow the item")
    return meant


def is_sequence(data: bytes) -> bool:
    """Tell whether the bytes are some well-formed items, one after the other."""
    at = 0
    try:
        while at < len(data):
            _, at = _item(data, at)
    except ValueError:
        return False
    return True


def _item(data: bytes, at: int) -> tuple[bytes, int]:
    """Read the item at a position, without recursion; return what it means and where it ends."""
    stack: list[_Open] = []
    while True:
        major, number, at, packed = _head(data, at)
        part: bytes | None = None
        if major in (h.ARRAY, h.MAP, h.TAG):
            stack.append(_opened(major, number))
            if len(stack) > MAX_DEPTH:
                raise ValueError("the document is nested too deep")
        elif major == h.OTHER and number is None:
            if not stack or stack[-1].left >= 0:
                raise ValueError("a break code is where none is allowed")
            part = stack.pop().whole()
        elif major in (h.BYTES, h.TEXT):
            part, at = _string(data, at, major, number)
        else:
            part = _scalar_of(major, number, packed)
        while part is not None or (stack and stack[-1].left == 0):
            if part is None:
                part = stack.pop().whole()
            if not stack:
                return part, at
            stack[-1].parts.append(part)
            stack[-1].left -= stack[-1].left > 0
            part = None


def _opened(major: int, number: int | None) -> _Open:
    if major == h.TAG:
        if number is None:
            raise ValueError("a tag has no number")
        return _Open(major, 1, number)
    return _Open(major, -1 if number is None else number * (2 if major == h.MAP else 1), 0)


def _scalar_of(major: int, number: int | None, packed: bytes) -> bytes:
    """Return what an integer, a float or a simple value means."""
    if number is None:
        raise ValueError("an integer has no length")
    if major != h.OTHER:
        return h.head(major, number)
    if len(packed) > 1:
        return h.double_of_bits(h.widened(packed))
    if packed and number < 32:
        raise ValueError("a simple value below 32 takes two bytes")
    return h.head(h.OTHER, number)


def _head(data: bytes, at: int) -> tuple[int, int | None, int, bytes]:
    """Return major type, number (None: indefinite), where the head ends, and its bytes after the first."""
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


def _string(data: bytes, at: int, major: int, length: int | None) -> tuple[bytes, int]:
    chunks = []
    if length is not None:
        chunks.append(data[at : at + length])
        at += length
    else:
        while data[at : at + 1] != h.BREAK:
            inner, number, at, _ = _head(data, at)
            if inner != major or number is None:
                raise ValueError("a chunk of a string is not a string of the same kind with a length")
            chunks.append(data[at : at + number])
            at += number
        at += 1
    if at > len(data):
        raise ValueError("the document ends too early")
    if major == h.TEXT:
        for chunk in chunks:
            chunk.decode()  # raises if it is not UTF-8
    content = b"".join(chunks)
    return h.head(major, len(content)) + content, at
