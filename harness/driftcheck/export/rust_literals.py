"""
Values as Rust literals.

A text stays readable. Bytes that are no readable text are hexadecimal, and a long document is a file.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from typing import Any

import attrs

from driftcheck.codegen.rust_names import camel, snake
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document
from driftcheck.export.go_literals import LONG, readable_text

_NESTED = re.compile(
    rb"(.{1,16}?)\1{63}", re.DOTALL
)  # what opens one level, often; or a long text, which is fine


@attrs.define(eq=False)
class RustLiterals:
    """Writes values as Rust; remembers the files and the helpers that they need."""

    schema: Schema
    file: Callable[[bytes], str]  # keeps a long document, and returns its path beside the test
    helpers: set[str] = attrs.field(factory=set)
    types: set[str] = attrs.field(factory=set)  # names of the contract that literals use

    def argument(self, type_: t.Type, value: Any) -> str:
        """Return the expression of an argument, whose texts and bytes are borrowed."""
        bare = t.bare(type_)
        if isinstance(bare, t.Text):
            return text(value)
        if isinstance(bare, t.Bytes | t.Payload):
            return self.borrowed(value.data if isinstance(value, Document | Payload) else value)
        return self.of(bare, value)

    def of(self, type_: t.Type, value: Any) -> str:
        """Return the expression of an owned value."""
        if isinstance(value, Document | Payload):
            return self.owned(value.data)
        match t.bare(type_):
            case t.Bool():
                return "true" if value else "false"
            case t.Int():
                return str(value)
            case t.Float():
                if not float(value).is_integer():
                    self.helpers.add("float")
                return _float(value)
            case t.Text():
                return f"{text(value)}.to_owned()"
            case t.Bytes() | t.Payload():
                return self.owned(value)
            case t.Enumeration(name=name):
                self.types.add(name)
                return f"{name}::{camel(value.name)}"
            case t.Record(name=name, fields=fields):
                self.types.add(name)
                parts = [f"{snake(f.name)}: {self.of(f.type, getattr(value, f.name))}" for f in fields]
                return f"{name} {{ {', '.join(parts)} }}"
            case t.Union(name=name, alternatives=alternatives):
                self.types.add(name)
                one = next(a for a in alternatives if a.cls is type(value))
                return f"{name}::{one.name}({self.of(one, value)})"
            case t.Optional(inner=inner):
                return "None" if value is None else f"Some({self.of(inner, value)})"
            case t.Sequence(inner=inner):
                return f"vec![{', '.join(self.of(inner, item) for item in value)}]"
            case t.Mapping(key=key, value=inner):
                pairs = [f"({self.of(key, k)}, {self.of(inner, v)})" for k, v in value.items()]
                return f"std::collections::BTreeMap::from([{', '.join(pairs)}])"
            case other:
                raise AssertionError(f"{other!r} has no literal")

    def borrowed(self, data: bytes) -> str:
        """Return bytes: as text where they are readable, as a file where they are long, or as hexadecimal."""
        if _NESTED.search(data):
            self.helpers.add("deep")
        if len(data) > LONG:
            return f'include_bytes!("{self.file(data)}")'
        readable = readable_text(data)
        if readable is not None:
            return f"b{text(readable)}" if readable.isascii() else f"{text(readable)}.as_bytes()"
        self.helpers.add("bytes_of")
        return f'&bytes_of("{data.hex(" ")}")'

    def owned(self, data: bytes) -> str:
        """Return bytes as a vector."""
        borrowed = self.borrowed(data)
        return borrowed[1:] if borrowed.startswith("&") else f"{borrowed}.to_vec()"


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(float(value)) if "e" not in repr(float(value)) else f"{value!r}_f64".replace("e+", "e")
    if math.isinf(value):
        return "f64::INFINITY" if value > 0 else "f64::NEG_INFINITY"
    bits = struct.unpack(">Q", struct.pack(">d", value))[0]
    return f"f64::from_bits(0x{bits:016x})"


def text(value: str) -> str:
    """Return a Rust string: a raw one where that saves escapes."""
    if value.isprintable() and value.isascii() and ('"' in value or "\\" in value) and '"#' not in value:
        return f'r#"{value}"#' if '"' in value else f'r"{value}"'
    out = []
    for character in value:
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character == "\t":
            out.append("\\t")
        elif character.isprintable():
            out.append(character)
        else:
            out.append(f"\\u{{{ord(character):x}}}")
    return '"' + "".join(out) + '"'
