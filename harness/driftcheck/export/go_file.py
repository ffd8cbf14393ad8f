"""
The text of an exported Go test: the steps with plain literals, the assertion, and the adapter's conversions.

Makes text that compiles; gofmt gives it its layout. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

import attrs

from driftcheck.codegen import go_names
from driftcheck.codegen.go_values import BYTES_KEY, definitions, go_type
from driftcheck.contract.schema import Argument, Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Instance, Ref, Step, Trace
from driftcheck.export import header
from driftcheck.export.demands import (
    ANSWER,
    CHILD_S,
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
from driftcheck.export.go_adapter import PREFIX, GoAdapter, contract_names
from driftcheck.export.go_helpers import CHILD, HELPERS, SDK_NAMES, answer_of, rejections
from driftcheck.export.go_literals import GoLiterals, named, text
from driftcheck.export.go_tokens import tokens
from driftcheck.export.header import Header
from driftcheck.export.names import Names

RENAMED = "OfCase"  # the end of a helper's name that the adapter uses, too


@attrs.define(eq=False)
class GoFile:
    """Writes the test of one demand."""

    names: Names
    header: Header
    demand: Demand
    adapter: GoAdapter
    literals: GoLiterals
    helpers: set[str] = attrs.field(factory=set)
    imports: set[str] = attrs.field(factory=lambda: {"testing"})

    @property
    def schema(self) -> Schema:
        """Return the contract."""
        return self.demand.schema

    def text(self) -> str:
        """Return the text, which gofmt must still lay out.

        Raises:
            NotExportable: the adapter uses a name that the test would need.
        """
        test = self._test()
        standing_in = self._standing_in()
        own = "\n".join([*test, "", *standing_in])
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

    def _test(self) -> list[str]:
        assertions = self.demand.assertions
        body: list[str] = []
        for assertion in assertions:
            if isinstance(assertion, Repeats):
                return self._function(self._repeated())
            if isinstance(assertion, Survives):
                return self._function(self._surviving(assertion))
        for number, trace in enumerate(self.demand.traces):
            body += self._steps(trace, number)
        body += [f"// {line}" for line in self.header.decide()]
        for assertion in assertions:
            body += self._assertion(assertion)
        return self._function(body)

    def _function(self, body: Sequence[str]) -> list[str]:
        return [f"func {self.names.go_function}(t *testing.T) {{", *body, "}"]

    def _repeated(self) -> list[str]:
        self.imports |= {"strings", "time"}
        trace = self.demand.traces[0]
        return [
            "perform := func() string {",
            "var answers []string",
            *self._steps(trace, 0, collects=True),
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

    def _surviving(self, assertion: Survives) -> list[str]:
        steps = self._steps(self.demand.traces[0], 0)
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

    def _steps(self, trace: Trace, number: int, *, collects: bool = False) -> list[str]:
        lines = self._opening(trace, number)
        compares = self.demand.compares_states
        if compares:
            self.helpers.add("patternOf")
            lines += ["var states []string", *self._collected(number, "states")]
        lines += self._captured_states(-1, number)
        used = {a.step for step in trace.steps for a in step.arguments if isinstance(a, Ref)}
        closed: set[int] = set()
        for at, step in enumerate(trace.steps):
            operation = self.schema.operation(step.operation)
            lines += ["", f"// {header.step(self.demand, trace, at)}"]
            if any(isinstance(a, Ref) and a.step in closed for a in step.arguments):
                lines.append("// Its handle is closed already, so nothing is called.")
                continue
            lines += self._step(operation, step, at, number, at in used, collects=collects)
            for argument, value in zip(operation.arguments, step.arguments, strict=True):
                if isinstance(argument.type, t.Handle) and argument.type.closing:
                    closed.add(value.step)
            lines += self._collected(number) if collects else self._captured_states(at, number)
            lines += self._collected(number, "states") if compares else []
        return lines

    def _opening(self, trace: Trace, number: int) -> list[str]:
        lines = []
        for instance in range(self.schema.instances):
            name = self._subject(instance, number)
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

    def _step(
        self, operation: Operation, step: Step, at: int, number: int, is_used: bool, *, collects: bool
    ) -> list[str]:
        self.helpers.add("answerOf")
        call = self._call(operation, step, number)
        result = None if operation.result is None else t.bare(operation.result)
        slot = self._variable(Slot(ANSWER, at, trace=number))
        is_captured = any(s.kind == ANSWER and s.step == at and s.trace == number for s in self.demand.slots)
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
        answer = f"answerOf({call})" if result is not None else f"answerOf(nil, {call})"
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
                    values.append(self._subject(instance, number))
                case _:
                    values.append(self.literals.of(argument.type, value))
        if operation.faults:
            fault = "NoFault" if step.fault is None else f"Fault{go_names.exported(step.fault)}"
            self.literals.types |= {"Fault", fault}
            values.append(fault)
        subject = self._subject(step.instance, number)
        return f"{subject}.{go_names.exported(operation.name)}({', '.join(values)})"

    def _captured_states(self, at: int, number: int) -> list[str]:
        lines = []
        for slot in self.demand.slots:
            if slot.kind == STATE and slot.step == at and slot.trace == number:
                self.helpers.add("shown")
                lines.append(
                    f"{self._variable(slot)} := shown({self._subject(slot.instance, number)}.State())"
                )
        return lines

    def _pattern(self, pattern: str) -> list[str]:
        if not pattern:
            return []
        self.imports.add("fmt")
        return [
            "// Which states are equal is a part of it: the number of each different one.",
            f'isBroken = isBroken && patternOf(states) == "{pattern}"',
        ]

    def _collected(self, number: int, into: str = "answers") -> list[str]:
        if self.schema.state is None:
            return []
        self.helpers.add("shown")
        subjects = [self._subject(i, number) for i in range(self.schema.instances)]
        return [f"{into} = append({into}, shown({subject}.State()))" for subject in subjects]

    def _subject(self, instance: int, number: int) -> str:
        name = "varied" if number else "subject"
        return name if self.schema.instances == 1 else f"{name}{instance + 1}"

    def _handle(self, at: int, number: int) -> str:
        return f"{'variedHandle' if number else 'handle'}{at + 1}"

    def _variable(self, slot: Slot) -> str:
        name = f"{slot.kind}{slot.step + 1}"
        if slot.kind == STATE and self.schema.instances > 1:
            name = f"{name}Of{slot.instance + 1}"
        return f"varied{name.capitalize()}" if slot.trace else name

    # What is asserted

    def _assertion(self, assertion: Assertion) -> list[str]:
        match assertion:
            case Is(slot=slot, value=value):
                variable = self._variable(slot)
                told = f"{self._place(slot)}\\n got: %s\\nwant: %s\\n{self._why()}"
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
                    f't.Errorf("{self._place(slot)}\\n got: %s\\n{self._why()}", {variable})',
                    "}",
                ]
            case Same(one=one, other=other):
                a, b = self._variable(one), self._variable(other)
                told = f"{self._place(one)}: %s\\n{self._place(other)}: %s\\n{self._why()}"
                return [
                    f"if {a} != {b} {{",
                    f't.Errorf("{told}", {a}, {b})',
                    "}",
                ]
            case Repeats() | Survives():
                raise AssertionError("is written with its steps")
            case other:
                assert_never(other)

    def _place(self, slot: Slot) -> str:
        trace = self.demand.traces[slot.trace]
        of = f" of #{slot.instance + 1}" if self.schema.instances > 1 else ""
        varied = ", in the varied trace" if slot.trace else ""
        if slot.kind == ANSWER:
            return f"step {slot.step + 1}, {trace.steps[slot.step].operation}{varied}"
        when = f"after step {slot.step + 1}" if slot.step >= 0 else "after the opening"
        return f"state{of} {when}{varied}"

    def _wanted(self, slot: Slot, value: Any) -> str:
        if slot.kind == STATE:
            assert self.schema.state is not None
            self.helpers.add("shown")
            return f"shown({self.literals.typed(self.schema.state, value)})"
        operation = self.schema.operation(self.demand.traces[slot.trace].steps[slot.step].operation)
        match value:
            case Accepted(value=result):
                self.helpers.add("acceptedWith")
                type_ = None if operation.result is None else t.bare(operation.result)
                if type_ is None or isinstance(type_, t.Handle):
                    return "acceptedWith(nil)"
                return f"acceptedWith({self.literals.typed(type_, result)})"
            case Rejected(rejection=name, detail=detail):
                self.helpers.add("rejectedWith")
                type_ = next(r.detail for r in self.schema.rejections if r.name == name)
                shown = "nil" if type_ is None else self.literals.typed(type_, detail)
                return f'rejectedWith("{name}", {shown})'
        raise NotExportable(f"no test can ask for the answer {value!r}")

    # What stands in for the generated package and the SDK

    def _standing_in(self) -> list[str]:
        used = self.adapter.used | self.literals.types
        parts: list[list[str]] = []
        needed = self._contract_names(used & contract_names(self.schema))
        if "answerOf" in self.helpers:
            self.helpers |= {"acceptedWith", "rejectedWith", "rejection"}
        if self.helpers & {"acceptedWith", "rejectedWith"}:
            self.helpers.add("shown")
        sdk = {name.removeprefix(PREFIX) for name in self.adapter.used if name.startswith(PREFIX)}
        if unknown := sdk - {*SDK_NAMES}:
            raise NotExportable(f"its adapter uses driftcheck.{min(unknown)}, for which a test has nothing")
        rejected = rejections(self.schema, needed)
        if rejected:
            self.helpers.add("rejection")
        for name in sorted(sdk):
            parts.append([SDK_NAMES[name].text])
            self.imports |= SDK_NAMES[name].imports
        if "answerOf" in self.helpers:
            parts.insert(0, [answer_of(self.schema, sdk)])
            self.imports.add("errors")
        for name in [*HELPERS]:
            if name in self.helpers | self.literals.helpers:
                parts.append([HELPERS[name].text.replace("SECONDS", str(CHILD_S))])
                self.imports |= HELPERS[name].imports
        self.imports |= self.literals.imports
        parts.append(["// The types and errors of the contract."])
        parts += [[one] for one in self._types(needed)]
        parts += [[one] for one in rejected]
        return ["\n".join(part) + "\n" for part in parts]

    def _contract_names(self, used: set[str] | frozenset[str]) -> set[str]:
        """Return the names that are used, with the types that these need."""
        by_name = {go_names.exported(type_.name): type_ for type_ in self.schema.named_types}
        members = {
            go_names.exported(type_.name) + go_names.exported(m.name): go_names.exported(type_.name)
            for type_ in self.schema.named_types
            if isinstance(type_, t.Enumeration)
            for m in type_.members
        }
        found: set[str] = set()
        stack = [*used]
        if "Subject" in used:
            stack += [n for one in self._subject_types() for n in self._inside(one)]
        while stack:
            name = stack.pop()
            if name in found:
                continue
            found.add(name)
            if name in members:
                stack.append(members[name])
            if name in by_name:
                type_ = by_name[name]
                stack += [n for inner in t.children(type_) for n in self._inside(inner)]
                stack += [
                    go_names.exported(u.name)
                    for u in by_name.values()
                    if isinstance(u, t.Union) and type_ in u.alternatives
                ]
            for rejection in self.schema.rejections:
                own = go_names.exported(rejection.name)
                if name in (own, f"Err{own}") and rejection.detail is not None:
                    stack += self._inside(rejection.detail)
            if name.startswith("Fault") or name == "NoFault":
                found.add("Fault")
        return found

    def _inside(self, type_: t.Type) -> list[str]:
        bare = t.bare(type_)
        found = [go_names.exported(one.name) for one in named(bare)]
        if self._has_bytes_keys(bare):
            found.append(BYTES_KEY)
        return found

    def _has_bytes_keys(self, type_: t.Type) -> bool:
        bare = t.bare(type_)
        if isinstance(bare, t.Payload):
            return False
        own = isinstance(bare, t.Mapping) and isinstance(t.bare(bare.key), t.Bytes)
        return own or any(map(self._has_bytes_keys, t.children(bare)))

    def _subject_types(self) -> Iterator[t.Type]:
        for operation in self.schema.operations:
            if operation.name in self.demand.operations:
                yield from (a.type for a in operation.arguments)
                if operation.result is not None:
                    yield operation.result
        if self.demand.looks_at_states and self.schema.state is not None:
            yield self.schema.state

    def _types(self, needed: set[str]) -> Iterator[str]:
        for type_ in self.schema.named_types:
            name = go_names.exported(type_.name)
            if name not in needed:
                continue
            if isinstance(type_, t.Union):
                yield f"// {name} is a union of the contract.\ntype {name} interface{{ is{name}() }}\n"
                for one in type_.alternatives:
                    yield f"func ({go_names.exported(one.name)}) is{name}() {{}}\n"
                continue
            doc = type_.doc if isinstance(type_, t.Record) else ""
            yield "\n".join(definitions(type_, doc or f"{name} is a type of the contract."))
        if BYTES_KEY in needed:
            yield f"// {BYTES_KEY} holds the bytes of a map's key.\ntype {BYTES_KEY} string"
        if "Fault" in needed:
            listed = "\n".join(f"Fault{go_names.exported(f.name)}" for f in self.schema.faults)
            yield "// Fault is what goes wrong in a step.\ntype Fault int"
            yield f"const (\nNoFault Fault = iota\n{listed}\n)"
        if "Subject" in needed:
            yield self._interface()

    def _interface(self) -> str:
        handles = ", ".join(go_names.exported(h) for h in self.schema.handles)
        parameters = f"[{handles} any]" if handles else ""
        instance = f"[{handles}]" if handles else ""

        def type_of(argument: Argument) -> str:
            return f"Subject{instance}" if isinstance(argument.type, t.Peer) else go_type(argument.type)

        lines = [
            "// Subject is what the test calls of the adapter.",
            f"type Subject{parameters} interface {{",
        ]
        if self.demand.looks_at_states and self.schema.state is not None:
            lines.append(f"State() {go_type(self.schema.state)}")
        for operation in self.schema.operations:
            if operation.name not in self.demand.operations:
                continue
            arguments = [f"{go_names.parameter(a.name)} {type_of(a)}" for a in operation.arguments]
            arguments += ["fault Fault"] if operation.faults else []
            result = "error" if operation.result is None else f"({go_type(operation.result)}, error)"
            lines.append(f"{go_names.exported(operation.name)}({', '.join(arguments)}) {result}")
        return "\n".join([*lines, "}"])

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
