"""
The text of an exported Go test: the steps with plain literals, the assertion, and the adapter's conversions.

Makes text that compiles; gofmt gives it its layout. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import attrs

from driftcheck.codegen import go_names
from driftcheck.contract.schema import Operation
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Instance, Ref, Step, Trace
from driftcheck.export import header
from driftcheck.export.case_test import CaseTest
from driftcheck.export.demand import (
    ANSWER,
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
from driftcheck.export.go_adapter import GoAdapter
from driftcheck.export.go_helpers import CHILD, HELPERS
from driftcheck.export.go_literals import GoLiterals, text
from driftcheck.export.go_one_form import GoOneForm
from driftcheck.export.go_stand_in import GoStandIn
from driftcheck.export.go_tokens import tokens

RENAMED = "OfCase"  # the end of a helper's name that the adapter uses, too


@attrs.define(eq=False)
class GoFile(CaseTest):
    """Writes the test of one demand."""

    adapter: GoAdapter
    literals: GoLiterals
    one_form: GoOneForm = attrs.field(factory=GoOneForm)
    helpers: set[str] = attrs.field(factory=set)
    imports: set[str] = attrs.field(factory=lambda: {"testing"})

    def text(self) -> str:
        """Return the text, which gofmt must still lay out.

        Raises:
            NotExportable: the adapter uses a name that the test would need.
        """
        test = self.test_lines()
        stand_in = GoStandIn(
            self.demand, self.adapter, self.literals, self.one_form, self.helpers, self.imports
        )
        own = "\n".join([*test, "", *stand_in.parts()])
        own = self._without_clashes(own)
        parts = [
            *(f"// {line}".rstrip() for line in self.header.lines()),
            f"package {self.names.go_package}",
            "",
            *self._imports(own),
            "",
            own,
            "",
            "// The conversions of the adapter, copied from its source.",
            "",
            "\n".join(one.text for one in self.adapter.declarations),
        ]
        return "\n".join(parts) + "\n"

    # The test

    def function(self, body: Sequence[str]) -> list[str]:
        return [f"func {self.names.go_function}(t *testing.T) {{", *body, "}"]

    def repeated(self) -> list[str]:
        self.imports |= {"strings", "time"}
        trace = self.demand.traces[0]
        return [
            "perform := func() string {",
            "var answers []string",
            *self.steps(trace, 0, collects=True),
            'return strings.Join(answers, "\\n")',
            "}",
            "first := perform()",
            f"for n := 1; n < {REPEATS}; n++ {{",
            "time.Sleep(2 * time.Millisecond)",
            "if again := perform(); again != first {",
            f't.Fatalf("{self._why()}\\nfirst:\\n%s\\nlater:\\n%s", first, again)',
            "}",
            "}",
        ]

    def surviving(self, assertion: Survives) -> list[str]:
        steps = self.steps(self.demand.traces[0], 0)
        if assertion.kind == "panicked":
            return [
                "defer func() {",
                "if panicked := recover(); panicked != nil {",
                f't.Fatalf("a step panicked: %v; {self._why()}", panicked)',
                "}",
                "}()",
                *steps,
            ]
        self.helpers.add("endsWell")
        limited: list[str] = []
        if assertion.kind == "exhausted":
            self.imports |= {"syscall"}
            limited = [
                "limit := syscall.Rlimit{Cur: 1 << 30, Max: 1 << 30}",
                "if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {",
                "t.Fatal(err)",
                "}",
            ]
        self.imports |= {"os", "time", "fmt"}
        return [
            f'if os.Getenv("{CHILD}") == "" {{',
            f'endsWell(t, "{self._why()}")',
            "return",
            "}",
            *limited,
            *steps,
            "time.Sleep(100 * time.Millisecond) // for what the steps have started",
            'fmt.Println("all steps ended")',
        ]

    def _why(self) -> str:
        return text(header.shown(self.demand.why))[1:-1].replace("%", "%%")

    def opening(self, trace: Trace, number: int) -> list[str]:
        lines = []
        for instance in range(self.schema.instances):
            name = self.subject(instance, number)
            if self.schema.is_stateless:
                lines.append(f"{name} := {self.adapter.subject}")
                continue
            values = self.schema.opening_of(trace.opening, instance)
            arguments = [
                self.literals.of(a.type, v) for a, v in zip(self.schema.opening, values, strict=True)
            ]
            opener = (
                self.adapter.subject if self.adapter.subject.isidentifier() else f"({self.adapter.subject})"
            )
            lines += [
                f"{name}, err := {opener}({', '.join(arguments)})",
                "if err != nil {",
                't.Fatalf("open: %v", err)',
                "}",
            ]
            if "Drop" in self.adapter.methods:
                lines.append(f"defer {name}.(interface{{ Drop() }}).Drop()")
            lines.append(f"_ = {name}")
        return lines

    def step(
        self, operation: Operation, step: Step, at: int, number: int, is_used: bool, *, collects: bool
    ) -> list[str]:
        self.helpers.add("answerOf")
        call = self._call(operation, step, number)
        result = None if operation.result is None else t.bare(operation.result)
        slot = self._variable(Slot(ANSWER, at, trace=number))
        is_captured = self.is_captured(at, number)
        where = f"step {at + 1}, {operation.name}"
        if isinstance(result, t.Handle):
            name = self._handle(at, number)
            lines = [f"{name}, err := {call}"]
            lines += [] if is_used else [f"_ = {name}"]
            if is_captured:
                return [*lines, f"{slot} := answerOf(nil, err)"]
            if is_used:
                return [*lines, "if err != nil {", f't.Fatalf("{where}: %v", err)', "}"]
            return [*lines, f't.Log("{where}:", answerOf(nil, err))']
        answer = f"answerOf(nil, {call})" if result is None else self.one_form.answer(result, call)
        if collects:
            return [f"answers = append(answers, {answer})"]
        if is_captured:
            return [f"{slot} := {answer}"]
        return [f't.Log("{where}:", {answer})']

    def _call(self, operation: Operation, step: Step, number: int) -> str:
        values = []
        for argument, value in zip(operation.arguments, step.arguments, strict=True):
            match value:
                case Ref(step=at):
                    values.append(self._handle(at, number))
                case Instance(number=instance):
                    values.append(self.subject(instance, number))
                case _:
                    values.append(self.literals.of(argument.type, value))
        if operation.faults:
            fault = "NoFault" if step.fault is None else f"Fault{go_names.exported(step.fault)}"
            self.literals.types |= {"Fault", fault}
            values.append(fault)
        subject = self.subject(step.instance, number)
        return f"{subject}.{go_names.exported(operation.name)}({', '.join(values)})"

    def list_of_states(self) -> str:
        self.helpers.add("patternOf")
        return "var states []string"

    def captured_states(self, at: int, number: int) -> list[str]:
        lines = []
        for slot in self.states_after(at, number):
            lines.append(f"{self._variable(slot)} := {self._state(self.subject(slot.instance, number))}")
        return lines

    def _pattern(self, pattern: str) -> list[str]:
        if not pattern:
            return []
        self.imports.add("fmt")
        return [
            "// Which states are equal is a part of it: the number of each different one.",
            f'isBroken = isBroken && patternOf(states) == "{pattern}"',
        ]

    def collected(self, number: int, into: str = "answers") -> list[str]:
        if self.schema.state is None:
            return []
        subjects = [self.subject(i, number) for i in range(self.schema.instances)]
        return [f"{into} = append({into}, {self._state(subject)})" for subject in subjects]

    def _state(self, subject: str) -> str:
        assert self.schema.state is not None
        self.helpers.add("shown")
        return f"shown({self.one_form.value(self.schema.state, f'{subject}.State()')})"

    def _handle(self, at: int, number: int) -> str:
        return f"{'variedHandle' if number else 'handle'}{at + 1}"

    def _variable(self, slot: Slot) -> str:
        name = f"{slot.kind}{slot.step + 1}"
        if slot.kind == STATE and self.schema.instances > 1:
            name = f"{name}Of{slot.instance + 1}"
        return f"varied{name.capitalize()}" if slot.trace else name

    # What is asserted

    def assertion(self, assertion: Assertion) -> list[str]:
        match assertion:
            case Is(slot=slot, value=value):
                variable = self._variable(slot)
                told = f"{self.place(slot)}\\n got: %s\\nwant: %s\\n{self._why()}"
                return [
                    f"if want := {self._wanted(slot, value)}; {variable} != want {{",
                    f't.Errorf("{told}", {variable}, want)',
                    "}",
                ]
            case AreNot(pairs=pairs):
                listed = [
                    f"{{{self._variable(slot)}, {self._wanted(slot, value)}}}," for slot, value in pairs
                ]
                return [
                    "isBroken := true",
                    "for _, pair := range [][2]string{",
                    *listed,
                    "} {",
                    "isBroken = isBroken && pair[0] == pair[1]",
                    "}",
                    *self._pattern(assertion.pattern),
                    "if isBroken {",
                    f't.Error("{self._why().replace("%%", "%")}")',
                    "}",
                ]
            case IsNotKind(slot=slot, kind=kind):
                self.imports.add("strings")
                begin = kind if kind in ("unmapped", "rejected") else f"rejected: {kind}"
                variable = self._variable(slot)
                return [
                    f'if strings.HasPrefix({variable}, "{begin}") {{',
                    f't.Errorf("{self.place(slot)}\\n got: %s\\n{self._why()}", {variable})',
                    "}",
                ]
            case Same(one=one, other=other):
                a, b = self._variable(one), self._variable(other)
                told = f"{self.place(one)}: %s\\n{self.place(other)}: %s\\n{self._why()}"
                return [
                    f"if {a} != {b} {{",
                    f't.Errorf("{told}", {a}, {b})',
                    "}",
                ]
            case Repeats() | Survives():
                raise AssertionError("is written with its steps")
            case other:
                assert_never(other)

    def _wanted(self, slot: Slot, value: Any) -> str:
        if slot.kind == STATE:
            assert self.schema.state is not None
            self.helpers.add("shown")
            return f"shown({self._typed(self.schema.state, value)})"
        operation = self.schema.operation(self.demand.traces[slot.trace].steps[slot.step].operation)
        match value:
            case Accepted(value=result):
                self.helpers.add("acceptedWith")
                type_ = None if operation.result is None else t.bare(operation.result)
                if type_ is None or isinstance(type_, t.Handle):
                    return "acceptedWith(nil)"
                return f"acceptedWith({self._typed(type_, result)})"
            case Rejected(rejection=name, detail=detail):
                self.helpers.add("rejectedWith")
                type_ = next(r.detail for r in self.schema.rejections if r.name == name)
                shown = "nil" if type_ is None else self._typed(type_, detail)
                return f'rejectedWith("{name}", {shown})'
        raise NotExportable(f"no test can ask for the answer {value!r}")

    def _typed(self, type_: t.Type, value: Any) -> str:
        return self.one_form.value(type_, self.literals.typed(type_, value))

    def _imports(self, own: str) -> list[str]:
        paths = {path: (name, path) for name, path in self.adapter.imports.items()}
        used = {token.text for token in tokens(own) if token.kind == "name"}
        for path in self.imports:
            name = path.rpartition("/")[2]
            if name not in used:
                continue
            if self.adapter.imports.get(name, path) != path:
                raise NotExportable(f"its adapter gives the name {name} to another package than {path}")
            paths[path] = (name, path)
        lines = []
        for name, path in sorted(paths.values(), key=lambda pair: pair[1]):
            is_plain = path.rpartition("/")[2] == name
            lines.append(f'"{path}"' if is_plain else f'{name} "{path}"')
        standard = [one for one in lines if "." not in one.split('"')[1].partition("/")[0]]
        others = [one for one in lines if one not in standard]
        return ["import (", *standard, *([""] if others else []), *others, ")"]

    def _without_clashes(self, own: str) -> str:
        """Rename the helpers whose names the adapter has, too."""
        clashes = self.adapter.names & {*HELPERS, "answerOf", self.names.go_function}
        if not clashes:
            return own
        return "".join(
            token.text + RENAMED if token.kind == "name" and token.text in clashes else token.text
            for token in tokens(own)
        )
