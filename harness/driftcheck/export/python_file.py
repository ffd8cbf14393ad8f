"""
The text of an exported test for pytest: the steps on the model, with plain literals, and the assertion.

The model is Python already, so nothing is copied: the test imports it, the contract and pytest.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterable, Sequence
from pkgutil import resolve_name
from typing import Any, ClassVar, assert_never

import attrs

from driftcheck.contract.schema import Operation
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Instance, Ref, Step, Trace
from driftcheck.export import header
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
from driftcheck.subjects.discover import ModelSource
from driftcheck.subjects.dispatch import with_value

_HELPERS = '''
def answer_of(name, call, *arguments):
    """Say in one line what a step ended with."""
    try:
        value = call(*arguments)
    except StepRejected as rejected:
        return rejected_with(rejected.rejection.name, rejected.detail)
    return accepted_with(name, value)


def accepted_with(name, value):
    type_ = SCHEMA.operation(name).result
    return "accepted" if type_ is None else f"accepted: {shown(type_, value)}"


def rejected_with(name, detail=None):
    type_ = next(one.detail for one in SCHEMA.rejections if one.name == name)
    return f"rejected: {name}" if type_ is None else f"rejected: {name}, {shown(type_, detail)}"


def shown(type_, value):
    """Return a value in one line, in the form in which driftcheck compares it."""
    return repr(decoder(type_)(load_strictly(dumps(encoder(type_)(value)))))
'''
_STARTED = """
if __name__ == "__main__":
    steps()
    print("all steps ended")
"""
_USED_BY_HELPERS = {
    ("driftcheck", "schema_of"),
    ("driftcheck.contract.words", "StepRejected"),
    *(("driftcheck.values.encoding", name) for name in ("decoder", "dumps", "encoder", "load_strictly")),
}


@attrs.define(eq=False)
class PythonFile(CaseTest):
    """Writes the test of one demand."""

    model: ModelSource
    imports: set[tuple[str, str]] = attrs.field(factory=lambda: {*_USED_BY_HELPERS})  # module and name
    performed: list[str] = attrs.field(factory=list)  # by a process of its own
    comment: ClassVar[str] = "#"

    def text(self) -> str:
        """Return the text."""
        test = self.test_lines()
        module, _, name = self.model.target.partition(":")
        self.imports.add((module, name))
        schema = f"SCHEMA = schema_of({self._class(self.schema.cls)})"
        doc = ['"""', *self.header.lines(), '"""']
        listed = [f"from {where} import {what}" for where, what in sorted(self.imports)]
        parts = [*doc, "", *listed, "", schema, "", _HELPERS, "", *test]
        if self.performed:
            parts += ["", "", "def steps():", *_indented(self.performed), "", _STARTED.rstrip()]
        return "\n".join(parts) + "\n"

    def function(self, body: Sequence[str]) -> list[str]:
        return [f"def test_{self.names.words}():", *_indented(body)]

    def repeated(self) -> list[str]:
        self.imports.add(("time", "sleep"))
        steps = self.steps(self.demand.traces[0], 0, collects=True)
        return [
            "def perform():",
            *_indented(["answers = []", *steps, "return answers"]),
            "",
            "first = perform()",
            f"for _ in range(1, {REPEATS}):",
            "    sleep(0.002)",
            f"    assert perform() == first, {self._why()}",
        ]

    def surviving(self, assertion: Survives) -> list[str]:
        self.imports |= {("os", "environ"), ("os", "pathsep"), ("subprocess", "run"), ("sys", "executable")}
        self.imports.add(("sys", "path"))
        limited = []
        if assertion.kind == "exhausted":
            self.imports |= {("resource", "RLIMIT_DATA"), ("resource", "setrlimit")}
            limited = ["setrlimit(RLIMIT_DATA, (1 << 30, 1 << 30))"]
        self.performed = [*limited, *self.steps(self.demand.traces[0], 0)]
        return [
            'env = {**environ, "PYTHONPATH": pathsep.join(path)}',
            f"done = run([executable, __file__], env=env, capture_output=True, text=True, timeout={CHILD_S})",
            f"assert 'all steps ended' in done.stdout, {self._why()} + '\\n' + done.stderr",
        ]

    def _why(self) -> str:
        return repr(header.shown(self.demand.why))

    def opening(self, trace: Trace, number: int) -> list[str]:
        _, _, name = self.model.target.partition(":")
        lines = []
        for instance in range(self.schema.instances):
            subject = self.subject(instance, number)
            lines.append(f"{subject} = {name}()")
            if hasattr(resolve_name(self.model.target), "open"):  # as the model's host asks
                values = self.schema.opening_of(trace.opening, instance)
                arguments = [
                    self._literal(a.type, v) for a, v in zip(self.schema.opening, values, strict=True)
                ]
                lines.append(f"{subject}.open({', '.join(arguments)})")
        return lines

    def list_of_states(self) -> str:
        return "states = []"

    def step(
        self, operation: Operation, step: Step, at: int, number: int, is_used: bool, *, collects: bool
    ) -> list[str]:
        call = f"{self.subject(step.instance, number)}.{operation.name}"
        arguments = self._arguments(operation, step, number)
        if is_used:
            return [f"{self._handle(at, number)} = {call}({', '.join(arguments)})"]
        answer = f"answer_of({', '.join([repr(operation.name), call, *arguments])})"
        if collects:
            return [f"answers.append({answer})"]
        if self.is_captured(at, number):
            return [f"{self._variable(Slot(ANSWER, at, trace=number))} = {answer}"]
        return [answer]

    def _arguments(self, operation: Operation, step: Step, number: int) -> list[str]:
        values = []
        for argument, value in zip(operation.arguments, step.arguments, strict=True):
            match value:
                case Ref(step=made):
                    values.append(self._handle(made, number))
                case Instance(number=instance):
                    values.append(self.subject(instance, number))
                case _:
                    values.append(self._argument(argument.type, value))
        if operation.faults:
            values.append("None" if step.fault is None else f"{self._class(self.schema.cls)}.{step.fault}")
        return values

    def _argument(self, type_: t.Type, value: Any) -> str:
        """Write an argument; a payload has its value, too, where a model reads it from `document.value`."""
        bare = t.bare(type_)
        if isinstance(value, Document) and isinstance(bare, t.Payload):
            read = with_value(bare, value.data).value
            if read is not None:
                self.imports.add(("driftcheck", "Payload"))
                return f"Payload({value.data!r}, {self._literal(bare.inner, read)})"
        return self._literal(type_, value)

    def captured_states(self, at: int, number: int) -> list[str]:
        return [
            f"{self._variable(slot)} = {self._state(self.subject(slot.instance, number))}"
            for slot in self.states_after(at, number)
        ]

    def collected(self, number: int, into: str = "answers") -> list[str]:
        if self.schema.state is None:
            return []
        subjects = [self.subject(i, number) for i in range(self.schema.instances)]
        return [f"{into}.append({self._state(subject)})" for subject in subjects]

    def _state(self, subject: str) -> str:
        return f"shown(SCHEMA.state, {subject}.state())"

    def _handle(self, at: int, number: int) -> str:
        return f"{'varied_handle' if number else 'handle'}{at + 1}"

    def _variable(self, slot: Slot) -> str:
        name = f"{slot.kind}{slot.step + 1}"
        if slot.kind == STATE and self.schema.instances > 1:
            name = f"{name}_of_{slot.instance + 1}"
        return f"varied_{name}" if slot.trace else name

    def assertion(self, assertion: Assertion) -> list[str]:
        why = self._why()
        match assertion:
            case Is(slot=slot, value=value):
                return [f"assert {self._variable(slot)} == {self._wanted(slot, value)}, {why}"]
            case AreNot(pairs=pairs):
                same = [f"{self._variable(slot)} == {self._wanted(slot, value)}" for slot, value in pairs]
                if assertion.pattern:
                    pattern = [int(number) for number in assertion.pattern.split()]
                    same.append(f"[[*dict.fromkeys(states)].index(one) for one in states] == {pattern}")
                return [f"assert not ({' and '.join(same)}), {why}"]
            case IsNotKind(slot=slot, kind=kind):
                begin = kind if kind in ("unmapped", "rejected") else f"rejected: {kind}"
                return [f"assert not {self._variable(slot)}.startswith({begin!r}), {why}"]
            case Same(one=one, other=other):
                return [f"assert {self._variable(one)} == {self._variable(other)}, {why}"]
            case Repeats() | Survives():
                raise AssertionError("is written with its steps")
            case other:
                assert_never(other)

    def _wanted(self, slot: Slot, value: Any) -> str:
        if slot.kind == STATE:
            assert self.schema.state is not None
            return f"shown(SCHEMA.state, {self._literal(self.schema.state, value)})"
        operation = self.schema.operation(self.demand.traces[slot.trace].steps[slot.step].operation)
        match value:
            case Accepted(value=result):
                type_ = None if operation.result is None else t.bare(operation.result)
                is_shown = type_ is not None and not isinstance(type_, t.Handle)
                literal = self._literal(type_, result) if is_shown and type_ is not None else "None"
                return f"accepted_with({operation.name!r}, {literal})"
            case Rejected(rejection=name, detail=detail):
                type_ = next(r.detail for r in self.schema.rejections if r.name == name)
                given = "" if type_ is None else f", {self._literal(type_, detail)}"
                return f"rejected_with({name!r}{given})"
        raise NotExportable(f"no test can ask for the answer {value!r}")

    def _literal(self, type_: t.Type, value: Any) -> str:
        if isinstance(value, Document | Payload):
            self.imports.add(("driftcheck", "Payload"))
            return f"Payload({value.data!r})"
        bare = t.bare(type_)
        match bare:
            case t.Payload():
                self.imports.add(("driftcheck", "Payload"))
                return f"Payload({value!r})"
            case t.Float() if not math.isfinite(value):
                return f"float({str(value)!r})"
            case t.Enumeration() if isinstance(value, enum.Enum):
                return f"{self._class(type(value))}.{value.name}"
            case t.Record(fields=fields, cls=cls):
                parts = [f"{f.name}={self._literal(f.type, getattr(value, f.name))}" for f in fields]
                return f"{self._class(cls)}({', '.join(parts)})"
            case t.Union(alternatives=alternatives):
                return self._literal(next(a for a in alternatives if a.cls is type(value)), value)
            case t.Optional(inner=inner):
                return "None" if value is None else self._literal(inner, value)
            case t.Sequence(inner=inner):
                items = [self._literal(inner, item) for item in value]
                return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
            case t.Mapping(key=key, value=inner):
                pairs = [f"{self._literal(key, k)}: {self._literal(inner, v)}" for k, v in value.items()]
                return "{" + ", ".join(pairs) + "}"
        return repr(value)

    def _class(self, cls: type) -> str:
        outer = cls.__qualname__.partition(".")[0]
        if not re.fullmatch(r"[\w.]+", cls.__qualname__):
            raise NotExportable(f"the class {cls.__qualname__} is defined in a function")
        self.imports.add((cls.__module__, outer))
        return cls.__qualname__


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}".rstrip() for line in lines]
