"""
Recovery: finds out what a subject did, although its host died.

Attributes a death to the trace that dies again when it runs alone, and runs the rest of the batch again.
Knows one host slot; knows nothing of other subjects.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.core.outcome import was_killed
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import NOTHING, Answer, Dead, UnconfirmedDeath
from driftcheck.lockstep.host_slot import KILLS, HostSlot
from driftcheck.subjects.host import AFTER_LAST, LARGE_REPLY, HostDied

SETTLE_S = 0.05  # something that a step left running ends the process within this time, or rarely at all
REPEATED_BYTES = 32 << 20  # of different answers to one trace
PATIENCE = 3.0  # deadlines within which a hang must recur, since a busy machine stalls, too


class Recovery:
    """The answers of one host slot, also after deaths."""

    def __init__(self, slot: HostSlot) -> None:
        self.slot = slot
        self._confirmed: set[tuple[str, str, str]] = set()

    def answers(
        self, traces: tuple[Trace, ...], raws: tuple[bytes, ...], mode: int, deadline_s: float
    ) -> list[Answer]:
        """Receive the reply to a request that was sent.

        If the host dies, find out by which trace. The answers then end with that one.
        """
        try:
            return self.slot.received(traces, raws, mode, deadline_s)
        except HostDied as death:
            return self._recover(traces, raws, mode, deadline_s, death)

    def all_answers(
        self, traces: tuple[Trace, ...], raws: tuple[bytes, ...], mode: int, deadline_s: float
    ) -> list[Answer]:
        """Receive the reply to a request that was sent; after a death, send the remaining traces again.

        Where the traces repeat one, and its answers are large, the last of them are left out.
        """
        answers = self.answers(traces, raws, mode, deadline_s)
        while len(answers) < len(traces) and not _is_enough(traces, answers):
            done = len(answers)
            self.slot.send(raws[done:], mode)
            answers += self.answers(traces[done:], raws[done:], mode, deadline_s)
        return answers

    def until(self, trace: Trace, death: HostDied, mode: int, deadline_s: float) -> Answer:
        """Attribute a death to its step, and find out what the steps before it did."""
        if death.is_late:
            return self._until_late(trace, death, mode, deadline_s)
        if death.step is None or not trace.steps:
            return self._died(NOTHING, death, None)
        step = len(trace.steps) - 1 if death.step == AFTER_LAST else min(death.step, len(trace.steps) - 1)
        head = trace.with_steps(trace.steps[:step])
        if not head.steps:
            return self._died(NOTHING, death, step)
        found = self._attempt((head,), (self.slot.wire.trace(head),), mode, deadline_s)
        if isinstance(found, HostDied):  # it died earlier this time, so what it did before is unknown
            return self.until(head, found, mode, deadline_s)
        return self._died(found[0].raw, death, step)

    def _until_late(self, trace: Trace, death: HostDied, mode: int, deadline_s: float) -> Answer:
        """Attribute a death that was noticed late to the last step of the shortest head that dies."""
        raw, lived, died = NOTHING, -1, len(trace.steps)  # lengths of heads
        while died - lived > 1:
            middle = (lived + died) // 2
            head = trace.with_steps(trace.steps[:middle])
            found = self._attempt((head,), (self.slot.wire.trace(head),), mode, deadline_s)
            if not isinstance(found, HostDied):
                raw, lived = found[0].raw, middle
            elif found.is_late:
                death, died = found, middle
            else:
                return self.until(head, found, mode, deadline_s)
        return self._died(raw, death, died - 1 if died else None)

    def _died(self, raw: bytes, death: HostDied, step: int | None) -> Answer:
        return Answer(raw, self.slot.wire, death.outcome, step, self.slot.subject.name)

    def _recover(
        self,
        traces: tuple[Trace, ...],
        raws: tuple[bytes, ...],
        mode: int,
        deadline_s: float,
        death: HostDied,
    ) -> list[Answer]:
        """Find the trace that ended a host; return the answers up to it."""
        number = min(death.trace, len(traces) - 1)
        if self._is_confirmed(traces[number], death):
            fatal = self.until(traces[number], death, mode, deadline_s)
        else:
            if death.is_late:
                number = self._first_late(traces, raws, number, mode, deadline_s)
                found = self._try_late(traces, raws, number, mode, deadline_s)
            else:
                found = self._find_fatal(traces, number, mode)
            if isinstance(found, list):
                unconfirmed = UnconfirmedDeath(self.slot.subject.name, death.outcome, traces, number)
                self._keep_unconfirmed(unconfirmed)
                return found
            number, fatal = found
            self._remember(traces[number], fatal)
        before = self._attempt(traces[:number], raws[:number], mode, deadline_s)
        if isinstance(before, HostDied):  # it dies at a different trace each time
            before = [self._alone(trace, mode, deadline_s) for trace in traces[:number]]
        return [*before, fatal]

    def _keep_unconfirmed(self, death: UnconfirmedDeath) -> None:
        """Keep a death that did not recur, unless it says nothing of the subject."""
        if was_killed(death.outcome):
            self.slot.killed += KILLS
        elif death.outcome.evidence.frame != LARGE_REPLY or len(death.traces) == 1:
            # The replies to all traces of a batch may be too large together, although none is alone.
            self.slot.add_unconfirmed_death(death)

    def _is_confirmed(self, trace: Trace, death: HostDied) -> bool:
        """Say whether this kind of death has recurred alone before, so that it need not be tried again."""
        if death.is_late or was_killed(death.outcome):
            return False
        step = None if death.step == AFTER_LAST else death.step
        return _kind_of_death(trace, step, death.outcome) in self._confirmed

    def _remember(self, trace: Trace, answer: Answer) -> None:
        if answer.death is not None:
            self._confirmed.add(_kind_of_death(trace, answer.died_at, answer.death))

    def _attempt(
        self, traces: tuple[Trace, ...], raws: Sequence[bytes], mode: int, deadline_s: float
    ) -> list[Answer] | HostDied:
        if not raws:
            return []
        self.slot.send(raws, mode)
        try:
            return self.slot.received(traces, raws, mode, deadline_s)
        except HostDied as death:
            return death

    def _first_late(
        self, traces: tuple[Trace, ...], raws: tuple[bytes, ...], number: int, mode: int, deadline_s: float
    ) -> int:
        """Return the first trace, up to this one, after which a death is noticed; found by halves."""
        lived, died = 0, number + 1  # numbers of traces
        while died - lived > 1:
            middle = (lived + died) // 2
            found = self._attempt(traces[:middle], raws[:middle], mode, deadline_s)
            lived, died = (lived, middle) if isinstance(found, HostDied) else (middle, died)
        return died - 1

    def _try_late(
        self, traces: tuple[Trace, ...], raws: tuple[bytes, ...], number: int, mode: int, deadline_s: float
    ) -> tuple[int, Answer] | list[Answer]:
        """Run the trace alone after which a death was noticed; if it does not die, return the answers so far.

        They are no more than a host sends in one reply, so that no batch of large replies is kept whole.
        """
        alone = self._alone(traces[number], mode, deadline_s * PATIENCE)
        if alone.death is not None:
            return number, alone
        before = self._attempt(traces[:number], raws[:number], mode, deadline_s)
        if isinstance(before, HostDied):
            return self._find_fatal(traces, number, mode)
        return [*before, alone]

    def _find_fatal(
        self, traces: tuple[Trace, ...], number: int, mode: int
    ) -> tuple[int, Answer] | list[Answer]:
        """Find the trace that dies again alone: the one at which the host died, or one before it.

        Something that a trace leaves running may end the host during a later trace. If no trace dies again,
        return the answers of all.
        """
        answers: list[Answer] = []
        for candidate in range(number, -1, -1):
            answer = self._alone(traces[candidate], mode, self.slot.limits.deadline_s * PATIENCE)
            if answer.death is not None:
                return candidate, answer
            answers.append(answer)
        return answers[::-1]

    def _alone(self, trace: Trace, mode: int, deadline_s: float) -> Answer:
        """Run one trace in a fresh host, and wait for a late death."""
        raws = (self.slot.wire.trace(trace),)
        self.slot.leave()
        self.slot.send(raws, mode)
        try:
            return self.slot.received((trace,), raws, mode, deadline_s, SETTLE_S)[0]
        except HostDied as death:
            return self.until(trace, death, mode, deadline_s)


def _is_enough(traces: Sequence[Trace], answers: Sequence[Answer]) -> bool:
    """Say whether the answers to a trace that is repeated take so much memory that no more are wanted."""
    is_repeated = len(answers) > 1 and all(trace is traces[0] for trace in traces)
    return is_repeated and sum(len(one.raw) for one in {id(a): a for a in answers}.values()) > REPEATED_BYTES


def _kind_of_death(trace: Trace, step: int | None, outcome: Dead) -> tuple[str, str, str]:
    """Return what two deaths of one kind have in common."""
    frame = outcome.evidence.frame
    operation = "" if frame or step is None or step >= len(trace.steps) else trace.steps[step].operation
    return type(outcome).__name__, frame, operation
