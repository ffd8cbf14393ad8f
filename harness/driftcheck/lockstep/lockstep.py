"""
Lockstep: runs traces through every subject, and returns the answers side by side.

Owns the batch that is in flight: all hosts work on it at once, and its answers wait until they are needed.
Knows traces, subjects and answers; knows nothing of what they mean.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from driftcheck.contract.schema import Schema
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import Answer, Execution, UnconfirmedDeath
from driftcheck.lockstep.covered import Covered
from driftcheck.lockstep.host_slot import HostSlot
from driftcheck.lockstep.native import SweepPlan
from driftcheck.lockstep.recovery import Recovery
from driftcheck.lockstep.sweep import Sweeper, Swept
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import HostDied, Limits
from driftcheck.subjects.wire import DIGESTS, Wire

AHEAD = 256  # answers that may wait until they are needed


class _InFlight(NamedTuple):
    """A batch that hosts work on."""

    traces: tuple[Trace, ...]
    raws: tuple[bytes, ...]
    names: tuple[str, ...]  # of the subjects that take part


class Lockstep:
    """The subjects of one contract, each in its own host; a context manager.

    Args:
        schema: the contract.
        subjects: at least one; the order is that of findings.
        limits: of each host.

    Raises:
        HostFailed, HostKilled, WrongLibrary: by the first execution, or by `start`.
    """

    def __init__(self, schema: Schema, subjects: Sequence[Subject], limits: Limits | None = None) -> None:
        self.schema = schema
        self.subjects = tuple(subjects)
        self.limits = limits or Limits()
        self.wire = Wire(schema)
        self._slots = {s.name: HostSlot(s, self.limits, schema, self.wire) for s in subjects}
        self._recoveries = {name: Recovery(slot) for name, slot in self._slots.items()}
        self._sweeper = Sweeper()
        self._in_flight: _InFlight | None = None
        self._ready: dict[int, Execution] = {}
        self._encoded: tuple[Trace, bytes] | None = None  # the last trace; traces are often repeated

    def __enter__(self) -> Lockstep:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def hosts_spent(self) -> int:
        """Count the hosts that were started so far."""
        return sum(slot.hosts_spent for slot in self._slots.values())

    def start(self) -> Mapping[str, Mapping[str, object]]:
        """Start all hosts and return how each library describes itself."""
        return {name: slot.host.description for name, slot in self._slots.items()}

    def pid(self, subject: str) -> int:
        """Return the process id of the host of a subject."""
        return self._slots[subject].host.pid

    def take_unconfirmed_deaths(self) -> tuple[UnconfirmedDeath, ...]:
        """Return the deaths since the last call that did not recur."""
        return tuple(death for slot in self._slots.values() for death in slot.take_unconfirmed_deaths())

    @property
    def killed(self) -> int:
        """Count the hosts so far that somebody else has killed."""
        return sum(slot.killed for slot in self._slots.values())

    def put_aside(self, subject: str) -> None:
        """Go on without a subject."""
        self.refresh()
        self._ready.clear()
        self.subjects = tuple(s for s in self.subjects if s.name != subject)
        del self._slots[subject], self._recoveries[subject]

    def close(self) -> None:
        """End all hosts. May be called again."""
        for slot in self._slots.values():
            slot.leave()

    def refresh(self) -> None:
        """Replace all hosts by fresh ones, which keep nothing of earlier traces."""
        self.collect()
        self.close()

    @property
    def in_python(self) -> tuple[str, ...]:
        """Return the subjects in Python, which take far longer, if at least two others can be compared."""
        names = tuple(s.name for s in self.subjects if s.language == "python")
        return names if len(self.subjects) - len(names) >= 2 else ()

    def ahead(self, traces: Sequence[Trace], *, without: Collection[str] = ()) -> None:
        """Send traces that `run` will need soon; the hosts execute them while the parent does other work.

        Args:
            without: the names of subjects that do not take part.
        """
        self.collect()
        raws = tuple(self.wire.trace(trace) for trace in traces)
        request = self.wire.request(raws)
        names = [name for name in self._slots if name not in without]
        for name in names:
            self._slots[name].host.send(request)
        self._in_flight = _InFlight(tuple(traces), raws, tuple(names))

    def run(self, trace: Trace, *, without: Collection[str] = ()) -> Execution:
        """Run one trace in every subject, or return its answer if `ahead` has sent it.

        Args:
            without: the names of subjects that do not take part, as `ahead` was told.
        """
        if id(trace) not in self._ready and self._in_flight is not None:
            self.collect()
        ready = self._ready.pop(id(trace), None)
        return readable(ready) if ready is not None else self.run_all([trace], without=without)[0]

    def run_all(
        self, traces: Sequence[Trace], mode: int = DIGESTS, *, without: Collection[str] = ()
    ) -> list[Execution]:
        """Run traces in every subject, with one message to each.

        Args:
            without: the names of subjects that do not take part.
        """
        executions = _executions(traces, self._exchange(traces, mode, self.limits.deadline_s, without))
        return [readable(execution) for execution in executions]

    def sweep(self, plan: SweepPlan, trace_seeds: Sequence[int], *, without: Collection[str] = ()) -> Swept:
        """Run the traces of seeds, which each host draws itself, and compare the digests of the replies.

        Args:
            without: the names of subjects that do not take part.
        """
        self.collect()
        slots = {name: slot for name, slot in self._slots.items() if name not in without}
        return self._sweeper.sweep(slots, plan, trace_seeds, self.limits.deadline_s)

    def run_each(self, traces: Mapping[str, Trace], mode: int = DIGESTS) -> dict[str, Answer]:
        """Run a different trace in each of the subjects that are named."""
        self.collect()
        raws = {name: self._raw(trace) for name, trace in traces.items()}
        for name, raw in raws.items():
            self._slots[name].send([raw], mode)
        return {
            name: self._recoveries[name]
            .answers((traces[name],), (raw,), mode, self.limits.deadline_s)[0]
            .readable(traces[name])
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
        without: Collection[str] = (),
    ) -> Execution:
        """Run one trace, and take a death at face value: for shrinking and for confirming.

        Args:
            deadline_s: of a step.
            settle_s: how long to wait, after the last step, for a process that dies late.
            fresh: in hosts that have run nothing else.
            without: the names of subjects that do not take part.
        """
        self.collect()
        if fresh:
            self.close()
        raw = self._raw(trace)
        request = self.wire.request([raw], mode)
        answers = {}
        slots = {name: slot for name, slot in self._slots.items() if name not in without}
        for slot in slots.values():
            slot.host.send(request)
        for name, slot in slots.items():
            try:
                answers[name] = slot.received((trace,), (raw,), mode, deadline_s, settle_s)[0]
            except HostDied as death:
                answers[name] = self._recoveries[name].until(trace, death, mode, deadline_s)
        return readable(Execution(trace, answers))

    @property
    def covered(self) -> dict[str, Covered]:
        """Return the coverage of each subject that is built for it, by name."""
        return {name: slot.covered for name, slot in self._slots.items() if slot.covered is not None}

    def coverage_map(self, subject: str) -> bytes:
        """Return what a subject's hosts reached so far: for each counter, a bit for each of its buckets."""
        return self.covered[subject].map

    def load_coverage_map(self, subject: str, coverage_map: bytes) -> None:
        """Add to the map of a subject what the same build has reached elsewhere.

        Raises:
            WrongCoverage: the map is of another build.
        """
        self.collect()
        slot = self._slots[subject]
        with slot.until_it_dies():
            self.covered[subject].load(slot.host, coverage_map)

    def forget_coverage(self) -> None:
        """Empty the maps, so that they have only what is reached from now on."""
        self.collect()
        for name, covered in self.covered.items():
            with self._slots[name].until_it_dies():
                covered.forget(self._slots[name].host)

    def counters(self, trace: Trace) -> dict[str, bytes]:
        """Run one trace alone, and return the bucket of each counter, by the subjects built for coverage.

        A subject is left out if its host died.
        """
        execution = self.run_all([trace])[0]
        asked = (name for name, answer in execution.answers.items() if answer.coverage is not None)
        found = {name: self._slots[name].counters() for name in asked}
        return {name: buckets for name, buckets in found.items() if buckets is not None}

    def ignore_varying_counters(self, traces: Sequence[Trace]) -> None:
        """Ignore counters that differ on equal input, such as those of a cache.

        The first pass warms the subjects up; then each trace runs twice.
        """
        self.run_all(traces)
        varying: dict[str, set[int]] = {name: set() for name in self.covered}
        first, second = ([self.counters(trace) for trace in traces] for _ in range(2))
        for before, after in zip(first, second, strict=True):
            for name in before.keys() & after.keys():
                pairs = enumerate(zip(before[name], after[name], strict=True))
                varying[name].update(number for number, (one, other) in pairs if one != other)
        for name, numbers in varying.items():
            with self._slots[name].until_it_dies():
                self.covered[name].ignore(self._slots[name].host, numbers)

    def _raw(self, trace: Trace) -> bytes:
        if self._encoded is None or self._encoded[0] is not trace:
            self._encoded = trace, self.wire.trace(trace)
        return self._encoded[1]

    def collect(self) -> None:
        """Receive the batch that is in flight, and keep its answers for `run`."""
        if self._in_flight is None:
            return
        traces, raws, names = self._in_flight
        self._in_flight = None
        answers = {
            name: self._recoveries[name].answers(traces, raws, DIGESTS, self.limits.deadline_s)
            for name in names
        }
        # Answers of an earlier batch may still wait: a second look at a trace collects the next batch early.
        self._ready |= {id(execution.trace): execution for execution in _executions(traces, answers)}
        while len(self._ready) > AHEAD:  # left by a search that ended early
            del self._ready[next(iter(self._ready))]

    def _exchange(
        self, traces: Sequence[Trace], mode: int, deadline_s: float, without: Collection[str]
    ) -> dict[str, list[Answer]]:
        self.collect()
        raws = tuple(self._raw(trace) for trace in traces)
        request = self.wire.request(raws, mode)
        names = [name for name in self._slots if name not in without]
        for name in names:
            self._slots[name].host.send(request)
        return {
            name: self._recoveries[name].all_answers(tuple(traces), raws, mode, deadline_s) for name in names
        }


def _executions(traces: Sequence[Trace], answers: Mapping[str, list[Answer]]) -> list[Execution]:
    """Put answers side by side, up to the first trace that a subject has not answered."""
    done = min(len(a) for a in answers.values())
    return [Execution(t, {name: a[i] for name, a in answers.items()}) for i, t in enumerate(traces[:done])]


def readable(execution: Execution) -> Execution:
    """Return an execution that will be read, in which an answer that cannot be read is a crash."""
    trace, answers = execution.trace, execution.answers
    if len(answers) > 1 and execution.is_equal:
        first = next(iter(answers.values()))  # the one that is read for all
        if first.readable(trace) is first:
            return execution
    return Execution(trace, {name: answer.readable(trace) for name, answer in answers.items()})
