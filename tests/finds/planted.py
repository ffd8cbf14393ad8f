"""
The planted faults as data: `faults.toml` read, its traces parsed into cases.

Lines of a trace are Python expressions of a few forms; a handle is the name of the step that made it.
"""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import Any

import attrs
import faulty

from driftcheck import schema_of
from driftcheck.contract.schema import Argument
from driftcheck.core import types as t
from driftcheck.core.trace import Document, LawCase, Name, Ref, Step, Trace
from driftcheck.generate.plan_compiler import compile_plan

SCHEMA = schema_of(faulty.Faulty)
(ROSTER,) = {r.key: r.count for r in compile_plan(SCHEMA).rosters}.items()


@attrs.frozen
class Fault:
    """A fault, and how it must be found."""

    name: str
    does: str
    sides: tuple[str, ...]
    check: str
    shape: dict[str, str]
    within: int
    trace: tuple[str, ...]
    cause: tuple[str, ...] = ()
    invariant: str = ""
    with_model: bool = False
    held_back: bool = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """Name the subjects that are run side by side to find it."""
        return ("go", "rust", "model") if self.with_model else ("go", "rust")

    @property
    def case(self) -> Trace | LawCase:
        """Return the minimal case."""
        return parse(self.trace)

    @property
    def law(self) -> str | None:
        """Name the law that it breaks."""
        case = self.case
        return case.law if isinstance(case, LawCase) else None


def read_faults() -> tuple[Fault, ...]:
    """Read the list."""
    tables = tomllib.loads((Path(__file__).parent / "faults.toml").read_text())
    tuples = ("sides", "trace", "cause")
    return tuple(
        Fault(name=name, **{k: tuple(v) if k in tuples else v for k, v in table.items()})
        for name, table in tables.items()
    )


def parse(lines: tuple[str, ...]) -> Trace | LawCase:
    """Return the case that the lines say."""
    names: list[str] = []
    opening, *rest = lines
    law = rest.pop().removeprefix("law ") if rest and rest[-1].startswith("law ") else None
    steps = []
    for number, line in enumerate(rest):
        label, _, call = line.partition(": ")
        assert label == f"s{number}", line
        steps.append(_step(call, names))
    _, values = _call(opening, SCHEMA.opening, names)
    if law is None:
        return Trace(tuple(steps), values, _rosters(names))
    name = law.partition("(")[0]
    spec = next(one for one in SCHEMA.laws if one.name == name)
    _, arguments = _call(law, spec.arguments, names)
    return LawCase(Trace(tuple(steps), values, _rosters(names)), name, arguments)


def lines_of(case: Trace | LawCase) -> tuple[str, ...]:
    """Return the lines that say a case, as `faults.toml` has them."""
    trace = case if isinstance(case, Trace) else case.trace
    lines = [_shown("open", trace.opening)]
    lines += [f"s{n}: {_shown(s.operation, s.arguments)}" for n, s in enumerate(trace.steps)]
    if isinstance(case, LawCase):
        lines.append(f"law {_shown(case.law, case.arguments)}")
    return tuple(lines)


def _step(line: str, names: list[str]) -> Step:
    operation = SCHEMA.operation(line.partition("(")[0])
    return Step(*_call(line, operation.arguments, names))


def _call(line: str, arguments: tuple[Argument, ...], names: list[str]) -> tuple[str, tuple[Any, ...]]:
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    values = [_value(a.type, e, names) for a, e in zip(arguments, call.args, strict=True)]
    return call.func.id, tuple(values)


def _value(type_: t.Type, expression: ast.expr, names: list[str]) -> Any:
    match type_, expression:
        case t.Named(), ast.Constant(value=str(value)):
            if value not in names:
                names.append(value)
            return Name(ROSTER[0], names.index(value), value)
        case t.Payload(), ast.Constant(value=bytes(data)):
            return Document(data)
        case t.Handle(), ast.Name(id=label):
            return Ref(int(label.removeprefix("s")))
        case t.Record(cls=cls), ast.Call(args=values):
            return cls(*map(ast.literal_eval, values))
    return ast.literal_eval(expression)


def _rosters(names: list[str]) -> dict[str, tuple[str, ...]]:
    others = (str(n) for n in range(len(names) + ROSTER[1]) if str(n) not in names)
    return {ROSTER[0]: tuple(names + [next(others) for _ in range(ROSTER[1] - len(names))])}


def _shown(name: str, arguments: tuple[Any, ...]) -> str:
    return f"{name}({', '.join(map(_written, arguments))})"


def _written(value: Any) -> str:
    match value:
        case Name(value=plain):
            return _written(plain)
        case Ref(step=step):
            return f"s{step}"
        case Document(data=data):
            return _written(data)
        case str():
            return json.dumps(value)
        case bytes():
            return 'b"' + repr(value)[2:-1].replace('"', r"\"") + '"'
        case _ if attrs.has(type(value)):
            return _shown(type(value).__name__, attrs.astuple(value, recurse=False))
        case _:
            return repr(value)
