"""
The Rust types of a contract: definitions, and the code that reads and writes their values.

Knows types. Knows nothing of operations.
"""

from __future__ import annotations

from driftcheck.codegen.rust_names import call, camel, doc, literal, signature, snake
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t

_SDK = ("Contract", "Failure", "Handles", "Outcome", "Reader", "Step", "Unreadable", "Value", "Writer")
_STD = {
    "BTreeMap": "std::collections::BTreeMap",
    "Option": "std::option::Option",
    "Result": "std::result::Result",
    "String": "std::string::String",
    "Vec": "std::vec::Vec",
}
_COPY = "#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]"
_EXACT = "#[derive(Clone, Debug, PartialEq, Eq, Hash)]"
_INEXACT = "#[derive(Clone, Debug, PartialEq)]"


class Values:
    """The types of one contract; remembers the imports and helpers that its text needs."""

    def __init__(self, schema: Schema) -> None:
        self._types = schema.named_types
        self._taken = {type_.name for type_ in self._types}
        self._imported: set[str] = set()
        self._helpers: dict[t.Type, tuple[str, list[str]]] = {}

    def name(self, name: str) -> str:
        """Return the form of a name of the SDK or std that does not clash with the contract's names."""
        if name in _SDK:
            if name in self._taken:
                return f"driftcheck::{name}"
            self._imported.add(name)
        elif name in self._taken:
            return _STD[name]
        elif name == "BTreeMap":
            self._imported.add(name)
        return name

    def private(self, name: str) -> str:
        """Return a name for use in generated code that differs from the contract's names."""
        while name in self._taken:
            name += "_"
        return name

    def imports(self) -> list[str]:
        """Return the import lines for all names that were used so far."""
        sdk = sorted(self._imported & set(_SDK))
        listed = sdk[0] if len(sdk) == 1 else f"{{{', '.join(sdk)}}}"
        std = [f"use {_STD['BTreeMap']};", ""] if "BTreeMap" in self._imported else []
        return [*std, f"use driftcheck::{listed};"]

    def outcome(self, value: str) -> str:
        """Return the Rust type of an outcome with a value of the Rust type `value`."""
        return f"{self.name('Outcome')}<{value}>"

    def owned(self, type_: t.Type) -> str:
        """Return the Rust type of an owned value."""
        match t.bare(type_):
            case t.Bool():
                return "bool"
            case t.Int(lo=lo):
                return "i64" if lo < 0 else "u64"
            case t.Float():
                return "f64"
            case t.Text():
                return self.name("String")
            case t.Bytes() | t.Payload():
                return f"{self.name('Vec')}<u8>"
            case t.Record(name=name) | t.Union(name=name) | t.Enumeration(name=name):
                return name
            case t.Optional(inner=inner):
                return f"{self.name('Option')}<{self.owned(inner)}>"
            case t.Sequence(inner=inner):
                return f"{self.name('Vec')}<{self.owned(inner)}>"
            case t.Mapping(key=key, value=value):
                return f"{self.name('BTreeMap')}<{self.owned(key)}, {self.owned(value)}>"
            case other:
                raise AssertionError(f"{other!r} does not travel")

    def argument(self, type_: t.Type, *, lifetime: str = "") -> str:
        """Return the Rust type of a parameter: texts, bytes and payloads borrow from the request."""
        match t.bare(type_):
            case t.Text():
                return f"&{lifetime}str"
            case t.Bytes() | t.Payload():
                return f"&{lifetime}[u8]"
            case t.Handle(name=name, closing=closing):
                return f"Self::{name}" if closing else f"&mut Self::{name}"
            case t.Peer():
                return "&mut Self"
            case other:
                return self.owned(other)

    def reading(self, type_: t.Type) -> str:
        """Return the reader's method for a parameter of that type."""
        match t.bare(type_):
            case t.Text():
                return "text()"
            case t.Bytes() | t.Payload():
                return "bytes()"
            case _:
                return "get()"

    def writing(self, type_: t.Type) -> str:
        """Return the path of the function that writes a value of that type, given by reference."""
        type_ = t.bare(type_)
        if is_plain(type_):
            return f"{self.name('Writer')}::put"
        if isinstance(type_, t.Float):
            return f"{self.name('Writer')}::float_nan_equal"
        if type_ not in self._helpers:
            body = self._composite(type_)
            self._helpers[type_] = (f"write_{len(self._helpers)}", body)
        return self._helpers[type_][0]

    def write(self, indent: str, type_: t.Type, expression: str) -> list[str]:
        """Return the statement that writes the value at a reference."""
        if is_plain(type_):
            return call(indent, "w.put", [expression], ";")
        return call(indent, self.writing(type_), ["w", expression], ";")

    def _composite(self, type_: t.Type) -> list[str]:
        match type_:
            case t.Optional(inner=inner):
                return call("    ", "w.optional", ["value", self.writing(inner)], ";")
            case t.Sequence(inner=inner, unordered=unordered):
                method = "w.unordered" if unordered else "w.sequence"
                return call("    ", method, ["value", self.writing(inner)], ";")
            case t.Mapping(key=key, value=value):
                return call("    ", "w.mapping", ["value", self.writing(key), self.writing(value)], ";")
            case other:
                raise AssertionError(f"{other!r} needs no function of its own")

    def helpers(self) -> list[list[str]]:
        """Return the helper functions that `writing` named so far."""
        return [
            [
                *signature(
                    "", f"fn {name}", [f"w: &mut {self.name('Writer')}", f"value: &{self.owned(type_)}"], " {"
                ),
                *body,
                "}",
            ]
            for type_, (name, body) in self._helpers.items()
        ]

    def definitions(self) -> list[list[str]]:
        """Return the definitions of records, unions and enumerations."""
        return [self._definition(type_) for type_ in self._types]

    def _definition(self, type_: t.Record | t.Union | t.Enumeration) -> list[str]:
        match type_:
            case t.Enumeration(name=name, members=members):
                return [_COPY, f"pub enum {name} {{", *(f"    {camel(m.name)}," for m in members), "}"]
            case t.Union(name=name, alternatives=alternatives):
                cases = [f"    {a.name}({a.name})," for a in alternatives]
                return [_EXACT if _is_exact(type_) else _INEXACT, f"pub enum {name} {{", *cases, "}"]
            case t.Record(name=name, fields=fields, doc=text):
                derive = _EXACT if _is_exact(type_) else _INEXACT
                lines = [f"    pub {snake(f.name)}: {self.owned(f.type)}," for f in fields]
                body = [f"pub struct {name} {{", *lines, "}"] if lines else [f"pub struct {name} {{}}"]
                return [*doc(text), derive, *body]

    def codecs(self) -> list[list[str]]:
        """Return the implementations of `Value`."""
        return [
            [
                f"impl {self.name('Value')} for {type_.name} {{",
                *signature(
                    "    ",
                    "fn read",
                    [f"r: &mut {self.name('Reader')}<'_>"],
                    f" -> {self.name('Result')}<Self, {self.name('Unreadable')}> {{",
                ),
                *self._read(type_),
                "    }",
                "",
                *signature("    ", "fn write", ["&self", f"w: &mut {self.name('Writer')}"], " {"),
                *self._write(type_),
                "    }",
                "}",
            ]
            for type_ in self._types
        ]

    def _read(self, type_: t.Record | t.Union | t.Enumeration) -> list[str]:
        indent = " " * 8
        match type_:
            case t.Enumeration(members=members):
                cases = [f"{i} => Self::{camel(m.name)}," for i, m in enumerate(members)]
                return [f"{indent}Ok({_choice(cases, indent)})"]
            case t.Union(alternatives=alternatives):
                cases = [f"{i} => Self::{a.name}(r.get()?)," for i, a in enumerate(alternatives)]
                return [f"{indent}r.fields(2)?;", f"{indent}Ok({_choice(cases, indent)})"]
            case t.Record(fields=fields):
                return [
                    f"{indent}r.fields({len(fields)})?;",
                    *literal(indent, "Ok(Self", [f"{snake(f.name)}: r.get()?" for f in fields], ")"),
                ]

    def _write(self, type_: t.Record | t.Union | t.Enumeration) -> list[str]:
        indent = " " * 8
        match type_:
            case t.Enumeration():
                return [f"{indent}w.uint(*self as u64);"]
            case t.Union(alternatives=alternatives):
                lines = [f"{indent}w.array(2);", f"{indent}match self {{"]
                for index, alternative in enumerate(alternatives):
                    lines += [
                        f"{indent}    Self::{alternative.name}(value) => {{",
                        f"{indent}        w.uint({index});",
                        f"{indent}        w.put(value);",
                        f"{indent}    }}",
                    ]
                return [*lines, f"{indent}}}"]
            case t.Record(fields=fields):
                lines = [f"{indent}w.array({len(fields)});"]
                for field in fields:
                    lines += self.write(indent, field.type, f"&self.{snake(field.name)}")
                return lines


def _choice(cases: list[str], indent: str) -> str:
    """Return the expression that reads an index and selects the case of that index."""
    lines = [*cases, 'index => unreachable!("index {index}"),']
    return "\n".join(
        [f"match r.index({len(cases)})? {{", *(f"{indent}    {line}" for line in lines), f"{indent}}}"]
    )


def is_plain(type_: t.Type) -> bool:
    """Tell whether `Value` alone writes the type; named types write their own fields."""
    match t.bare(type_):
        case t.Record() | t.Union():
            return True
        case t.Float(nan_equal=True) | t.Sequence(unordered=True):
            return False
        case other:
            return all(is_plain(inner) for inner in t.children(other) if not isinstance(other, t.Payload))


def _is_exact(type_: t.Type) -> bool:
    """Tell whether equality of the type is an equivalence, which that of floats is not."""
    match t.bare(type_):
        case t.Float():
            return False
        case t.Mapping(key=key, value=value):
            return _is_exact(key) and _is_exact(value)
        case t.Payload():
            return True
        case other:
            return all(_is_exact(inner) for inner in t.children(other))
