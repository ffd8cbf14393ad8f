"""
Values on the wire: turns typed Python values into plain CBOR data and back, with one closure for each type.

Knows types only. The canonical form is that of RFC 8949, 4.2, except that floats always have 8 bytes;
docs/reference/wire.md is normative.
"""

from __future__ import annotations

import math
import re
import reprlib
import struct
from collections.abc import Callable
from typing import Any

import cbor2

from driftcheck.core import types as t
from driftcheck.core.author_code import Misbehaviour, call, contract_at_work
from driftcheck.core.errors import ContractError
from driftcheck.core.payload import Payload
from driftcheck.core.shorten import shown
from driftcheck.core.trace import Document, Name, Ref

TEXT_TAG = 25699  # around the bytes of a Go string that is not UTF-8
NOT_UTF8 = "is text that is not UTF-8"  # the reason why such a string is outside its type
CANONICAL_NAN = bytes.fromhex("fb7ff8000000000000")

Encode = Callable[[Any], Any]
Write = Callable[[Any], bytes]
Decode = Callable[[Any], Any]


class OutsideType(ValueError):
    """A value does not belong to its declared type."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def at(self, part: str) -> OutsideType:
        """Return the same error for the value around this one."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return OutsideType(self.reason, f"{part}{joint}{self.path}")

    def __str__(self) -> str:
        return f"{self.path or 'the value'} {self.reason}"


class _Bits:
    """The nine bytes of a float, which cbor2 would shorten."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def _write_bits(encoder: Any, value: Any) -> None:
    if not isinstance(value, _Bits):
        raise TypeError(f"{value!r} does not travel")
    encoder.write(value.data)


def dumps(plain: Any) -> bytes:
    """Encode plain data; maps keep their order."""
    return cbor2.dumps(plain, default=_write_bits)


def _refuse_tag(value: Any, immutable: bool) -> Any:
    raise ValueError("it contains a tag that no SDK writes")


# Tags of which cbor2 would make something of its own, such as a number of any length, a list that holds
# itself, or few bytes that stand for many. 25699 is not among them.
_REFUSED = dict.fromkeys(
    (
        *range(6),
        *(25, 28, 29, 30, 35, 36, 37, 52, 54, 100),
        *(256, 258, 260, 261, 1004, 43000, 55799),
    ),
    _refuse_tag,
)


def load_strictly(data: bytes) -> Any:
    """Decode what a subject sent: plain data, which takes no more room than its bytes let expect.

    Raises:
        ValueError: it is not CBOR, or more than docs/reference/wire.md allows.
    """
    try:
        return cbor2.loads(
            data,
            semantic_decoders=_REFUSED,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORDecodeError, ValueError, TypeError) as error:
        raise ValueError(str(error.__cause__ or error)) from None


class _Glimpse(reprlib.Repr):
    """A `repr` of bounded length. Its first characters are those of `repr`, also of a value of any size."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = self.maxlist = self.maxtuple = self.maxdict = _GLIMPSE
        self.maxstring = self.maxother = 4 * _GLIMPSE

    def repr_bytes(self, value: bytes, level: int) -> str:
        return repr(value[:_GLIMPSE])

    def repr_CBORTag(self, value: Any, level: int) -> str:  # noqa: N802 # reprlib names it after the type
        return f"CBORTag({value.tag}, {self.repr1(value.value, level - 1)})"


_GLIMPSE = 80  # characters that are shown, and so the most items and levels of which anything is seen
_GLIMPSES = _Glimpse()


def glimpse(value: Any) -> str:
    """Return plain data of a subject as a message shows it."""
    text = "null" if value is None else _GLIMPSES.repr(value)
    return text if len(text) < _GLIMPSE else f"{text[: _GLIMPSE - 3]}..."


def _same(value: Any) -> Any:
    return value


def encoder(type_: t.Type) -> Encode:
    """Return the function from a value of `type_` to plain CBOR data."""
    match type_:
        case t.Named(inner=inner):
            of_name = encoder(inner)
            return lambda v: of_name(v.value if type(v) is Name else v)
        case t.Choice(inner=inner) | t.Generated(inner=inner):
            return encoder(inner)
        case t.Bool() | t.Int() | t.Text() | t.Bytes():
            return _same
        case t.Float(nan_equal=nan_equal):
            return _float_encoder(nan_equal)
        case t.Enumeration(members=members):
            index = {member: i for i, member in enumerate(members)}
            return index.__getitem__
        case t.Record(fields=fields):
            parts = [(f.name, encoder(f.type)) for f in fields]
            return lambda v: [encode(getattr(v, name)) for name, encode in parts]
        case t.Union(alternatives=alternatives):
            by_class = {a.cls: (i, encoder(a)) for i, a in enumerate(alternatives)}

            def encode_union(value: Any) -> Any:
                i, encode = by_class[type(value)]
                return [i, encode(value)]

            return encode_union
        case t.Optional(inner=inner):
            of_inner = encoder(inner)
            return lambda v: None if v is None else of_inner(v)
        case t.Sequence(inner=inner, unordered=unordered):
            of_item = encoder(inner)
            if unordered:
                return lambda v: sorted(map(of_item, v), key=dumps)
            return _as_list if of_item is _same else lambda v: [of_item(item) for item in v]
        case t.Mapping(key=key, value=value_type):
            of_key, of_value = encoder(key), encoder(value_type)
            return lambda v: {
                k: of_value(x) for k, x in sorted(((of_key(k), x) for k, x in v.items()), key=_key_order)
            }
        case t.Payload():
            return lambda v: v.data
        case t.Handle():
            return lambda v: v.step if type(v) is Ref else None
        case t.Peer():
            return lambda v: v.number
        case t.Steps():
            raise AssertionError("a run of steps does not travel")


def _as_list(value: Any) -> Any:
    return list(value)


def _key_order(pair: tuple[Any, Any]) -> bytes:
    return dumps(pair[0])


def _float_encoder(nan_equal: bool) -> Encode:
    def encode(value: float) -> Any:
        if math.isfinite(value):
            return float(value)
        if nan_equal and value != value:
            return _Bits(CANONICAL_NAN)
        return _Bits(b"\xfb" + struct.pack(">d", value))

    return encode


def head(major: int, number: int) -> bytes:
    """Return the shortest CBOR head of a major type with a length, a count or an unsigned number."""
    if number < 24:
        return _SHORT_HEADS[major << 5 | number]
    unsigned = cbor2.dumps(number)
    return bytes([major << 5 | unsigned[0]]) + unsigned[1:]


_SHORT_HEADS = [bytes([first]) for first in range(256)]


def writer(type_: t.Type) -> Write:
    """Return the function from a value of `type_` to the bytes that `encoder` and `dumps` make of it.

    It writes the most frequent types without cbor2. A call of cbor2 for each argument takes half the time of
    a run.
    """
    match type_:
        case t.Named(inner=inner):
            of_name = writer(inner)
            return lambda v: of_name(v.value if type(v) is Name else v)
        case t.Int():
            return lambda v: head(0, v) if v >= 0 else head(1, -1 - v)
        case t.Text():
            return _write_text
        case t.Bytes():
            return _write_bytes
        case t.Payload():
            return lambda v: _write_bytes(v.data)
        case t.Handle():
            return lambda v: head(0, v.step)
        case _:
            encode = encoder(type_)
            return lambda v: dumps(encode(v))


def _write_text(value: str) -> bytes:
    data = value.encode()
    return head(3, len(data)) + data


def _write_bytes(value: bytes) -> bytes:
    return head(2, len(value)) + value


def decoder(type_: t.Type) -> Decode:
    """Return the function from plain CBOR data to a value of `type_`.

    The function raises OutsideType if the data is not such a value or breaks a constraint. It does not run
    the author's own validators.
    """
    match type_:
        case t.Named(inner=inner) | t.Generated(inner=inner):
            return decoder(inner)
        case t.Choice(inner=inner, values=values):
            return _choice_decoder(decoder(inner), values)
        case t.Bool():
            return lambda v: v if v is True or v is False else _fail(v, "bool")
        case t.Int(lo=lo, hi=hi):

            def decode_int(value: Any) -> Any:
                if type(value) is not int:
                    return _fail(value, "int")
                if not lo <= value <= hi:
                    raise OutsideType(f"is {value}, outside {lo} to {hi}")
                return value

            return decode_int
        case t.Float(lo=low, hi=high):
            return _float_decoder(low, high)
        case t.Text() | t.Bytes():
            return _sized_decoder(type_)
        case t.Enumeration(members=members):

            def decode_member(value: Any) -> Any:
                if type(value) is not int or not 0 <= value < len(members):
                    raise OutsideType(f"is {shown(value)}, which is not the number of a member")
                return members[value]

            return decode_member
        case t.Record(cls=cls, fields=fields):
            return _record_decoder(cls, [(f.name, decoder(f.type)) for f in fields])
        case t.Union(alternatives=alternatives):
            decoders = [decoder(a) for a in alternatives]

            def decode_union(value: Any) -> Any:
                if type(value) is not list or len(value) != 2 or type(value[0]) is not int:
                    return _fail(value, type_.name)
                if not 0 <= value[0] < len(decoders):
                    raise OutsideType(f"is {value[0]}, which is not the number of an alternative", "[0]")
                return decoders[value[0]](value[1])

            return decode_union
        case t.Optional(inner=inner):
            of_inner = decoder(inner)
            return lambda v: None if v is None else of_inner(v)
        case t.Sequence():
            return _sequence_decoder(type_)
        case t.Mapping():
            return _mapping_decoder(type_)
        case t.Payload():
            return lambda v: Payload(v) if type(v) is bytes else _fail(v, "bytes")
        case t.Handle():
            return lambda v: None if v is None else _fail(v, "handle")
        case t.Peer():
            raise AssertionError("a peer is no part of a reply")
        case t.Steps():
            raise AssertionError("a run of steps does not travel")


def _fail(value: Any, wanted: str) -> Any:
    if isinstance(value, cbor2.CBORTag) and value.tag == TEXT_TAG and type(value.value) is bytes:
        start, more = value.value[:_GLIMPSE], "..." if len(value.value) > _GLIMPSE else ""
        raise OutsideType(f"{NOT_UTF8} (bytes {start.hex(' ')}{more})")
    raise OutsideType(f"is {glimpse(value)}, but {wanted} is expected")


def _choice_decoder(of_inner: Decode, values: tuple[Any, ...]) -> Decode:
    def decode(value: Any) -> Any:
        decoded = of_inner(value)
        if decoded not in values:
            raise OutsideType(f"is {shown(decoded)}, which is not among the values of in_")
        return decoded

    return decode


def _float_decoder(lo: float, hi: float) -> Decode:
    bounded = lo != -math.inf or hi != math.inf

    def decode(value: Any) -> Any:
        if type(value) is not float:
            return _fail(value, "float")
        if bounded and not lo <= value <= hi:
            raise OutsideType(f"is {shown(value)}, outside {lo!r} to {hi!r}")
        return value

    return decode


def _sized_decoder(type_: t.Text | t.Bytes) -> Decode:
    wanted: Any
    wanted, unit = (str, "characters") if isinstance(type_, t.Text) else (bytes, "bytes")
    pattern: Any = type_.pattern if isinstance(type_, t.Text) else None
    lo, hi = type_.min_len, math.inf if type_.max_len is None else type_.max_len

    def decode(value: Any) -> Any:
        if type(value) is not wanted:
            return _fail(value, wanted.__name__)
        if not lo <= len(value) <= hi:
            raise OutsideType(f"has {len(value)} {unit}, outside {lo} to {hi}")
        if pattern is not None and not matches(pattern, value):
            raise OutsideType(f"is {shown(value)}, which does not match {pattern.pattern!r}")
        return value

    return decode


def matches(pattern: re.Pattern[str], text: str) -> bool:
    """Say whether a text matches a pattern of an author in full.

    Raises:
        ContractError: the pattern tries too many ways.
    """

    def fails(misbehaviour: Misbehaviour) -> ContractError:
        about = f" for {shown(text)}"
        return ContractError(
            contract_at_work(), misbehaviour.sentence(f"the pattern {pattern.pattern!r}", about=about)
        )

    return call(pattern.fullmatch, text, fails=fails) is not None


def _record_decoder(cls: type, parts: list[tuple[str, Decode]]) -> Decode:
    set_field = object.__setattr__  # it works for frozen classes, and runs no validators

    def decode(value: Any) -> Any:
        if type(value) is not list or len(value) != len(parts):
            return _fail(value, cls.__name__)
        record: Any = object.__new__(cls)
        for (name, of_field), item in zip(parts, value, strict=True):
            try:
                set_field(record, name, of_field(item))
            except OutsideType as fault:
                raise fault.at(name) from None
        return record

    return decode


def _check_count(count: int, type_: t.Sequence | t.Mapping) -> None:
    hi = math.inf if type_.max_len is None else type_.max_len
    if not type_.min_len <= count <= hi:
        raise OutsideType(f"has {count} items, outside {type_.min_len} to {hi}")


def _sequence_decoder(type_: t.Sequence) -> Decode:
    of_item = decoder(type_.inner)

    def decode(value: Any) -> Any:
        if type(value) is not list:
            return _fail(value, "array")
        _check_count(len(value), type_)
        out = []
        for i, item in enumerate(value):
            try:
                out.append(of_item(item))
            except OutsideType as fault:
                raise fault.at(f"[{i}]") from None
        return tuple(out)

    return decode


def _mapping_decoder(type_: t.Mapping) -> Decode:
    of_key, of_value = decoder(type_.key), decoder(type_.value)

    def decode(value: Any) -> Any:
        if type(value) is not dict:
            return _fail(value, "map")
        _check_count(len(value), type_)
        out = {}
        for key, item in value.items():
            try:
                out[of_key(key)] = of_value(item)
            except OutsideType as fault:
                raise fault.at(f"[{shown(key)}]") from None
        return out

    return decode


def plain(value: Any) -> Any:
    """Return a value without what a trace adds: names in play become their values."""
    return value.value if isinstance(value, Name) else value


def as_payload(value: Any) -> Any:
    """Turn the document of a trace into the payload that a model or a law receives."""
    return Payload(value.data, value.value) if isinstance(value, Document) else plain(value)
