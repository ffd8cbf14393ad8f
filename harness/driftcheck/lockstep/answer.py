"""
What subjects did with a trace: an answer each, side by side in a run.

Knows replies and outcomes; nothing of hosts, nor of what an answer means.
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
    """What one subject did with one trace: its reply, and where it died in it."""

    raw: bytes
    wire: Wire = attrs.field(repr=False)
    death: Dead | None = None
    died_at: int | None = None  # the step, from 0; None with a death: while the subject was opened
    subject: str = ""  # whose it is, to be named where it cannot be read

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
        """Return what the subject did when it was opened; of several instances, the first that was not."""
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
    """A death that did not come again when its trace was run alone."""

    subject: str
    outcome: Dead
    traces: tuple[Trace, ...]  # the batch in which it came
    number: int  # of the trace at which it came

    @property
    def was_killed(self) -> bool:
        """Say whether somebody else ended it, or a lack of memory did, so that it comes from no trace."""
        return isinstance(self.outcome, Crashed) and self.outcome.evidence.signal == signal.SIGKILL
