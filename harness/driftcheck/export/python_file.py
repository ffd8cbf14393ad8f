"""
The text of an exported test for pytest: the steps on the model, with plain literals, and the assertion.

The model is Python already, so nothing is copied: the test imports it, the contract and pytest.
"""

from __future__ import annotations

import enum
import math
import re
from pkgutil import resolve_name
from typing import Any, assert_never

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Instance, Ref, Step, Trace
from driftcheck.export import header
from driftcheck.export.demands import (
    ANSWER,
    REPEATS,
    STATE,
    AreNot,
    Assertion,
    Demand,
    Is,
    IsNotKind,
    Repeats,
    Same,
    Slot,
    Survives,
)
from driftcheck.export.errors import NotExportable
from driftcheck.export.header import Header
from driftcheck.export.names import Names
from driftcheck.subjects.discover import ModelSource

_ANSWER = '''def answer_of(call, *arguments):
    """Say what a step ended with: its value, or the name of its rejection."""
    try:
        result = call(*arguments)
    except StepRejected as rejected:
        return ("rejected", rejected.rejection.name, rejected.detail)
    return ("accepted", getattr(result, "data", result))
'''


@attrs.define(eq=False)
class PythonFile:
    """Writes the test of one demand."""

    names: Names
    header: Header
    demand: Demand
    model: ModelSource
    imports: set[tuple[str, str]] = attrs.field(factory=set)  # module and name

    @property
    def schema(self) -> Schema:
        """Return the contract."""
        return self.demand.schema

    def text(self) -> str:
        """Return the text."""
        body = self._test()
        module, _, name = self.model.target.partition(":")
        self.imports |= {(module, name), ("driftcheck.contract.words", "StepRejected")}
        lines = [*self.header.lines()]
        doc = ['"""', *lines, '"""']
        listed = [f"from {where} import {what}" for where, what in sorted(self.imports)]
        test = [f"def test_{self.names.words}():", *(f"    {line}".rstrip() for line in body)]
        return "\n".join([*doc, "", *listed, "", "", _ANSWER, "", *test]) + "\n"

    def _test(self) -> list[str]:
        body: list[str] = []
        for assertion in self.demand.assertions:
            if isinstance(assertion, Repeats):
                return self._repeated()
            if isinstance(assertion, Survives):
                return self._steps(self.demand.traces[0], 0)
        for number, trace in enumerate(self.demand.traces):
            body += self._steps(trace, number)
        body += [f"# {line}" for line in self.header.decide()]
        for assertion in self.demand.assertions:
            body += self._assertion(assertion)
        return body

    def _repeated(self) -> list[str]:
        steps = self._steps(self.demand.traces[0], 0, collects=True)
        return [
            "def perform():",
            "    answers = []",
            *(f"    {line}" for line in steps),
            "    return answers",
            "",
            f"assert all(repr(perform()) == repr(perform()) for _ in range({REPEATS}))",
        ]

    def _steps(self, trace: Trace, number: int, *, collects: bool = False) -> list[str]:
        _, _, name = self.model.target.partition(":")
        lines = []
        for instance in range(self.schema.instances):
            subject = self._subject(instance, number)
            lines.append(f"{subject} = {name}()")
            if hasattr(resolve_name(self.model.target), "open"):  # as the model's host asks
                values = self.schema.opening_of(trace.opening, instance)
                arguments = [
                    self._literal(a.type, v) for a, v in zip(self.schema.opening, values, strict=True)
                ]
                lines.append(f"{subject}.open({', '.join(arguments)})")
        lines += self._states(-1, number)
        for at, step in enumerate(trace.steps):
            lines += ["", f"# {header.step(self.demand, trace, at)}"]
            lines += self._step(self.schema.operation(step.operation), step, at, number)
            if collects:
                lines.append(f"answers.append({self._variable(Slot(ANSWER, at, trace=number))})")
            lines += self._states(at, number)
        return lines

    def _step(self, operation: Operation, step: Step, at: int, number: int) -> list[str]:
        values = []
        for argument, value in zip(operation.arguments, step.arguments, strict=True):
            match value:
                case Ref(step=made):
                    values.append(f"{self._variable(Slot(ANSWER, made, trace=number))}[1]")
                case Instance(number=instance):
                    values.append(self._subject(instance, number))
                case _:
                    values.append(self._literal(argument.type, value))
        if step.fault is not None:
            raise NotExportable("a step of a model has a fault, which only driftcheck can inject there")
        call = f"{self._subject(step.instance, number)}.{operation.name}"
        return [f"{self._variable(Slot(ANSWER, at, trace=number))} = answer_of({', '.join([call, *values])})"]

    def _states(self, at: int, number: int) -> list[str]:
        return [
            f"{self._variable(slot)} = {self._subject(slot.instance, number)}.state()"
            for slot in self.demand.slots
            if slot.kind == STATE and slot.step == at and slot.trace == number
        ]

    def _subject(self, instance: int, number: int) -> str:
        name = "varied" if number else "subject"
        return name if self.schema.instances == 1 else f"{name}{instance + 1}"

    def _variable(self, slot: Slot) -> str:
        name = f"{slot.kind}{slot.step + 1}"
        if slot.kind == STATE and self.schema.instances > 1:
            name = f"{name}_of_{slot.instance + 1}"
        return f"varied_{name}" if slot.trace else name

    def _assertion(self, assertion: Assertion) -> list[str]:
        why = repr(header.shown(self.demand.why))
        match assertion:
            case Is(slot=slot, value=value):
                return [f"assert {self._variable(slot)} == {self._wanted(slot, value)}, {why}"]
            case AreNot(pairs=pairs):
                same = " and ".join(f"{self._variable(s)} == {self._wanted(s, v)}" for s, v in pairs)
                return [f"assert not ({same}), {why}"]
            case IsNotKind(slot=slot, kind=kind):
                begin = ("rejected",) if kind == "rejected" else ("rejected", kind)
                return [f"assert {self._variable(slot)}[:{len(begin)}] != {begin!r}, {why}"]
            case Same(one=one, other=other):
                return [f"assert {self._variable(one)} == {self._variable(other)}, {why}"]
            case Repeats() | Survives():
                raise AssertionError("is written with its steps")
            case other:
                assert_never(other)

    def _wanted(self, slot: Slot, value: Any) -> str:
        if slot.kind == STATE:
            assert self.schema.state is not None
            return self._literal(self.schema.state, value)
        operation = self.schema.operation(self.demand.traces[slot.trace].steps[slot.step].operation)
        match value:
            case Accepted(value=result):
                if isinstance(result, Document | Payload):
                    result = result.data
                shown = "None" if operation.result is None else self._result(operation.result, result)
                return f'("accepted", {shown})'
            case Rejected(rejection=name, detail=detail):
                type_ = next(r.detail for r in self.schema.rejections if r.name == name)
                shown = "None" if type_ is None else self._literal(type_, detail)
                return f'("rejected", "{name}", {shown})'
        raise NotExportable(f"no test can ask for the answer {value!r}")

    def _result(self, type_: t.Type, value: Any) -> str:
        return repr(value) if isinstance(t.bare(type_), t.Payload) else self._literal(type_, value)

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
