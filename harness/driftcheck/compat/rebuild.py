"""
The types of an export, built again: what encodes, checks and compares types can be used on them.

Records and enumerations get classes of their own. A strategy that an author drew values by is not in an
export, and real documents that a payload was made from are not looked for. Knows the type objects that
docs/reference/cli.md describes, nothing of contracts.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.codecs.codec import Codec
from driftcheck.contract import types as t
from driftcheck.contract.export import Json

Codecs = Mapping[str, Codec[Any]]  # those at hand, by name


class AbsentCodec(Codec[Any]):
    """Stands for a codec that is not at hand: it has a name, and writes nothing."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc] # one class stands for all of them

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbsentCodec) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


@attrs.frozen
class Unwritten:
    """A listed value that the export has only as people read it."""

    text: str


class Rebuilder:
    """Builds the types of one export.

    Args:
        definitions: its `types`, by name.
        codecs: those at hand.
    """

    def __init__(self, definitions: Mapping[str, Json], codecs: Codecs) -> None:
        self._definitions = definitions
        self._codecs = codecs
        self._named: dict[str, Any] = {}
        self._open: list[str] = []

    def type(self, data: Json) -> t.Type:
        """Return the type of an object with a `kind`; raises ValueError or KeyError where it is none."""
        type_ = self._plain(data)
        if data.get("generated"):
            type_ = t.Generated(type_, None)
        if "one_of" in data:
            type_ = t.Choice(type_, tuple(_value(type_, v) for v in data["one_of"]))
        return t.Named(type_, data["names"]) if "names" in data else type_

    def _plain(self, data: Json) -> t.Type:
        match data:
            case {"kind": "bool"}:
                return t.Bool()
            case {"kind": "int", "min": int(lo), "max": int(hi)}:
                return t.Int(lo, hi)
            case {"kind": "float"}:
                lo, hi = data.get("min", -math.inf), data.get("max", math.inf)
                return t.Float(float(lo), float(hi), data.get("nan_equal", False))
            case {"kind": "text"}:
                return t.Text(*_lengths(data), _pattern(data.get("pattern")))
            case {"kind": "bytes"}:
                return t.Bytes(*_lengths(data))
            case {"kind": "optional", "of": of}:
                return t.Optional(self.type(of))
            case {"kind": "sequence", "of": of}:
                return t.Sequence(self.type(of), *_lengths(data), data.get("unordered", False))
            case {"kind": "mapping", "key": key, "value": value}:
                return t.Mapping(self.type(key), self.type(value), *_lengths(data))
            case {"kind": "payload", "of": of, "codec": str(name)}:
                return t.Payload(self.type(of), self._codecs.get(name) or AbsentCodec(name))
            case {"kind": "handle", "name": str(name)}:
                return t.Handle(name, data.get("closing", False))
            case {"kind": "steps"}:
                return t.Steps()
            case {"kind": "peer"}:
                return t.Peer()
            case {"kind": "named", "name": str(name)}:
                return self._definition(name)
        raise ValueError(f"the type {str(data)[:60]} is of no kind that this driftcheck knows")

    def _definition(self, name: str) -> t.Type:
        if name in self._open:
            raise ValueError(f"the type {name!r} contains itself, which no type of a contract does")
        if name not in self._named:
            self._open.append(name)
            self._named[name] = self._built(name, self._definitions[name])
            self._open.pop()
        found: t.Type = self._named[name]
        return found

    def _built(self, name: str, definition: Json) -> t.Type:
        match definition:
            case {"kind": "record", "fields": fields}:
                cls = attrs.make_class(name, [f["name"] for f in fields], frozen=True)
                return t.Record(name, cls, tuple(map(self._field, fields)), definition.get("doc", ""))
            case {"kind": "union", "alternatives": names}:
                found = tuple(self._definition(one) for one in names)
                return t.Union(name, tuple(one for one in found if isinstance(one, t.Record)))
            case {"kind": "enumeration", "members": members}:
                make: Any = enum.Enum
                return t.Enumeration(name, make(name, [(m, i) for i, m in enumerate(members)]))
        raise ValueError(f"the type {name!r} is neither record, union nor enumeration")

    def _field(self, data: Json) -> t.Field:
        marks = data.get("generation", False), data.get("since"), data.get("until")
        return t.Field(data["name"], self.type(data["type"]), *marks)


def _lengths(data: Json) -> tuple[int, int | None]:
    return data.get("min_len") or 0, data.get("max_len")


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise ValueError(f"the pattern {text!r} is none: {error}") from None


def _value(type_: t.Type, data: Any) -> Any:
    """Return a listed value, as `export` wrote it."""
    match t.bare(type_), data:
        case t.Optional(inner=inner), _:
            return None if data == "None" else _value(inner, data)
        case t.Enumeration(cls=cls), str():
            return cls[data]
        case t.Bytes(), {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case t.Bool() | t.Int(), int():
            return data
        case t.Text(), str():
            return data
        case t.Float(), int() | float() | "nan" | "inf" | "-inf":
            return float(data)
    return Unwritten(str(data))
