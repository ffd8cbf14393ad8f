"""
Builds the types of an export again, so that code that encodes, checks and compares types works on them.

Records and enumerations get new classes, unless the author's classes are available. An export has neither an
author's strategies nor real documents. Knows the type objects that docs/reference/cli.md describes, and
nothing of contracts.
"""

from __future__ import annotations

import enum
import keyword
import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from driftcheck.compat.export_format import MOST_TYPES, check_definition, check_type
from driftcheck.contract.export import Json
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.values.notation import word


@attrs.frozen
class AtHand:
    """The author's codecs and classes that can be imported here, by name; all of them are optional."""

    codecs: Mapping[str, Codec[Any]] = attrs.field(factory=dict)
    classes: Mapping[str, type] = attrs.field(
        factory=dict
    )  # of records and enumerations, which codecs may need


class AbsentCodec(Codec[Any]):
    """Stands for a codec that cannot be imported here; it has a name and writes nothing."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc] # one class stands for all of them

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AbsentCodec) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


LONGEST_NAME = 200  # characters

Number = TypeVar("Number", int, float)


@attrs.frozen
class Unwritten:
    """A listed value that the export has only as text for people."""

    text: str


class Rebuilder:
    """Builds the types of one export.

    Args:
        definitions: its `types`, by name.
        at_hand: the author's codecs and classes.
    """

    def __init__(self, definitions: Mapping[str, Json], at_hand: AtHand) -> None:
        self._definitions = definitions
        self._at_hand = at_hand
        self._named: dict[str, Any] = {}
        self._open: list[str] = []
        self._sizes: dict[str, int] = {}  # how many types are in a named one
        self._count = 0  # of all types

    def type(self, data: Json) -> t.Type:
        """Return the type of an object with a `kind`; raises ValueError or KeyError if it is not one."""
        check_type(data)
        type_ = self._plain(data)
        self._count += 1 + (self._sizes[data["name"]] if data["kind"] == "named" else 0)
        if self._count > MOST_TYPES:
            raise ValueError(f"it has more than {MOST_TYPES} types in all")
        if data.get("generated"):
            type_ = t.Generated(type_, None)
        if data.get("one_of"):
            type_ = t.Choice(type_, tuple(_value(type_, v) for v in data["one_of"]))
        return t.Named(type_, data["names"]) if data.get("names") else type_

    def _plain(self, data: Json) -> t.Type:
        match data["kind"]:
            case "bool":
                return t.Bool()
            case "int":
                return t.Int(*_bounds(data["min"], data["max"]))
            case "float":
                lo, hi = (data.get(key) for key in ("min", "max"))
                bounds = _bounds(
                    -math.inf if lo is None else float(lo), math.inf if hi is None else float(hi)
                )
                return t.Float(*bounds, bool(data.get("nan_equal")))
            case "text":
                return t.Text(*_lengths(data), _pattern(data.get("pattern")))
            case "bytes":
                return t.Bytes(*_lengths(data))
            case "optional":
                return t.Optional(self._inner(data["of"]))
            case "sequence":
                return t.Sequence(self._inner(data["of"]), *_lengths(data), bool(data.get("unordered")))
            case "mapping":
                return t.Mapping(self._inner(data["key"]), self._inner(data["value"]), *_lengths(data))
            case "payload":
                codec = self._at_hand.codecs.get(data["codec"]) or AbsentCodec(data["codec"])
                return t.Payload(self._inner(data["of"]), codec)
            case "handle":
                return t.Handle(data["name"], bool(data.get("closing")))
            case "steps":
                return t.Steps()
            case "peer":
                return t.Peer()
            case _:
                return self._definition(data["name"])

    def _inner(self, data: Json) -> t.Type:
        type_ = self.type(data)
        if isinstance(t.bare(type_), t.Payload | t.Handle | t.Steps | t.Peer):
            raise ValueError(f"a type of kind {data['kind']!r} is inside another type, which is not possible")
        return type_

    def _definition(self, name: str) -> t.Type:
        if name in self._open:
            raise ValueError(f"the type {name!r} contains itself, which is not possible")
        if name not in self._named:
            self._open.append(name)
            before = self._count
            self._named[name] = self._built(name, self._definitions[name])
            self._sizes[name] = self._count - before
            self._open.pop()
        found: t.Type = self._named[name]
        return found

    def _built(self, name: str, definition: Json) -> t.Type:
        check_definition(name, definition)
        match definition:
            case {"kind": "record", "fields": fields}:
                names = [f["name"] for f in fields]
                if not all(map(_is_free, (name, *names))) or _share_a_name(names):
                    raise ValueError(
                        f"the type {word(name)} or a field of it has a name that Python cannot have"
                    )
                cls = self._own(name, names) or attrs.make_class(name, names, frozen=True)
                return t.Record(name, cls, tuple(map(self._field, fields)), definition.get("doc") or "")
            case {"kind": "union", "alternatives": names}:
                found = tuple(self._definition(one) for one in names)
                self._count += sum(1 + self._sizes[one] for one in names)
                return t.Union(name, tuple(one for one in found if isinstance(one, t.Record)))
            case _:
                members: list[str] = definition["members"]
                make: Any = enum.Enum
                return t.Enumeration(
                    name, self._own(name, members) or make(name, [(m, i) for i, m in enumerate(members)])
                )

    def _own(self, name: str, parts: list[str]) -> Any:
        """Return the author's class of this name if it has exactly these fields or members, else None."""
        cls: Any = self._at_hand.classes.get(name)
        if cls is None:
            return None
        has = [m.name for m in cls] if issubclass(cls, enum.Enum) else [a.name for a in attrs.fields(cls)]
        return cls if has == parts else None

    def _field(self, data: Json) -> t.Field:
        marks = bool(data.get("schema_version")), data.get("since"), data.get("until")
        return t.Field(data["name"], self._inner(data["type"]), *marks)


def _is_free(name: str) -> bool:
    """Tell whether a class or a field of attrs may have a name; attrs writes code that holds it."""
    if len(name) > LONGEST_NAME or not name.isidentifier() or keyword.iskeyword(name):
        return False
    return name != "self" and not name.startswith("__") and unicodedata.normalize("NFKC", name) == name


def _share_a_name(fields: list[str]) -> bool:
    """Tell whether attrs would give two fields one argument: it leaves out the underscores before a name."""
    return len({name.lstrip("_") for name in fields}) < len(fields)


def _lengths(data: Json) -> tuple[int, int | None]:
    lo, hi = data.get("min_len") or 0, data.get("max_len")
    _bounds(max(lo, 0), lo if hi is None else hi)
    return lo, hi


def _bounds(lo: Number, hi: Number) -> tuple[Number, Number]:
    if lo > hi:
        raise ValueError(f"the bounds {lo} and {hi} leave no value")
    return lo, hi


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a pattern: {error}") from None


def _value(type_: t.Type, data: Any) -> Any:
    """Return a listed value from the form that `export` writes."""
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
