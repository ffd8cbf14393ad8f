"""
Traces as the JSON data of case files and of the corpus; `case` reads it.

Knows a contract and traces. Knows nothing of findings, or of what subjects answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Instance, Ref, Step, Trace
from driftcheck.findings.case import FAULT, HANDLE, INSTANCE
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.values.notation import write

More = Callable[[Step, int], Mapping[str, Any]]  # what else is written of a step, by its number


@attrs.frozen
class TraceWriter:
    """Writes traces of one contract."""

    schema: Schema

    def trace(self, trace: Trace, more: More | None = None) -> dict[str, Any]:
        """Return a trace as JSON data."""
        data: dict[str, Any] = {}
        if trace.opening:
            data["opening"] = self._opening(trace.opening)
        if trace.rosters:
            types = self._roster_types
            data["names"] = {k: [write(types[k], v) for v in values] for k, values in trace.rosters.items()}
        data["steps"] = self.steps(trace.steps, more)
        return data

    def steps(
        self, steps: Sequence[Step], more: More | None = None, *, first: int = 0
    ) -> list[dict[str, Any]]:
        """Return steps as JSON data.

        Args:
            more: what else is written of each.
            first: the number of the first of them.
        """
        out = []
        for number, step in enumerate(steps, first):
            operation = self.schema.operation(step.operation)
            data: dict[str, Any] = {} if self.schema.instances == 1 else {INSTANCE: step.instance + 1}
            data["operation"] = step.operation
            if step.fault is not None:
                data[FAULT] = step.fault
            if step.arguments:
                data["arguments"] = self.arguments(operation.arguments, step.arguments)
            if more is not None:
                data.update(more(step, number))
            out.append(data)
        return out

    def arguments(self, arguments: Sequence[Argument], values: Sequence[Any]) -> dict[str, Any]:
        """Return arguments as JSON data, by name."""
        return {a.name: self._argument(a.type, v) for a, v in zip(arguments, values, strict=True)}

    def _argument(self, type_: t.Type, value: Any) -> Any:
        if isinstance(value, Ref):
            return {HANDLE: value.step + 1}
        if isinstance(value, Instance):
            return {INSTANCE: value.number + 1}
        if isinstance(type_, t.Steps):
            return self.steps(value)
        return write(type_, value)

    def _opening(self, values: Sequence[Any]) -> dict[str, Any]:
        """Write the opening arguments: of several instances a list of all, unless they share the value."""
        written: dict[str, Any] = {}
        for (argument, instance), value in zip(self.schema.slots, values, strict=True):
            shown = self._argument(argument.type, value)
            if instance is None:
                written[argument.name] = shown
            else:
                written.setdefault(argument.name, []).append(shown)
        return written

    @cached_property
    def _roster_types(self) -> dict[str, t.Type]:
        plan = compile_plan(self.schema)
        rosters = [*plan.rosters, *(r for law in plan.laws for r in law.rosters)]
        return {r.key: r.type for r in rosters}
