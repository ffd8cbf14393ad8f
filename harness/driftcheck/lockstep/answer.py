"""
What subjects did with a trace: the answer of each of them, side by side in an execution.

Knows replies and outcomes; knows nothing of hosts, or of what an answer means.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from functools import cached_property

import attrs

from driftcheck.contract.schema import Operation
from driftcheck.core.errors import ProtocolFault
from driftcheck.core.outcome import Crashed, Exhausted, Hung, NotReached, Outcome
from driftcheck.core.trace import Trace
from driftcheck.subjects.wire import Reply, Wire
from driftcheck.values.encoding import OutsideType

Dead = Crashed | Hung | Exhausted


@attrs.frozen(eq=False)
class Answer:
    """What one subject did with one trace: its reply, and the step at which it died."""

    raw: bytes
    wire: Wire = attrs.field(repr=False)
    death: Dead | None = None
    died_at: int | None = None  # the step, from 0; None after a death while the subject was opened
    subject: str = ""  # its name, for errors

    @cached_property
    def reply(self) -> Reply:
        """Return the reply decoded; after a death it holds the steps before the fatal one.

        Raises:
            ProtocolFault: it does not have the form that the protocol gives it.
        """
        try:
            return self.wire.reply(self.raw)
        except ValueError as error:
            raise ProtocolFault(self.subject, str(error)) from None

    @property
    def opened(self) -> Outcome:
        """Return the outcome of `open`; of several instances, the first that is not accepted."""
        if self.death is not None and self.died_at is None:
            return self.death
        return self.wire.opened(self.reply.opening)

    def outcome(self, operation: Operation, number: int) -> Outcome | OutsideType:
        """Return what the subject did in a step; OutsideType where its value is not of the declared type."""
        if self.death is not None:
            if self.died_at is None or number > self.died_at:
                return NotReached()
            if number == self.died_at:
                return self.death
        if number >= len(self.reply.outcomes):
            return NotReached()
        try:
            return self.wire.outcome(operation, self.reply.outcomes[number])
        except OutsideType as fault:
            return fault


@attrs.frozen(eq=False)
class Execution:
    """One trace with the answers of all subjects, by name."""

    trace: Trace
    answers: Mapping[str, Answer]

    @property
    def is_equal(self) -> bool:
        """Say whether all subjects answered with the same bytes, alive."""
        first, *rest = self.answers.values()
        return first.death is None and all(a.death is None and a.raw == first.raw for a in rest)


@attrs.frozen
class UnconfirmedDeath:
    """A death that did not recur when its trace was run alone."""

    subject: str
    outcome: Dead
    traces: tuple[Trace, ...]  # the batch in which it occurred
    number: int  # of the trace in which it occurred

    @property
    def was_killed(self) -> bool:
        """Say whether somebody else killed the host, such as the kernel for lack of memory."""
        return isinstance(self.outcome, Crashed) and self.outcome.evidence.signal == signal.SIGKILL
