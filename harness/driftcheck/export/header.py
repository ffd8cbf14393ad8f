"""
What stands above an exported test: which case it is from, what it asserts, and what each subject answered.

Knows words. The languages' modules make comments of the lines.
"""

from __future__ import annotations

import attrs

from driftcheck.core.shorten import shorten
from driftcheck.core.trace import Step, Trace
from driftcheck.export.demands import Demand
from driftcheck.export.go_literals import line
from driftcheck.export.recorded import Recorded
from driftcheck.findings import words
from driftcheck.oracle import checks

LONGEST = 300  # characters of one line
MARKER = "DECIDE"  # in the comment that asks the reader to decide


@attrs.frozen(eq=False)
class Header:
    """The words of one test."""

    recorded: Recorded
    demand: Demand
    subject: str
    path: str  # of the case, as the reader knows it
    needs: tuple[str, ...] = ()  # lines: what the tree must have

    def lines(self) -> list[str]:
        """Return the lines, without marks of a comment."""
        signature = self.recorded.case.signature
        check = checks.check(signature.check, self.recorded.schema.plugin_checks)
        named = ", ".join(filter(None, (signature.operation or signature.subject, *signature.cause)))
        return [
            f"{check}: {check.says}.",
            "",
            f"contract:  {self.recorded.schema.name}",
            f"signature: {signature.digest}{f', {named}' if named else ''}",
            f"case:      {self.path}",
            f"subject:   {self.subject}",
            *self.needs,
            "",
            *(shown(answer) for answer in self.demand.answered),
            *([""] if self.demand.answered else []),
            f"The test asserts: {shown(self.demand.why)}.",
            "'driftcheck export' wrote it from the case. It needs no driftcheck, and you may change it.",
        ]

    def decide(self) -> list[str]:
        """Return the lines above an assertion about which nobody has decided, or nothing."""
        if not self.demand.decide:
            return []
        return [
            f"{MARKER}: nobody says who is right. The test asserts {shown(self.demand.why)}.",
            "If this side is right, fix the other one, and change what is asserted here.",
        ]


def shown(text: str) -> str:
    """Return text as one line of a comment."""
    return line(shorten(text, LONGEST))


def step(demand: Demand, trace: Trace, number: int) -> str:
    """Return the comment above a step."""
    one: Step = trace.steps[number]
    return shown(f"Step {number + 1}: {words.step(demand.schema, one)}")
