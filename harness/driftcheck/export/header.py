"""
What stands above an exported test: which case it is from, what it asserts, and what each subject answered.

Knows words. The languages' modules make comments of the lines.
"""

from __future__ import annotations

import attrs

from driftcheck.core.shorten import shorten
from driftcheck.core.trace import Step, Trace
from driftcheck.export import seal
from driftcheck.export.demand import Demand
from driftcheck.export.go_literals import line
from driftcheck.export.recorded import Recorded
from driftcheck.findings import words
from driftcheck.oracle import checks

LONGEST = 300  # characters of one line
MARKER = "DECIDE"  # in the comment that asks the reader to decide


@attrs.frozen(eq=False)
class Header:
    """The words of one test.

    Args:
        path: of the case, as the reader knows it.
        command: what runs the test.
        place: where the command is typed.
        uses: what the test uses besides the library and the standard library.
        needs: lines that say what the tree must have.
    """

    recorded: Recorded
    demand: Demand
    subject: str
    path: str
    command: str
    place: str
    uses: str
    needs: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the lines, without marks of a comment."""
        signature = self.recorded.case.signature
        check = checks.check(signature.check, self.recorded.schema.plugin_checks)
        named = ", ".join(filter(None, (signature.operation or signature.subject, *signature.cause)))
        return [
            "driftcheck gave the same steps to the implementations of the contract "
            f"{self.recorded.schema.name}, its subjects.",
            f"It found: {check.says}.",
            "",
            *self._observed(),
            f"This test calls one of them, {self.subject}.",
            f"It asserts: {shown(self.demand.why)}.",
            f"It fails until {self._end()}.",
            *self._flaky(),
            "",
            f"run:       {self.command}  # in this {self.place}",
            *self.needs,
            f"case:      {self.path}",
            f"check:     {check}",
            f"signature: {signature.digest}{f', {named}' if named else ''}",
            f"{seal.BLANK}  # a digest: 'driftcheck export' replaces only a file that nobody changed",
            "",
            f"'driftcheck export' wrote this file. {self.uses}",
            "You may change it.",
        ]

    def _flaky(self) -> list[str]:
        seen = self.recorded.seen
        if seen is None:
            return []
        return [
            f"driftcheck saw it in {seen[0]} of {seen[1]} processes, so it depends on more than the steps.",
            "This test may pass although nothing is fixed. Run it many times, each in a new process.",
        ]

    def _end(self) -> str:
        return f"somebody decides: see {MARKER} below" if self.demand.decide else "that is so"

    def _observed(self) -> list[str]:
        """Say how two states differ, where the case is about states, or else what each subject answered."""
        at, demand = self.recorded.at, self.demand
        lines = demand.states or demand.answered
        if not lines:
            return []
        place = "the opening" if at is None else f"step {at + 1}, {self.recorded.calls[at]['operation']}"
        title = f"Their states differ after {place}:" if demand.states else f"They answered {place}:"
        return [title, *(f"  {shown(one)}" for one in lines), ""]

    def decide(self) -> list[str]:
        """Return the lines above an assertion about which nobody has decided, or nothing."""
        if not self.demand.decide:
            return []
        own = "the state that this library has" if self.demand.states else "what this library answers"
        return [
            f"{MARKER}: nobody says who is right. The test asserts {shown(self.demand.why)}.",
            "If that is right, fix the library that this test calls.",
            f"If not, assert here {own}.",
        ]


def shown(text: str) -> str:
    """Return text as one line of a comment."""
    return line(shorten(text, LONGEST))


def step(demand: Demand, trace: Trace, number: int) -> str:
    """Return the comment above a step."""
    one: Step = trace.steps[number]
    return shown(f"Step {number + 1}: {words.step(demand.schema, one)}")
