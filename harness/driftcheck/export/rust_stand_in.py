"""
What stands in for the generated module and the SDK in an exported Rust test: their types, errors and trait.

Only what the test and the conversions of the adapter use is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from driftcheck.codegen.rust_names import camel, doc, snake
from driftcheck.codegen.rust_values import Values
from driftcheck.contract.schema import Argument, Operation, RejectionClass, Schema
from driftcheck.core import types as t
from driftcheck.export.demand import Demand
from driftcheck.export.go_literals import named
from driftcheck.export.rust_adapter import GENERATED, RustAdapter
from driftcheck.export.rust_one_form import RustOneForm

FUNCTIONS = {
    "library": """/// Marks an error as the library's own.
pub fn library(_error: impl std::fmt::Display + 'static) -> Failure {
    Failure::Library
}""",
    "broken": """/// Reports a fault of the conversion itself.
pub fn broken(reason: impl std::fmt::Display) -> Failure {
    Failure::Broken(reason.to_string())
}""",
    "unsupported": """/// Says that the library cannot do a step.
pub fn unsupported() -> Failure {
    Failure::Unsupported
}""",
}  # of the SDK, by name


@attrs.frozen(eq=False)
class RustStandIn:
    """The two modules of one test.

    Args:
        literals: the names of the contract that the test itself uses.
    """

    demand: Demand
    adapter: RustAdapter
    literals: frozenset[str]
    one_form: RustOneForm

    @property
    def schema(self) -> Schema:
        """Return the contract."""
        return self.demand.schema

    @property
    def rejections(self) -> tuple[RejectionClass, ...]:
        """Return the rejections that the adapter names."""
        if "Rejection" not in self.adapter.own:
            return ()
        return tuple(r for r in self.schema.rejections if camel(r.name) in self.adapter.own)

    @property
    def functions(self) -> tuple[str, ...]:
        """Return the names of the SDK's functions that the adapter uses."""
        return tuple(name for name in FUNCTIONS if name in self.adapter.own)

    @property
    def has_details(self) -> bool:
        """Say whether a rejection of the contract has a detail."""
        return any(r.detail is not None for r in self.schema.rejections)

    def sdk(self, *, is_read: bool) -> str:
        """Return the module that stands in for the SDK.

        Args:
            is_read: the test looks at failures.
        """
        detail = ", Option<String>" if self.has_details else ""
        variants = []
        if self.rejections:
            variants.append(f"/// A rejection of the contract.\nRejected(&'static str{detail}),")
        if "library" in self.functions:
            variants.append("/// The library's own error.\nLibrary,")
        variants.append("/// An error that is neither.\nUnmapped(String),")
        if "unsupported" in self.functions:
            variants.append("Unsupported,")
        if "broken" in self.functions:
            variants.append("Broken(String),")
        return "\n".join(
            [
                "/// What stands in for driftcheck's own crate.",
                "mod driftcheck {",
                "/// Why a step has no value.",
                *([] if is_read else ["#[allow(dead_code)] // shown where a step fails that must not"]),
                "#[derive(Debug)]",
                "pub enum Failure {",
                *variants,
                "}",
                "",
                "pub type Outcome<T> = Result<T, Failure>;",
                "",
                "impl<E: std::error::Error> From<E> for Failure {",
                "fn from(error: E) -> Self {",
                "Self::Unmapped(error.to_string())",
                "}",
                "}",
                *(f"\n{FUNCTIONS[name]}" for name in self.functions),
                "}",
            ]
        )

    def answer_of(self) -> str:
        """Return the function that says what a step ended with."""
        arms = []
        if self.rejections:
            bound, given = ("class, detail", "class, detail") if self.has_details else ("class", "class")
            arms.append(f"Err(Failure::Rejected({bound})) => rejected_with({given}),")
        if "library" in self.functions:
            arms.append(f"Err(Failure::Library) => {self._of_library()},")
        arms.append('Err(Failure::Unmapped(text)) => format!("unmapped: {text}"),')
        if "unsupported" in self.functions:
            arms.append('Err(Failure::Unsupported) => "unsupported".to_owned(),')
        if "broken" in self.functions:
            arms.append('Err(Failure::Broken(reason)) => format!("broken: {reason}"),')
        return "\n".join(
            [
                "/// Says in one line what a step ended with.",
                "fn answer_of<T: std::fmt::Debug>(outcome: Outcome<T>) -> String {",
                "match outcome {",
                "Ok(value) => accepted_with(&value),",
                *arms,
                "}",
                "}",
                "",
            ]
        )

    @property
    def rejects(self) -> bool:
        """Say whether the function that says what a step ended with needs the one for rejections."""
        return bool(self.rejections) or ("library" in self.functions and self._catch_all is not None)

    @property
    def _catch_all(self) -> str | None:
        return next((r.name for r in self.schema.rejections if r.catch_all), None)

    def _of_library(self) -> str:
        if self._catch_all is None:
            return '"unmapped".to_owned()'
        return f'rejected_with("{self._catch_all}"{", None" if self.has_details else ""})'

    def rejected_with(self) -> str:
        """Return the function that says in one line with what a step was rejected."""
        if not self.has_details:
            return 'fn rejected_with(class: &str) -> String {\nformat!("rejected: {class}")\n}\n'
        return (
            "fn rejected_with(class: &str, detail: Option<String>) -> String {\n"
            'let detail = detail.map_or_else(String::new, |detail| format!(", {detail}"));\n'
            'format!("rejected: {class}{detail}")\n}\n'
        )

    def generated(self) -> str:
        """Return the module that stands in for the generated one."""
        values = Values(self.schema)
        needed = self._needed()
        definitions = values.definitions()
        types = [
            "\n".join(lines)
            for type_, lines in zip(self.schema.named_types, definitions, strict=True)
            if type_.name in needed
        ]
        body = "\n\n".join([*types, *self._rejection(values), *self._fault(), self._trait(values)])
        words = set(re.findall(r"\w+", body))
        return "\n".join(
            [
                "/// The types, rejections and operations of the contract, as far as the test needs them.",
                f"mod {GENERATED} {{",
                "// The names are those of the contract, and no test uses all members of its types.",
                "#![allow(dead_code, clippy::all, nonstandard_style)]",
                *(["use std::collections::BTreeMap;"] if "BTreeMap" in words else []),
                f"use super::driftcheck::{{{', '.join(n for n in ('Failure', 'Outcome') if n in words)}}};",
                "",
                body,
                "}",
            ]
        )

    def in_one_form(self) -> Iterator[str]:
        """Yield the functions that bring values into one form, those of details included."""
        for one in self.rejections:
            if one.detail is not None:
                self.one_form.function(one.detail)
        yield from self.one_form.functions()

    # What is needed

    @property
    def _operations(self) -> list[Operation]:
        return [one for one in self.schema.operations if one.name in self.demand.operations]

    def _needed(self) -> set[str]:
        """Return the names of the types that are used, and of those inside them."""
        used = self.adapter.own | self.literals
        roots: list[t.Type] = [one for one in self.schema.named_types if one.name in used]
        roots += self._of_the_trait()
        roots += [r.detail for r in self.rejections if r.detail is not None]
        return {inner.name for root in roots for inner in named(root)}

    def _of_the_trait(self) -> Iterator[t.Type]:
        yield from (a.type for a in self.schema.opening)
        if self.schema.state is not None and self.demand.looks_at_states:
            yield self.schema.state
        for operation in self._operations:
            yield from (a.type for a in operation.arguments)
            if operation.result is not None:
                yield operation.result

    # What is written

    def _rejection(self, values: Values) -> Iterator[str]:
        if not self.rejections:
            return
        variants, arms = [], []
        for one in self.rejections:
            detail = "" if one.detail is None else f"({values.owned(one.detail)})"
            variants += [*doc(one.doc), f"{camel(one.name)}{detail},"]
            bound = "" if one.detail is None else "(detail)"
            given = "" if not self.has_details else ", None"
            if one.detail is not None:
                detail = self.one_form.value(one.detail, "detail", "super::case::")
                given = f", Some({debug(one.detail, detail)})"
            arms.append(f'Rejection::{camel(one.name)}{bound} => Failure::Rejected("{one.name}"{given}),')
        yield "\n".join(["pub enum Rejection {", *variants, "}"])
        yield "\n".join(
            [
                "impl From<Rejection> for Failure {",
                "fn from(rejection: Rejection) -> Self {",
                "match rejection {",
                *arms,
                "}\n}\n}",
            ]
        )

    def _fault(self) -> Iterator[str]:
        if "Fault" in self.adapter.own | self.literals or any(one.faults for one in self._operations):
            variants = [line for f in self.schema.faults for line in (*doc(f.doc), f"{camel(f.name)},")]
            yield "\n".join(
                ["#[derive(Clone, Copy, Debug, PartialEq, Eq)]", "pub enum Fault {", *variants, "}"]
            )

    def _trait(self, values: Values) -> str:
        lines = ["pub trait Subject: Sized {", *(f"type {name};" for name in self.schema.handles)]
        if self.schema.opening:
            opening = ", ".join(self._parameters(values, self.schema.opening))
            lines.append(f"fn open({opening}) -> Outcome<Self>;")
        if self.schema.state is not None and self.demand.looks_at_states:
            lines.append(f"fn state(&mut self) -> {values.owned(self.schema.state)};")
        for operation in self._operations:
            parameters = ["&mut self", *self._parameters(values, operation.arguments)]
            parameters += ["fault: Option<Fault>"] if operation.faults else []
            result = self._result(values, operation)
            lines.append(f"fn {snake(operation.name)}({', '.join(parameters)}) -> Outcome<{result}>;")
        return "\n".join([*lines, "}"])

    def _parameters(self, values: Values, arguments: Iterable[Argument]) -> list[str]:
        return [f"{snake(a.name)}: {values.argument(a.type)}" for a in arguments]

    def _result(self, values: Values, operation: Operation) -> str:
        match operation.result:
            case None:
                return "()"
            case t.Handle(name=name):
                return f"Self::{name}"
        return values.owned(operation.result)


def is_bytes(type_: t.Type) -> bool:
    """Say whether a value is bytes, which Rust would show as numbers."""
    return isinstance(t.bare(type_), t.Bytes | t.Payload)


def debug(type_: t.Type, expression: str) -> str:
    """Return the expression that shows a value in one line."""
    if is_bytes(type_):
        return f'format!("b\\"{{}}\\"", {expression}.escape_ascii())'
    return f'format!("{{:?}}", {expression})'
