"""
What subjects did with a trace: the answer of each of them, side by side in an execution.

Knows replies and outcomes; knows nothing of hosts, or of what an answer means.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs

from driftcheck.contract.schema import Operation
from driftcheck.core.errors import ProtocolFault
from driftcheck.core.outcome import Crashed, Evidence, Exhausted, Hung, NotReached, Outcome
from driftcheck.core.trace import Trace
from driftcheck.subjects.coverage import TraceCoverage
from driftcheck.subjects.host import LARGE_REPLY, NOISE
from driftcheck.subjects.wire import Reply, TooManyItems, Wire
from driftcheck.values.encoding import OutsideType, dumps

Dead = Crashed | Hung | Exhausted
NOTHING = dumps([[[0, None]], [], None, None])  # the reply of a subject that did nothing


@attrs.frozen(eq=False)
class Answer:
    """What one subject did with one trace: its reply, and the step at which it died."""

    raw: bytes
    wire: Wire = attrs.field(repr=False)
    death: Dead | None = None
    died_at: int | None = None  # the step, from 0; None after a death while the subject was opened
    subject: str = ""  # its name, for errors
    coverage: TraceCoverage | None = None  # of a build for coverage, whose host has answered the whole trace

    @cached_property
    def reply(self) -> Reply:
        """Return the reply decoded; after a death it has the steps before the fatal one.

        Raises:
            ProtocolFault: it does not have the form that the protocol gives it.
        """
        try:
            return self.wire.reply(self.raw)
        except ValueError as error:
            raise ProtocolFault(self.subject, str(error)) from error

    def readable(self, trace: Trace) -> Answer:
        """Return this answer to a trace; where it cannot be read, that of a subject that died early."""
        try:
            outcomes = self.reply.outcomes
        except ProtocolFault as fault:
            death = of_unreadable(fault.__cause__)
        else:
            if self.death is not None or len(outcomes) == len(trace.steps):
                return self
            found, wanted = len(outcomes), len(trace.steps)
            death = of_unreadable(ValueError(f"its reply has {found} outcomes for {wanted} steps"))
        return attrs.evolve(self, raw=NOTHING, death=death, died_at=None)

    @property
    def is_noise(self) -> bool:
        """Say whether the subject wrote to the stream of its host."""
        return self.death is not None and self.death.evidence.frame == NOISE

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


def of_unreadable(error: BaseException | None) -> Dead:
    """Return the outcome of a subject whose reply cannot be read: an SDK makes none like it."""
    if isinstance(error, TooManyItems):
        return Exhausted(Evidence(str(error), LARGE_REPLY))
    return Crashed(Evidence(f"noise on the stream of its host: {error}", NOISE))


@attrs.frozen(eq=False)
class Execution:
    """One trace with the answers of all subjects, by name."""

    trace: Trace
    answers: Mapping[str, Answer]

    @property
    def coverage(self) -> dict[str, TraceCoverage]:
        """Return what the trace reached, by the subjects that are built for coverage."""
        return {name: a.coverage for name, a in self.answers.items() if a.coverage is not None}

    @property
    def reaches_new(self) -> bool:
        """Say whether it reached something that no trace of its hosts reached before."""
        return any(a.coverage is not None and a.coverage.new for a in self.answers.values())

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
