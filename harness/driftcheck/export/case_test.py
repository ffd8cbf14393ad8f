"""
What the tests of all languages share: the order of the opening, the steps and the assertions.

A subclass writes each of them in its language. Knows no syntax.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Ref, Step, Trace
from driftcheck.export import header
from driftcheck.export.demand import ANSWER, STATE, Assertion, Demand, Repeats, Slot, Survives
from driftcheck.export.header import Header
from driftcheck.export.names import Names


@attrs.define(eq=False)
class CaseTest:
    """Writes the test of one demand."""

    names: Names
    header: Header
    demand: Demand
    comment: ClassVar[str] = "//"  # begins a comment

    @property
    def schema(self) -> Schema:
        """Return the contract."""
        return self.demand.schema

    def test_lines(self) -> list[str]:
        """Return the function of the test."""
        body: list[str] = []
        for assertion in self.demand.assertions:
            if isinstance(assertion, Repeats):
                return self.function(self.repeated())
            if isinstance(assertion, Survives):
                return self.function(self.surviving(assertion))
        for number, trace in enumerate(self.demand.traces):
            body += self.steps(trace, number)
        body += [f"{self.comment} {line}" for line in self.header.decide()]
        for assertion in self.demand.assertions:
            body += self.assertion(assertion)
        return self.function(body)

    def steps(self, trace: Trace, number: int, *, collects: bool = False) -> list[str]:
        """Return the opening and the steps of a trace.

        Args:
            number: which of the demand's traces it is.
            collects: all answers and states go into one list.
        """
        lines = self.opening(trace, number)
        compares = self.demand.compares_states
        if compares:
            lines += [self.list_of_states(), *self.collected(number, "states")]
        lines += self.captured_states(-1, number)
        used = {a.step for step in trace.steps for a in step.arguments if isinstance(a, Ref)}
        closed: set[int] = set()
        for at, step in enumerate(trace.steps):
            operation = self.schema.operation(step.operation)
            lines += ["", f"{self.comment} {header.step(self.demand, trace, at)}"]
            if any(isinstance(a, Ref) and a.step in closed for a in step.arguments):
                lines.append(f"{self.comment} Its handle is closed already, so nothing is called.")
                continue
            lines += self.step(operation, step, at, number, at in used, collects=collects)
            for argument, value in zip(operation.arguments, step.arguments, strict=True):
                if isinstance(argument.type, t.Handle) and argument.type.closing:
                    closed.add(value.step)
            lines += self.collected(number) if collects else self.captured_states(at, number)
            lines += self.collected(number, "states") if compares else []
        return lines

    def is_captured(self, at: int, number: int) -> bool:
        """Say whether an assertion needs the answer of a step."""
        return any(s.kind == ANSWER and s.step == at and s.trace == number for s in self.demand.slots)

    def states_after(self, at: int, number: int) -> list[Slot]:
        """List the states after a step that the assertions need."""
        return [s for s in self.demand.slots if s.kind == STATE and s.step == at and s.trace == number]

    def subject(self, instance: int, number: int) -> str:
        """Return the variable of an instance."""
        name = "varied" if number else "subject"
        return name if self.schema.instances == 1 else f"{name}{instance + 1}"

    def place(self, slot: Slot) -> str:
        """Say in words what a slot holds."""
        trace = self.demand.traces[slot.trace]
        of = f" of #{slot.instance + 1}" if self.schema.instances > 1 else ""
        varied = ", in the varied trace" if slot.trace else ""
        if slot.kind == ANSWER:
            return f"step {slot.step + 1}, {trace.steps[slot.step].operation}{varied}"
        when = f"after step {slot.step + 1}" if slot.step >= 0 else "after the opening"
        return f"state{of} {when}{varied}"

    # What each language writes in its own way

    def function(self, body: Sequence[str]) -> list[str]:
        """Return the test function around its body."""
        raise NotImplementedError

    def repeated(self) -> list[str]:
        """Return a body that performs the steps several times and compares the answers."""
        raise NotImplementedError

    def surviving(self, assertion: Survives) -> list[str]:
        """Return a body that fails if the process does not survive the steps."""
        raise NotImplementedError

    def opening(self, trace: Trace, number: int) -> list[str]:
        """Return what opens the instances of a trace."""
        raise NotImplementedError

    def list_of_states(self) -> str:
        """Return the declaration of the list `states`."""
        raise NotImplementedError

    def step(
        self, operation: Operation, step: Step, at: int, number: int, is_used: bool, *, collects: bool
    ) -> list[str]:
        """Return one call; `is_used` says whether a later step needs its handle."""
        raise NotImplementedError

    def captured_states(self, at: int, number: int) -> list[str]:
        """Return what keeps the states that the assertions need."""
        raise NotImplementedError

    def collected(self, number: int, into: str = "answers") -> list[str]:
        """Return what appends the states of all instances to a list."""
        raise NotImplementedError

    def assertion(self, assertion: Assertion) -> list[str]:
        """Return what checks an assertion."""
        raise NotImplementedError
