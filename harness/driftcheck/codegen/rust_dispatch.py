"""
The dispatch of a contract in Rust: the SDK's `Contract`, implemented by calls of the trait `Subject`.

A pure function of the schema. Knows nothing of the types' definitions or of files.
"""

from __future__ import annotations

import attrs

from driftcheck.codegen.rust_names import call, signature, snake, snake_from_camel, string, strings
from driftcheck.codegen.rust_values import Values, is_plain
from driftcheck.contract.schema import Argument, Operation, Schema
from driftcheck.core import types as t

_BODY = " " * 16  # the indent of the statements of an operation's match arm


@attrs.frozen
class Dispatch:
    """Writes the implementation of `Contract` for the subjects of one contract."""

    schema: Schema
    values: Values

    def definitions(self) -> list[list[str]]:
        """Return the implementation of the SDK's `Contract`."""
        dispatch, opened = self.values.private("Dispatch"), self.values.private("Opened")
        handles = [
            f"    {self._table(name)}: {self.values.name('Handles')}<S::{name}>,"
            for name in self.schema.handles
        ]
        if self.schema.opening:
            held = f"struct {dispatch}<S>(std::marker::PhantomData<S>);"
            head = [f"impl<S: Subject> {self.values.name('Contract')} for {dispatch}<S> {{"]
        else:
            held = f"struct {dispatch}<F>(F);"
            head = [
                f"impl<S: Subject, F: Fn() -> {self.values.outcome('S')}> "
                f"{self.values.name('Contract')} for {dispatch}<F> {{"
            ]
        return [
            [held],
            # Fields are dropped in order, so a subject outlives the handles that it made.
            [f"struct {opened}<S: Subject> {{", *handles, "    subject: S,", "}"],
            [*head, *self._constants(), "", *self._opening(), "", *self._step(), *self._state(), "}"],
        ]

    def _constants(self) -> list[str]:
        catch_all = next((f"Some({r.index})" for r in self.schema.rejections if r.catch_all), "None")
        types = ", ".join(self.values.argument(a.type, lifetime="'a ") for a in self.schema.opening)
        trailing = "," if len(self.schema.opening) == 1 else ""
        instances, faults = self.schema.instances, [fault.name for fault in self.schema.faults]
        operations = [operation.name for operation in self.schema.operations]
        return [
            f"    type Opened = {self.values.private('Opened')}<S>;",
            f"    type Opening<'a> = ({types}{trailing});",
            "",
            f"    const NAME: &'static str = {string(self.schema.name)};",
            f"    const FINGERPRINT: &'static str = {string(self.schema.fingerprint)};",
            *strings("    ", "const OPERATIONS: &'static [&'static str]", operations),
            f"    const CATCH_ALL: {self.values.name('Option')}<usize> = {catch_all};",
            f"    const HAS_STATE: bool = {'true' if self.schema.state is not None else 'false'};",
            *([f"    const INSTANCES: usize = {instances};"] if instances > 1 else []),
            *(strings("    ", "const FAULTS: &'static [&'static str]", faults) if faults else []),
        ]

    def _opening(self) -> list[str]:
        indent = " " * 8
        reader, unreadable = self.values.name("Reader"), self.values.name("Unreadable")
        arguments = self.schema.opening
        names = [f"a{i}" for i in range(len(arguments))]
        opening = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
        if arguments:
            made = call(indent, "let subject = S::open", names, "?;")
        else:
            made = [f"{indent}let subject = (self.0)()?;"]
        fields = [
            *(
                f"{self._table(name)}: {self.values.name('Handles')}::default()"
                for name in self.schema.handles
            ),
            "subject",
        ]
        return [
            *signature(
                "    ",
                "fn opening<'a>",
                ["&self", f"r: &mut {reader}<'a>"],
                f" -> {self.values.name('Result')}<Self::Opening<'a>, {unreadable}> {{",
            ),
            f"{indent}r.fields({len(arguments)})?;",
            *(f"{indent}let a{i} = r.{self.values.reading(a.type)}?;" for i, a in enumerate(arguments)),
            f"{indent}Ok({opening})",
            "    }",
            "",
            *signature(
                "    ",
                "fn open",
                ["&self", f"{opening}: Self::Opening<'_>"],
                f" -> {self.values.outcome('Self::Opened')} {{",
            ),
            *made,
            *_wrapped_literal(indent, f"Ok({self.values.private('Opened')}", fields),
            "    }",
        ]

    def _step(self) -> list[str]:
        indent = " " * 8
        peers = any(isinstance(a.type, t.Peer) for o in self.schema.operations for a in o.arguments)
        arms: list[str] = []
        for operation in self.schema.operations:
            arms += [f"{indent}    {operation.index} => {{", *self._arm(operation, peers), f"{indent}    }}"]
        return [
            *signature(
                "    ",
                "fn step",
                [
                    "&self",
                    "instances: &mut [Self::Opened]",
                    f"step: &mut {self.values.name('Step')}<'_>",
                    f"r: &mut {self.values.name('Reader')}<'_>",
                ],
                f" -> {self.values.name('Result')}<(), {self.values.name('Unreadable')}> {{",
            ),
            *([] if peers else [f"{indent}let own = &mut instances[step.instance];"]),
            f"{indent}match step.operation {{",
            *arms,
            f'{indent}    operation => unreachable!("operation {{operation}}"),',
            f"{indent}}}",
            f"{indent}Ok(())",
            "    }",
        ]

    def _arm(self, operation: Operation, peers: bool) -> list[str]:
        """Return the statements of one operation: read, borrow handles, call, return the handles, answer.

        Args:
            peers: whether some operation takes a peer; each operation then borrows its own instances.
        """
        arguments = list(enumerate(operation.arguments))
        lines = [f"{_BODY}r.fields({len(arguments)})?;"]
        for i, argument in arguments:
            if isinstance(argument.type, t.Handle):
                lines.append(f"{_BODY}let a{i} = r.uint()?;")
            elif isinstance(argument.type, t.Peer):
                lines.append(f"{_BODY}let a{i} = step.peer(r)?;")
            else:
                lines.append(f"{_BODY}let a{i} = r.{self.values.reading(argument.type)}?;")
        lines += self._own(operation) if peers else []

        given: list[str] = []  # statements that return these handles if a later one is missing
        kept: list[str] = []  # statements that return the handles after the call
        for i, argument in arguments:
            if isinstance(argument.type, t.Handle):
                lines += self._take(i, argument.type, given)
                back = f"own.{self._table(argument.type.name)}.keep(a{i}, h{i});"
                given.append(back)
                if not argument.type.closing:
                    kept.append(back)
        passed = ["&mut own.subject", *(self._passed(i, a) for i, a in arguments)]
        passed += ["fault(step.fault)"] if operation.faults else []
        lines += call(_BODY, f"let outcome = S::{snake(operation.name)}", passed, ";")
        lines += [f"{_BODY}{back}" for back in kept]
        return lines + self._answer(operation)

    def _own(self, operation: Operation) -> list[str]:
        """Return the statements that borrow the step's instance, and its peer's."""
        peer = next((i for i, a in enumerate(operation.arguments) if isinstance(a.type, t.Peer)), None)
        if peer is None:
            return [f"{_BODY}let own = &mut instances[step.instance];"]
        return [f"{_BODY}let (own, peer) = driftcheck::pair(instances, step.instance, a{peer});"]

    def _take(self, i: int, handle: t.Handle, given: list[str]) -> list[str]:
        mutable = "" if handle.closing else "mut "
        return [
            f"{_BODY}let Some({mutable}h{i}) = own.{self._table(handle.name)}.take(a{i}) else {{",
            *(f"{_BODY}    {back}" for back in given),
            f"{_BODY}    step.void();",
            f"{_BODY}    return Ok(());",
            f"{_BODY}}};",
        ]

    def _passed(self, i: int, argument: Argument) -> str:
        match argument.type:
            case t.Handle(closing=closing):
                return f"h{i}" if closing else f"&mut h{i}"
            case t.Peer():
                return "&mut peer.subject"
            case _:
                return f"a{i}"

    def _answer(self, operation: Operation) -> list[str]:
        match operation.result:
            case None:
                return [f"{_BODY}step.answer(outcome);"]
            case t.Handle(name=name):
                table = f"own.{self._table(name)}"
                return [
                    f"{_BODY}let outcome = outcome.map(|made| {table}.keep(step.number, made));",
                    f"{_BODY}step.answer(outcome);",
                ]
            case result:
                if is_plain(result):
                    return [f"{_BODY}step.answer(outcome);"]
                return call(_BODY, "step.answer_with", ["outcome", self.values.writing(result)], ";")

    def _state(self) -> list[str]:
        if self.schema.state is None:
            return []
        indent = " " * 8
        writer = self.values.name("Writer")
        return [
            "",
            *signature("    ", "fn state", ["&self", "opened: &mut Self::Opened", f"w: &mut {writer}"], " {"),
            f"{indent}let state = S::state(&mut opened.subject);",
            *self.values.write(indent, self.schema.state, "&state"),
            "    }",
        ]

    def _table(self, handle: str) -> str:
        return f"{snake_from_camel(handle)}_handles"


def _wrapped_literal(indent: str, before: str, fields: list[str]) -> list[str]:
    """Return the lines of `before { fields })`, a struct literal as the only argument of a call."""
    if len(fields) == 1:
        return [f"{indent}{before} {{ {fields[0]} }})"]
    return [f"{indent}{before} {{", *(f"{indent}    {f}," for f in fields), f"{indent}}})"]
