"""
Values as Go literals.

A text stays readable. Bytes that are no readable text are hexadecimal, and a long document is a file.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import attrs

from driftcheck.codegen import go_names
from driftcheck.codegen.go_values import BYTES_KEY, go_type, key_type
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document

LONG = 1000  # bytes; a longer document is a file under testdata
WIDE = 90  # columns


@attrs.define(eq=False)
class GoLiterals:
    """Writes values as Go; remembers the files and the helpers that they need."""

    schema: Schema
    file: Callable[[bytes], str]  # keeps a long document, and returns its path below the test
    helpers: set[str] = attrs.field(factory=set)
    imports: set[str] = attrs.field(factory=set)
    types: set[str] = attrs.field(factory=set)  # names of the contract that literals use

    def of(self, type_: t.Type, value: Any) -> str:
        """Return the expression of a value."""
        if isinstance(value, Document | Payload):
            return self.data(value.data)
        match t.bare(type_):
            case t.Bool():
                return "true" if value else "false"
            case t.Int():
                return str(value)
            case t.Float():
                return self._float(value)
            case t.Text():
                return text(value)
            case t.Bytes() | t.Payload():
                return self.data(value)
            case t.Enumeration(name=name):
                member = go_names.exported(name) + go_names.exported(value.name)
                self.types.add(member)
                return member
            case t.Record(name=name, fields=fields):
                own = go_names.exported(name)
                self.types.add(own)
                parts = [
                    f"{go_names.exported(f.name)}: {self.of(f.type, getattr(value, f.name))}" for f in fields
                ]
                return composite(own, parts)
            case t.Union(alternatives=alternatives):
                return self.of(next(a for a in alternatives if a.cls is type(value)), value)
            case t.Optional(inner=inner):
                return "nil" if value is None else self._pointer(inner, value)
            case t.Sequence(inner=inner):
                self._use(inner)
                return composite(f"[]{go_type(inner)}", [self.of(inner, item) for item in value])
            case t.Mapping(key=key, value=inner):
                self._use(key, inner)
                pairs = [f"{self._key(key, k)}: {self.of(inner, v)}" for k, v in value.items()]
                return composite(f"map[{key_type(key)}]{go_type(inner)}", pairs)
            case other:
                raise AssertionError(f"{other!r} has no literal")

    def typed(self, type_: t.Type, value: Any) -> str:
        """Return the expression of a value that has its Go type also where nothing asks for one."""
        bare = t.bare(type_)
        literal = self.of(bare, value)
        if isinstance(bare, t.Int | t.Float):
            return f"{go_type(bare)}({literal})"
        if isinstance(bare, t.Optional) and literal == "nil" and go_type(bare).startswith("*"):
            return f"({go_type(bare)})(nil)"
        return literal

    def data(self, data: bytes) -> str:
        """Return bytes: as text where they are readable, as a file where they are long, or as hexadecimal."""
        if len(data) > LONG:
            self.helpers.add("documentAt")
            return f'documentAt(t, "{self.file(data)}")'
        readable = readable_text(data)
        if readable is not None:
            return f"[]byte({text(readable)})"
        self.helpers.add("bytesOf")
        return f'bytesOf("{data.hex(" ")}")'

    def _use(self, *types: t.Type) -> None:
        for type_ in types:
            self.types |= {go_names.exported(n.name) for n in named(type_)} | (
                {BYTES_KEY} if isinstance(t.bare(type_), t.Bytes) else set()
            )

    def _key(self, type_: t.Type, value: Any) -> str:
        if isinstance(t.bare(type_), t.Bytes):
            self.types.add(BYTES_KEY)
            readable = readable_text(value)
            if readable is not None:
                return text(readable)
            return '"' + "".join(f"\\x{byte:02x}" for byte in value) + '"'
        return self.of(type_, value)

    def _pointer(self, inner: t.Type, value: Any) -> str:
        if isinstance(t.bare(inner), t.Union):
            return self.of(inner, value)
        self.helpers.add("pointerTo")
        return f"pointerTo({self.typed(inner, value)})"

    def _float(self, value: float) -> str:
        if math.isfinite(value) and (value or math.copysign(1, value) > 0):
            return repr(float(value))
        self.imports.add("math")
        if math.isinf(value):
            return f"math.Inf({1 if value > 0 else -1})"
        if value == 0:
            return "math.Copysign(0, -1)"
        bits = struct.unpack(">Q", struct.pack(">d", value))[0]
        return f"math.Float64frombits(0x{bits:016x})"


def named(type_: t.Type) -> list[t.Record | t.Union | t.Enumeration]:
    """Return the named types in a type, itself included."""
    bare = t.bare(type_)
    if isinstance(bare, t.Payload):
        return []
    found = [bare] if isinstance(bare, t.Record | t.Union | t.Enumeration) else []
    return found + [one for inner in t.children(bare) for one in named(inner)]


def composite(head: str, parts: list[str]) -> str:
    """Return a composite literal, on one line where it is short."""
    line = f"{head}{{{', '.join(parts)}}}"
    if len(line) <= WIDE and "\n" not in line:
        return line
    return f"{head}{{\n" + "".join(f"{part},\n" for part in parts) + "}"


def readable_text(data: bytes) -> str | None:
    """Return bytes as text, if a reader can read it."""
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        return None
    return decoded if all(c.isprintable() or c in "\n\t" for c in decoded) else None


def text(value: str) -> str:
    """Return a Go string: between backquotes where that saves escapes."""
    is_plain = value.isprintable() and value.isascii()
    if is_plain and "`" not in value and ('"' in value or "\\" in value):
        return f"`{value}`"
    out = []
    for character in value:
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character == "\t":
            out.append("\\t")
        elif character.isprintable() and character != "\ufeff":
            out.append(character)
        elif ord(character) < 0x10000:
            out.append(f"\\u{ord(character):04x}")
        else:
            out.append(f"\\U{ord(character):08x}")
    return '"' + "".join(out) + '"'


def line(value: str) -> str:
    """Return text in one line, for a comment."""
    return json.dumps(value, ensure_ascii=True)[1:-1].replace('\\"', '"').replace("\\\\", "\\")
