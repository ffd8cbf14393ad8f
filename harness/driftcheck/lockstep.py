"""
Lockstep: traces through every subject, answers side by side.

Owns the hosts of a run: a dead one is replaced, its death put down to the step that dies again alone,
and what else its batch held is run again. Knows traces, subjects and answers; nothing of what they mean.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from functools import cached_property

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.errors import DriftcheckError, ProtocolFault, WrongLibrary
from driftcheck.outcome import Crashed, Exhausted, Hung, NotReached, Outcome
from driftcheck.registry import address
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import AFTER_LAST, Host, HostDied, HostFailed, Limits
from driftcheck.trace import Trace
from driftcheck.values import OutsideType, dumps
from driftcheck.wire import DIGESTS, Reply, Wire

SETTLE_S = 0.05  # what a step has left running shows itself in that time, where it does at all
PATIENCE = 3.0  # a hang must recur under so many deadlines: a shared machine stalls, too
AHEAD = 256  # answers that wait to be asked for, at most

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
        """Return what the subject did when it was opened."""
        if self.death is not None and self.died_at is None:
            return self.death
        return self.wire.opened(self.reply.opened[0])

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
class Run:
    """One trace with the answers of all subjects, by name."""

    trace: Trace
    answers: Mapping[str, Answer]

    @property
    def is_equal(self) -> bool:
        """Say whether all subjects answered with the same bytes, alive."""
        first, *rest = self.answers.values()
        return first.death is None and all(a.death is None and a.raw == first.raw for a in rest)


@attrs.frozen
class Stray:
    """A death that did not come again when its trace was run alone."""

    subject: str
    outcome: Dead
    traces: tuple[Trace, ...]  # the batch in which it came
    number: int  # of the trace at which it came

    @property
    def was_killed(self) -> bool:
        """Say whether somebody else ended it, so that it comes from no trace."""
        return _was_killed(self.outcome)


class _Seat:
    """One subject and the host that holds it at the moment."""

    def __init__(self, subject: Subject, limits: Limits, schema: Schema) -> None:
        self.subject = subject
        self.hosts_spent = 0
        self._limits = limits
        self._schema = schema
        self._host: Host | None = None

    @property
    def host(self) -> Host:
        if self._host is None:
            host = self._started()
            try:
                _check_description(self._schema, self.subject, host)
            except DriftcheckError:
                host.close()
                raise
            self._host = host
            self.hosts_spent += 1
        return self._host

    def _started(self) -> Host:
        try:
            return Host(self.subject, self._limits)
        except HostFailed as failure:
            if not failure.was_killed:
                raise
        return Host(self.subject, self._limits)

    def leave(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None


class Lockstep:
    """The subjects of one contract, each in a host of its own; a context manager.

    Args:
        schema: the contract.
        subjects: at least one; the order is that of findings.
        limits: of each host.

    Raises:
        HostFailed, WrongLibrary: at the first run, or at `start`.
    """

    def __init__(self, schema: Schema, subjects: Sequence[Subject], limits: Limits | None = None) -> None:
        self.schema = schema
        self.subjects = tuple(subjects)
        self.limits = limits or Limits()
        self.wire = Wire(schema)
        self.strays: list[Stray] = []
        self._familiar: set[tuple[str, str, str, str]] = set()
        self._seats = {s.name: _Seat(s, self.limits, schema) for s in subjects}
        self._in_flight: tuple[tuple[Trace, ...], bytes, tuple[bytes, ...]] | None = None
        self._ready: dict[int, Run] = {}
        self._encoded: tuple[Trace, bytes] | None = None  # the last one: traces are often repeated

    def __enter__(self) -> Lockstep:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def hosts_spent(self) -> int:
        """Count the hosts that were started until now."""
        return sum(seat.hosts_spent for seat in self._seats.values())

    def start(self) -> Mapping[str, Mapping[str, object]]:
        """Start all hosts and return how each library describes itself."""
        return {name: seat.host.description for name, seat in self._seats.items()}

    def pid(self, subject: str) -> int:
        """Return the process that holds a subject at the moment."""
        return self._seats[subject].host.pid

    def close(self) -> None:
        """End all hosts. May be called again."""
        for seat in self._seats.values():
            seat.leave()

    def refresh(self) -> None:
        """Replace all hosts by fresh ones, so that nothing remembers earlier traces."""
        self.collect()
        self.close()

    def ahead(self, traces: Sequence[Trace]) -> None:
        """Send traces for which `run` will be asked soon; the hosts work while the parent does other work."""
        self.collect()
        raws = tuple(self.wire.trace(trace) for trace in traces)
        request = self.wire.request(raws)
        for seat in self._seats.values():
            seat.host.send(request)
        self._in_flight = (tuple(traces), request, raws)

    def run(self, trace: Trace) -> Run:
        """Run one trace in every subject; uses what `ahead` was given."""
        if id(trace) not in self._ready and self._in_flight is not None:
            self.collect()
        ready = self._ready.pop(id(trace), None)
        return ready if ready is not None else self.run_all([trace])[0]

    def run_all(self, traces: Sequence[Trace], mode: int = DIGESTS) -> list[Run]:
        """Run traces in every subject, as one message each."""
        return self._runs(traces, self._exchange(traces, mode, self.limits.deadline_s))

    def run_each(self, traces: Mapping[str, Trace], mode: int = DIGESTS) -> dict[str, Answer]:
        """Run another trace in each subject; those without one are left out."""
        self.collect()
        raws = {name: self._raw(trace) for name, trace in traces.items()}
        for name, raw in raws.items():
            self._seats[name].host.send(self.wire.request([raw], mode))
        return {
            name: self._answers(name, (traces[name],), (raw,), mode, self.limits.deadline_s)[0]
            for name, raw in raws.items()
        }

    def probe(
        self,
        trace: Trace,
        mode: int = DIGESTS,
        *,
        deadline_s: float,
        settle_s: float = 0.0,
        fresh: bool = False,
    ) -> Run:
        """Run one trace, deaths taken at face value: for shrinking and for confirming.

        Args:
            deadline_s: for a step.
            settle_s: how long to wait, after the last step, for what dies late.
            fresh: in hosts that have run nothing else.
        """
        self.collect()
        if fresh:
            self.close()
        raw = self._raw(trace)
        request = self.wire.request([raw], mode)
        answers = {}
        for seat in self._seats.values():
            seat.host.send(request)
        for name in self._seats:
            try:
                answers[name] = self._received(name, (trace,), (raw,), mode, deadline_s, settle_s)[0]
            except HostDied as death:
                answers[name] = self._until(name, trace, death, mode, deadline_s)
        return Run(trace, answers)

    def _raw(self, trace: Trace) -> bytes:
        if self._encoded is None or self._encoded[0] is not trace:
            self._encoded = trace, self.wire.trace(trace)
        return self._encoded[1]

    def collect(self) -> None:
        """Receive what is in flight; `run` has it then."""
        if self._in_flight is None:
            return
        traces, _, raws = self._in_flight
        self._in_flight = None
        answers = {
            name: self._answers(name, traces, raws, DIGESTS, self.limits.deadline_s) for name in self._seats
        }
        # Added to what is there: a trace that is looked at twice collects the next batch in the midst of one.
        self._ready |= {id(run.trace): run for run in self._runs(traces, answers)}
        while len(self._ready) > AHEAD:  # of a search that was ended early
            del self._ready[next(iter(self._ready))]

    def _exchange(self, traces: Sequence[Trace], mode: int, deadline_s: float) -> dict[str, list[Answer]]:
        self.collect()
        raws = tuple(self._raw(trace) for trace in traces)
        request = self.wire.request(raws, mode)
        for seat in self._seats.values():
            seat.host.send(request)
        return {name: self._all_answers(name, tuple(traces), raws, mode, deadline_s) for name in self._seats}

    def _runs(self, traces: Sequence[Trace], answers: Mapping[str, list[Answer]]) -> list[Run]:
        """Put answers side by side, as far as all subjects have come."""
        done = min(len(a) for a in answers.values())
        return [Run(t, {name: a[i] for name, a in answers.items()}) for i, t in enumerate(traces[:done])]

    def _received(
        self,
        name: str,
        traces: tuple[Trace, ...],
        raws: Sequence[bytes],
        mode: int,
        deadline_s: float,
        settle_s: float = 0.0,
    ) -> list[Answer]:
        """Receive the reply to a request that was sent, and wait for what dies late.

        Where somebody else has killed the host, the request is sent once more, to a fresh one.

        Raises:
            HostDied: the seat is left by then.
        """
        seat = self._seats[name]
        killed: HostDied | None = None
        while True:
            try:
                data = seat.host.receive(deadline_s=deadline_s)
                if settle_s:
                    seat.host.settle(settle_s)
                break
            except HostDied as death:
                seat.leave()
                if killed is not None or not _was_killed(death.outcome):
                    raise
                killed = death
                seat.host.send(self.wire.request(raws, mode))
        if killed is not None:
            self.strays.append(Stray(name, killed.outcome, traces, min(killed.trace, len(traces) - 1)))
        return [Answer(raw, self.wire, subject=name) for raw in self._split(name, data, len(raws))]

    def _split(self, name: str, data: bytes, count: int) -> list[bytes]:
        try:
            return self.wire.replies(data, count)
        except ValueError as error:
            raise ProtocolFault(name, str(error)) from None

    def _answers(
        self, name: str, traces: tuple[Trace, ...], raws: tuple[bytes, ...], mode: int, deadline_s: float
    ) -> list[Answer]:
        """Receive the reply to a request that was sent.

        Where the host dies, find out by which trace; the answers then end with that one.
        """
        try:
            return self._received(name, traces, raws, mode, deadline_s)
        except HostDied as death:
            return self._recover(name, traces, raws, mode, deadline_s, death)

    def _all_answers(
        self, name: str, traces: tuple[Trace, ...], raws: tuple[bytes, ...], mode: int, deadline_s: float
    ) -> list[Answer]:
        """Receive the reply to a request that was sent; after a death send the rest again."""
        answers = self._answers(name, traces, raws, mode, deadline_s)
        while len(answers) < len(traces):
            done = len(answers)
            self._seats[name].host.send(self.wire.request(raws[done:], mode))
            answers += self._answers(name, traces[done:], raws[done:], mode, deadline_s)
        return answers

    def _recover(
        self,
        name: str,
        traces: tuple[Trace, ...],
        raws: tuple[bytes, ...],
        mode: int,
        deadline_s: float,
        death: HostDied,
    ) -> list[Answer]:
        """Find the trace that ended a host; return what it and those before it did."""
        number = min(death.trace, len(traces) - 1)
        if self._is_familiar(name, traces[number], death):
            fatal = self._until(name, traces[number], death, mode, deadline_s)
        else:
            found = self._find_fatal(name, traces, number, mode)
            if isinstance(found, list):
                self.strays.append(Stray(name, death.outcome, traces, number))
                return found
            number, fatal = found
            self._remember(name, traces[number], fatal)
        before = self._attempt(name, traces[:number], raws[:number], mode, deadline_s)
        if isinstance(before, HostDied):  # it dies in another place each time
            before = [self._alone(name, trace, mode, deadline_s) for trace in traces[:number]]
        return [*before, fatal]

    def _is_familiar(self, name: str, trace: Trace, death: HostDied) -> bool:
        """Say whether this subject has died so before, again and alone, so that this need not be tried."""
        step = None if death.step == AFTER_LAST else death.step
        return _manner(name, trace, step, death.outcome) in self._familiar

    def _remember(self, name: str, trace: Trace, answer: Answer) -> None:
        if answer.death is not None:
            self._familiar.add(_manner(name, trace, answer.died_at, answer.death))

    def _attempt(
        self, name: str, traces: tuple[Trace, ...], raws: Sequence[bytes], mode: int, deadline_s: float
    ) -> list[Answer] | HostDied:
        if not raws:
            return []
        self._seats[name].host.send(self.wire.request(raws, mode))
        try:
            return self._received(name, traces, raws, mode, deadline_s)
        except HostDied as death:
            return death

    def _find_fatal(
        self, name: str, traces: tuple[Trace, ...], number: int, mode: int
    ) -> tuple[int, Answer] | list[Answer]:
        """Find the trace that dies again alone: the one at which the host died, else one before it.

        What a trace leaves running may end the host only in a later trace. Where none dies again, the
        answers of all are returned.
        """
        answers: list[Answer] = []
        for candidate in range(number, -1, -1):
            answer = self._alone(name, traces[candidate], mode, self.limits.deadline_s * PATIENCE)
            if answer.death is not None:
                return candidate, answer
            answers.append(answer)
        return answers[::-1]

    def _alone(self, name: str, trace: Trace, mode: int, deadline_s: float) -> Answer:
        """Run one trace in a fresh host, wait for what dies late, and leave a fresh seat behind."""
        seat, raws = self._seats[name], (self._raw(trace),)
        seat.leave()
        seat.host.send(self.wire.request(raws, mode))
        try:
            return self._received(name, (trace,), raws, mode, deadline_s, SETTLE_S)[0]
        except HostDied as death:
            return self._until(name, trace, death, mode, deadline_s)

    def _until(self, name: str, trace: Trace, death: HostDied, mode: int, deadline_s: float) -> Answer:
        """Put a death down to its step, and fetch what the steps before it did."""
        if death.step is None or not trace.steps:
            return Answer(self._nothing(), self.wire, death.outcome, None, name)
        step = len(trace.steps) - 1 if death.step == AFTER_LAST else min(death.step, len(trace.steps) - 1)
        head = trace.with_steps(trace.steps[:step])
        if not head.steps:
            return Answer(self._nothing(), self.wire, death.outcome, step, name)
        found = self._attempt(name, (head,), (self.wire.trace(head),), mode, deadline_s)
        if isinstance(found, HostDied):  # it died earlier this time: what was done before is not known
            return self._until(name, head, found, mode, deadline_s)
        return Answer(found[0].raw, self.wire, death.outcome, step, name)

    def _nothing(self) -> bytes:
        """Return the reply of a subject that did nothing."""
        return dumps([[[0, None]], [], None, None])


def _was_killed(outcome: Dead) -> bool:
    """Say whether somebody else has ended a host, be it a person or a system that is short of memory."""
    return isinstance(outcome, Crashed) and outcome.evidence.signal == signal.SIGKILL


def _manner(name: str, trace: Trace, step: int | None, outcome: Dead) -> tuple[str, str, str, str]:
    """Return what two deaths of one kind have in common."""
    frame = outcome.evidence.frame
    operation = "" if frame or step is None or step >= len(trace.steps) else trace.steps[step].operation
    return name, type(outcome).__name__, frame, operation


def _check_description(schema: Schema, subject: Subject, host: Host) -> None:
    """Refuse a library that was built from another contract."""
    found = host.description
    if found.get("contract") != schema.name or found.get("fingerprint") != schema.fingerprint:
        raise WrongLibrary(
            schema.name,
            subject.name,
            f"{schema.name} {schema.fingerprint}",
            f"{found.get('contract')} {found.get('fingerprint')}",
            address(schema.cls),
        )
