"""
The text of an exported Rust test: the steps with plain literals, the assertion, the adapter's conversions.

Makes text that compiles; rustfmt gives it its layout. Knows nothing of files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, assert_never

import attrs

from driftcheck.codegen.rust_names import camel, snake
from driftcheck.codegen.rust_values import Values
from driftcheck.contract.schema import Operation
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Instance, Ref, Step, Trace
from driftcheck.export import header, rust_helpers
from driftcheck.export.case_test import CaseTest
from driftcheck.export.demand import (
    ANSWER,
    CHILD_S,
    REPEATS,
    STATE,
    AreNot,
    Assertion,
    Is,
    IsNotKind,
    Repeats,
    Same,
    Slot,
    Survives,
)
from driftcheck.export.errors import NotExportable
from driftcheck.export.go_literals import named
from driftcheck.export.rust_adapter import GENERATED, Module, Reference, RustAdapter
from driftcheck.export.rust_literals import RustLiterals, text
from driftcheck.export.rust_one_form import RustOneForm
from driftcheck.export.rust_stand_in import RustStandIn, debug, is_bytes
from driftcheck.export.rust_tokens import Item, tokens


@attrs.define(eq=False)
class RustFile(CaseTest):
    """Writes the test of one demand.

    Args:
        folder: where the file stands, for paths to what it refers to.
    """

    adapter: RustAdapter
    literals: RustLiterals
    folder: Path
    helpers: set[str] = attrs.field(factory=set)
    one_form: RustOneForm = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.one_form = RustOneForm(self._owned)

    def text(self) -> str:
        """Return the text, which rustfmt must still lay out."""
        case = self._case()
        parts = [
            *(f"//! {line}".rstrip() for line in self.header.lines()),
            "",
            "".join(token.text for token in self.adapter.root.attributes),
            "",
            *case,
            "",
            "// The conversions of the adapter, copied from its source.",
            "",
            self._module(self.adapter.root),
            "",
            self.stand_in.sdk(is_read="answer_of" in self.helpers),
            "",
            self.stand_in.generated(),
        ]
        return "\n".join(parts) + "\n"

    # The test

    @property
    def stand_in(self) -> RustStandIn:
        """Return what stands in for the SDK and the generated module."""
        return RustStandIn(self.demand, self.adapter, frozenset(self.literals.types), self.one_form)

    def _case(self) -> list[str]:
        test = self.test_lines()
        parts = [*self._helpers(), *self.stand_in.in_one_form()]
        sdk = [name for name in ("Failure", "Outcome") if any(name in one for one in parts)]
        used = {token.text for token in tokens("\n".join([*test, *parts])) if token.kind == "name"}
        generated = ["Subject", *sorted(self.literals.types & used)]
        uses = [f"use super::driftcheck::{{{', '.join(sdk)}}};"] if sdk else []
        uses += [f"use super::{GENERATED}::{{{', '.join(generated)}}};", "use super::*;"]
        if "ends_well" in self.helpers:
            uses += ["use std::process::{Command, Stdio};", "use std::sync::mpsc;", "use std::thread;"]
            uses.append("use std::time::Duration;")
        return ["mod case {", *uses, "", *test, "", *parts, "}"]

    def _helpers(self) -> Iterator[str]:
        """Yield the functions that the test uses."""
        if "answer_of" in self.helpers:
            self.helpers |= {"accepted_with"} | ({"rejected_with"} if self.stand_in.rejects else set())
            yield self.stand_in.answer_of()
        if "accepted_with" in self.helpers:
            yield rust_helpers.ACCEPTED
        if "rejected_with" in self.helpers:
            yield self.stand_in.rejected_with()
        if "Readable" in self.helpers:
            yield rust_helpers.READABLE
        if "opened" in self.helpers:
            yield rust_helpers.OPENED
        if "pattern_of" in self.helpers:
            yield rust_helpers.PATTERN
        if "bytes_of" in self.literals.helpers:
            yield rust_helpers.BYTES
        if "with_large_stack" in self.helpers:
            yield rust_helpers.LARGE_STACK
        if "ends_well" in self.helpers:
            yield rust_helpers.ENDS_WELL.replace("SECONDS", str(CHILD_S))

    def function(self, body: Sequence[str]) -> list[str]:
        allowed = ["#[allow(clippy::approx_constant)]"] if "float" in self.literals.helpers else []
        survives = any(isinstance(one, Survives) for one in self.demand.assertions)
        if "deep" in self.literals.helpers and not survives:
            self.helpers.add("with_large_stack")
            body = ["with_large_stack(|| {", *body, "});"]
        return ["#[test]", *allowed, f"fn {self.names.words}() {{", *body, "}"]

    def repeated(self) -> list[str]:
        return [
            "let perform = || {",
            "let mut answers: Vec<String> = Vec::new();",
            *self.steps(self.demand.traces[0], 0, collects=True),
            'answers.join("\\n")',
            "};",
            "let first = perform();",
            f"for _ in 1..{REPEATS} {{",
            "std::thread::sleep(std::time::Duration::from_millis(2));",
            f"assert_eq!(perform(), first, {self._why()});",
            "}",
        ]

    def surviving(self, assertion: Survives) -> list[str]:
        steps = self.steps(self.demand.traces[0], 0)
        if assertion.kind == "panicked":
            return [f"// {header.shown(self.demand.why)}", *steps]
        self.helpers.add("ends_well")
        limited = []
        if assertion.kind == "exhausted":
            limited = [
                "// The shell sets the limit: the standard library has no call for it.",
                'if std::env::var_os("DRIFTCHECK_LIMITED").is_none() {',
                'let status = Command::new("sh")',
                '.args(["-c", "ulimit -d 1048576; exec \\"$@\\"", "sh"])',
                ".arg(std::env::current_exe().unwrap())",
                f'.args(["--exact", "case::{self.names.words}", "--nocapture"])',
                '.env("DRIFTCHECK_LIMITED", "1")',
                ".status()",
                ".unwrap();",
                "std::process::exit(status.code().unwrap_or(1));",
                "}",
            ]
        return [
            f'if std::env::var_os("{rust_helpers.CHILD}").is_none() {{',
            f'ends_well("case::{self.names.words}", {self._why()});',
            "return;",
            "}",
            *limited,
            *steps,
            'println!("all steps ended");',
        ]

    def _why(self) -> str:
        return text(header.shown(self.demand.why).replace("{", "{{").replace("}", "}}"))

    def opening(self, trace: Trace, number: int) -> list[str]:
        lines = []
        for instance in range(self.schema.instances):
            name = self.subject(instance, number)
            if not self.schema.opening:
                self.helpers.add("opened")
                lines.append(f"let mut {name} = opened({self.adapter.opener});")
                continue
            values = self.schema.opening_of(trace.opening, instance)
            arguments = [
                self.literals.argument(a.type, v) for a, v in zip(self.schema.opening, values, strict=True)
            ]
            opened = f"<{self.adapter.opener} as Subject>::open({', '.join(arguments)})"
            lines.append(f'let mut {name} = {opened}.expect("open");')
            if self.schema.instances > 1:  # the steps may use some of them alone
                lines.append(f"let _ = &mut {name};")
        return lines

    def step(
        self, operation: Operation, step: Step, at: int, number: int, is_used: bool, *, collects: bool
    ) -> list[str]:
        call = self._call(operation, step, number)
        result = None if operation.result is None else t.bare(operation.result)
        slot = self._variable(Slot(ANSWER, at, trace=number))
        is_captured = self.is_captured(at, number)
        where = f"step {at + 1}, {operation.name}"
        if isinstance(result, t.Handle):
            name = self._handle(at, number)
            if is_used:
                return [f'let mut {name} = {call}.expect("{where}");', f"let _ = &mut {name};"]
            call = f"{call}.map(|_| ())"
        elif result is not None and is_bytes(result):
            self.helpers.add("Readable")
            call = f"{call}.map(Readable)"
        elif result is not None and (function := self.one_form.function(result)) is not None:
            call = f"{call}.map({function})"
        self.helpers.add("answer_of")
        answer = f"answer_of({call})"
        if collects:
            return [f"answers.push({answer});"]
        if is_captured:
            return [f"let {slot} = {answer};"]
        return [f'println!("{where}: {{}}", {answer});']

    def _call(self, operation: Operation, step: Step, number: int) -> str:
        values = [f"&mut {self.subject(step.instance, number)}"]
        for argument, value in zip(operation.arguments, step.arguments, strict=True):
            match value:
                case Ref(step=at):
                    is_closing = isinstance(argument.type, t.Handle) and argument.type.closing
                    values.append(f"{'' if is_closing else '&mut '}{self._handle(at, number)}")
                case Instance(number=instance):
                    values.append(f"&mut {self.subject(instance, number)}")
                case _:
                    values.append(self.literals.argument(argument.type, value))
        if operation.faults:
            if step.fault is not None:
                self.literals.types.add("Fault")
            values.append("None" if step.fault is None else f"Some(Fault::{camel(step.fault)})")
        return f"Subject::{snake(operation.name)}({', '.join(values)})"

    def list_of_states(self) -> str:
        return "let mut states: Vec<String> = Vec::new();"

    def captured_states(self, at: int, number: int) -> list[str]:
        lines = []
        for slot in self.states_after(at, number):
            subject = self.subject(slot.instance, number)
            lines.append(f"let {self._variable(slot)} = {self._state(subject)};")
        return lines

    def collected(self, number: int, into: str = "answers") -> list[str]:
        if self.schema.state is None:
            return []
        subjects = [self.subject(i, number) for i in range(self.schema.instances)]
        return [f"{into}.push({self._state(subject)});" for subject in subjects]

    def _state(self, subject: str) -> str:
        assert self.schema.state is not None
        state = self.one_form.value(self.schema.state, f"Subject::state(&mut {subject})")
        return debug(self.schema.state, state)

    def _handle(self, at: int, number: int) -> str:
        return f"{'varied_handle' if number else 'handle'}{at + 1}"

    def _variable(self, slot: Slot) -> str:
        name = f"{slot.kind}{slot.step + 1}"
        if slot.kind == STATE and self.schema.instances > 1:
            name = f"{name}_of_{slot.instance + 1}"
        return f"varied_{name}" if slot.trace else name

    # What is asserted

    def assertion(self, assertion: Assertion) -> list[str]:
        match assertion:
            case Is(slot=slot, value=value):
                wanted, place = self._wanted(slot, value), self.place(slot)
                message = text(
                    f"{place}; {header.shown(self.demand.why)}".replace("{", "{{").replace("}", "}}")
                )
                return [f"assert_eq!({self._variable(slot)}, {wanted}, {message});"]
            case AreNot(pairs=pairs):
                conditions = [
                    f"{self._variable(slot)} == {self._wanted(slot, value)}" for slot, value in pairs
                ]
                if assertion.pattern:
                    self.helpers.add("pattern_of")
                    conditions.append(f'pattern_of(&states) == "{assertion.pattern}"')
                return [
                    "let is_broken = [",
                    *(f"{condition}," for condition in conditions),
                    "].iter().all(|is_so| *is_so);",
                    f"assert!(!is_broken, {self._why()});",
                ]
            case IsNotKind(slot=slot, kind=kind):
                begin = kind if kind in ("unmapped", "rejected") else f"rejected: {kind}"
                variable = self._variable(slot)
                why = text(header.shown(self.demand.why))
                return [f'assert!(!{variable}.starts_with("{begin}"), "{{{variable}}}; {{}}", {why});']
            case Same(one=one, other=other):
                message = f"{self.place(one)}, and {self.place(other)}; {header.shown(self.demand.why)}"
                message = text(message.replace("{", "{{").replace("}", "}}"))
                return [f"assert_eq!({self._variable(one)}, {self._variable(other)}, {message});"]
            case Repeats() | Survives():
                raise AssertionError("is written with its steps")
            case other:
                assert_never(other)

    def _wanted(self, slot: Slot, value: Any) -> str:
        if slot.kind == STATE:
            assert self.schema.state is not None
            return debug(self.schema.state, self._typed(self.schema.state, value))
        operation = self.schema.operation(self.demand.traces[slot.trace].steps[slot.step].operation)
        match value:
            case Accepted(value=result):
                self.helpers.add("accepted_with")
                type_ = None if operation.result is None else t.bare(operation.result)
                if type_ is None or isinstance(type_, t.Handle):
                    return "accepted_with(&())"
                if is_bytes(type_):
                    self.helpers.add("Readable")
                    return f"accepted_with(&Readable({self.literals.of(type_, result)}))"
                literal = self.one_form.value(type_, self.literals.of(type_, result))
                return f"accepted_with{self._turbofish(type_)}(&{literal})"
            case Rejected(rejection=name, detail=detail):
                self.helpers.add("rejected_with")
                if not self.stand_in.has_details:
                    return f'rejected_with("{name}")'
                type_ = next(r.detail for r in self.schema.rejections if r.name == name)
                shown = "None" if type_ is None else f"Some({debug(type_, self._typed(type_, detail))})"
                return f'rejected_with("{name}", {shown})'
        raise NotExportable(f"no test can ask for the answer {value!r}")

    def _typed(self, type_: t.Type, value: Any) -> str:
        """Return the expression of a value that has its Rust type also where nothing asks for one."""
        literal = self.literals.of(type_, value)
        if self.one_form.function(type_) is not None:
            return self.one_form.value(type_, literal)
        match t.bare(type_):
            case t.Optional() | t.Sequence() | t.Mapping():
                return f"{{ let value: {self._owned(type_)} = {literal}; value }}"
            case t.Int(lo=lo):
                return f"{literal}_{'i64' if lo < 0 else 'u64'}"
        return literal

    def _turbofish(self, type_: t.Type) -> str:
        """Return the type of a value that does not say it itself."""
        named_itself = isinstance(t.bare(type_), t.Record | t.Union | t.Enumeration)
        return "" if named_itself else f"::<{self._owned(type_)}>"

    def _owned(self, type_: t.Type) -> str:
        owned = Values(self.schema).owned(type_).replace("BTreeMap", "std::collections::BTreeMap")
        self.literals.types |= {one.name for one in named(type_)}
        return owned

    # What is copied, and what stands in for the generated module

    def _allowance(self, item: Item) -> str:
        """Return what lets the steps leave out fields and variants of a type that is copied whole."""
        if item.keyword not in ("struct", "enum") or item.words[-2].text == item.name:
            return ""
        return "#[allow(dead_code)] // copied whole, whatever the steps read of it\n"

    def _module(self, module: Module) -> str:
        """Return the items of a module, with an empty line between two where the source has one."""
        text = ""
        for one in module.items:
            match one:
                case Item():
                    is_close = one.text.startswith("\n") and not one.text.startswith("\n\n")
                    text += ("\n" if is_close else "\n\n") + self._allowance(one) + one.text.strip("\n")
                case Reference(head=head, path=path):
                    text += f'\n\n#[path = "{os.path.relpath(path, self.folder)}"]\n{head}'
                case Module():
                    inner = "".join(token.text for token in one.attributes)
                    text += f"\n\nmod {one.name} {{\n{inner}\n{self._module(one)}\n}}"
        return text.lstrip("\n")
