"""
A host slot: one subject, and the host that runs it at the moment.

Starts a host when one is needed, and another one when somebody else has killed it. Knows requests and
replies. Knows nothing of how the death of a subject is examined (`recovery`).
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from driftcheck.contract.lookup import address
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import ProtocolFault, WrongLibrary
from driftcheck.core.outcome import was_killed
from driftcheck.core.trace import Trace
from driftcheck.lockstep.answer import Answer, UnconfirmedDeath, of_unreadable
from driftcheck.lockstep.covered import Covered
from driftcheck.subjects.coverage import TraceCoverage
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import AFTER_LAST, Host, HostDied, HostKilled, Limits
from driftcheck.subjects.wire import Wire

KILLS = 2  # a batch whose host is killed this often is examined trace by trace
STARTS = 5  # of a host that is killed before it is ready
PAUSE_S = 0.1  # after the first of these kills, twice as long after the second, and so on
LARGE_ANSWER = 64 << 10  # bytes


class HostSlot:
    """One subject and the host that runs it at the moment.

    Args:
        subject: which the host runs.
        limits: of each host.
        schema: the contract that the subject must be built from.
        wire: of that contract.
    """

    def __init__(self, subject: Subject, limits: Limits, schema: Schema, wire: Wire) -> None:
        self.subject = subject
        self.limits = limits
        self.wire = wire
        self.hosts_spent = 0
        self.killed = 0  # hosts that somebody else has killed
        self.covered = Covered(subject.table, subject.name) if subject.table else None
        self._schema = schema
        self._host: Host | None = None
        self._unconfirmed_deaths: list[UnconfirmedDeath] = []
        self._last_large: Callable[[], Answer | None] = lambda: None

    @property
    def host(self) -> Host:
        """Return the host; start one if there is none.

        Raises:
            HostFailed, HostKilled: it cannot start.
            WrongLibrary: its library is built from another contract.
            WrongCoverage: its library is not the one of its table of coverage.
        """
        if self._host is None:
            self._host = self._started()
            self.hosts_spent += 1
        return self._host

    def _started(self) -> Host:
        """Start a host; start another one if somebody else kills it, which soon ends or goes on for ever."""
        times = 0
        while True:
            try:
                return self._ready()
            except HostKilled as kill:
                times += 1
                self.killed += 1
                if times == STARTS:
                    raise attrs.evolve(kill, times=times) from None
            time.sleep(PAUSE_S * times)

    def _ready(self) -> Host:
        host = Host(self.subject, self.limits)
        try:
            _check_description(self._schema, self.subject, host)
            if self.covered is not None:
                self.covered.prepare(host)
        except BaseException:
            host.close()
            raise
        return host

    def leave(self) -> None:
        """End the host, so that the next request starts a fresh one."""
        if self._host is not None:
            self._host.close()
            self._host = None

    def send(self, raws: Sequence[bytes], mode: int) -> None:
        """Send traces to the host."""
        self.host.send(self.wire.request(raws, mode))

    def received(
        self,
        traces: tuple[Trace, ...],
        raws: Sequence[bytes],
        mode: int,
        deadline_s: float,
        settle_s: float = 0.0,
    ) -> list[Answer]:
        """Receive the reply to a request that was sent, and wait `settle_s` for a late death.

        If somebody else has killed the host, send the request once more, to a fresh one.

        Raises:
            HostDied: the host died, or sent no reply; the slot has no host any more.
        """
        kills = 0
        while True:
            try:
                data = self.host.receive(deadline_s=deadline_s, steps=[len(t.steps) for t in traces])
                if settle_s:
                    self.host.settle(settle_s)
                break
            except ProtocolFault as fault:  # driftcheck sends no such request, but a subject may say so
                self.leave()
                outcome = of_unreadable(ValueError(f"it says that it cannot read a request: {fault.text}"))
                raise HostDied(len(traces) - 1, AFTER_LAST, outcome, is_late=True) from None
            except HostDied as death:
                self.leave()
                kills += was_killed(death.outcome)
                if kills == KILLS or not was_killed(death.outcome):
                    raise
                self.send(raws, mode)
        self.killed += kills
        try:
            replies = self.wire.replies(data, len(raws))
        except ValueError as error:
            self.leave()
            raise HostDied(len(traces) - 1, AFTER_LAST, of_unreadable(error), is_late=True) from None
        if self.covered is not None:
            coverage = self.covered_by(len(traces))
            return [
                attrs.evolve(self._answer(raw), coverage=reached)
                for raw, reached in zip(replies, coverage, strict=True)
            ]
        return [self._answer(raw) for raw in replies]

    def covered_by(self, count: int) -> Sequence[TraceCoverage | None]:
        """Return what each of the `count` traces of the last request reached.

        Each is None if the subject is not built for coverage, or if its host has died since.
        """
        if self.covered is None:
            return [None] * count
        try:
            found = self.covered.of_traces(self.host)
        except (HostDied, ProtocolFault):
            self.leave()
            return [None] * count
        return found if len(found) == count else [None] * count

    def counters(self) -> bytes | None:
        """Return the bucket of each counter after the last trace; None if its host has died."""
        found = None
        with self.until_it_dies():
            if self.covered is not None:
                found = self.covered.of_last_trace(self.host)
        return found

    @contextmanager
    def until_it_dies(self) -> Iterator[None]:
        """Ask the host; leave it if it does not answer, since the next one gets the map of all before it."""
        try:
            yield
        except (HostDied, ProtocolFault):
            self.leave()

    def _answer(self, raw: bytes) -> Answer:
        """Return an answer; a large one that repeats the one before is the same object."""
        if len(raw) < LARGE_ANSWER:
            return Answer(raw, self.wire, subject=self.subject.name)
        last = self._last_large()
        if last is None or last.raw != raw:
            last = Answer(raw, self.wire, subject=self.subject.name)
            self._last_large = weakref.ref(last)
        return last

    def add_unconfirmed_death(self, death: UnconfirmedDeath) -> None:
        """Keep a death that did not recur, until it is taken."""
        self._unconfirmed_deaths.append(death)

    def take_unconfirmed_deaths(self) -> tuple[UnconfirmedDeath, ...]:
        """Return the deaths since the last call that did not recur."""
        if not self._unconfirmed_deaths:
            return ()
        taken, self._unconfirmed_deaths = tuple(self._unconfirmed_deaths), []
        return taken


def _check_description(schema: Schema, subject: Subject, host: Host) -> None:
    """Raise WrongLibrary for a library that was built from another contract."""
    found = host.description
    if found.get("contract") != schema.name or found.get("fingerprint") != schema.fingerprint:
        raise WrongLibrary(
            schema.name,
            subject.name,
            f"{schema.name} {schema.fingerprint}",
            f"{found.get('contract')} {found.get('fingerprint')}",
            address(schema.cls),
        )
