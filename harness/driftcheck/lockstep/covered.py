"""
The coverage of one subject: what all its hosts reached, including those that have died.

Owns the map and the list of ignored counters. Knows one host at a time, and nothing of other subjects.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import attrs

from driftcheck.core.errors import DriftcheckError, ProtocolFault
from driftcheck.core.files import Unreadable
from driftcheck.core.outcome import was_killed
from driftcheck.subjects import coverage
from driftcheck.subjects.coverage import CoverageTable, Place, TraceCoverage, merged
from driftcheck.subjects.host import Host, HostDied, HostKilled


@attrs.define(eq=False)
class WrongCoverage(DriftcheckError):
    """Coverage belongs to another build of the subject, or cannot be read."""

    subject: str
    reason: str

    def __str__(self) -> str:
        return f"subject {self.subject!r}: {self.reason}; build it again with 'driftcheck build --coverage'"


class Covered:
    """The coverage of one subject.

    Args:
        table: the path of the table of its counters.
        subject: its name, for errors.

    Raises:
        WrongCoverage: the table cannot be read.
    """

    def __init__(self, table: str, subject: str) -> None:
        self._subject = subject
        try:
            self.table = CoverageTable.read(Path(table))
        except Unreadable as error:
            raise WrongCoverage(subject, f"{table} {error}") from None
        self.map = bytes(self.table.counters)
        self._ignored = self.table.ignored

    @property
    def ignored(self) -> bytes:
        """Return a byte for each counter: 1 if it does not count."""
        return self._ignored

    def prepare(self, host: Host) -> None:
        """Give a fresh host what the hosts before it had reached.

        Raises:
            WrongCoverage: its library is not the one of the table, or the host has died.
            HostKilled: somebody else has killed the host.
        """
        try:
            self._prepare(host)
        except (HostDied, ProtocolFault) as fault:
            if isinstance(fault, HostDied) and was_killed(fault.outcome):
                raise HostKilled(self._subject, fault.outcome.evidence.reason) from None
            raise WrongCoverage(self._subject, f"its host does not answer: {fault}") from None

    def _prepare(self, host: Host) -> None:
        size = len(host.ask(coverage.request(coverage.MAP)))
        if size != self.table.counters:
            reason = f"its library has {size} counters, and the table beside it {self.table.counters}"
            raise WrongCoverage(self._subject, reason)
        host.ask(coverage.request(coverage.IGNORE, self._ignored))
        if any(self.map):
            host.ask(coverage.request(coverage.LOAD, self.map))

    def of_traces(self, host: Host) -> list[TraceCoverage]:
        """Return what each trace of the last request reached, and keep what is new for later hosts."""
        found = coverage.read_traces(host.ask(coverage.request(coverage.TRACES)))
        if any(one.new for one in found):
            self.map = host.ask(coverage.request(coverage.MAP))
        return found

    def of_last_trace(self, host: Host) -> bytes:
        """Return the bucket of each counter after the last trace, as one bit; 0 if it did not run."""
        return host.ask(coverage.request(coverage.COUNTERS))

    def load(self, host: Host, map_: bytes) -> None:
        """Add to the map what another host or another run has reached.

        Raises:
            WrongCoverage: the map is of another build.
        """
        if len(map_) != self.table.counters:
            reason = (
                f"a map of {len(map_)} counters is of another build, since this one has {self.table.counters}"
            )
            raise WrongCoverage(self._subject, reason)
        kept = bytes(0 if ignored else bits for bits, ignored in zip(map_, self._ignored, strict=True))
        self.map = merged([self.map, kept])
        host.ask(coverage.request(coverage.LOAD, self.map))

    def forget(self, host: Host) -> None:
        """Empty the map, so that it has only what is reached from now on."""
        self.map = bytes(self.table.counters)
        host.ask(coverage.request(coverage.LOAD, self.map))

    def ignore(self, host: Host, counters: Iterable[int]) -> None:
        """Ignore counters from now on, such as those that differ on equal input."""
        flags = bytearray(self._ignored)
        for counter in counters:
            flags[counter] = 1
        self._ignored = bytes(flags)
        self.map = bytes(0 if ignored else bits for bits, ignored in zip(self.map, flags, strict=True))
        host.ask(coverage.request(coverage.IGNORE, self._ignored))

    def reached(self) -> frozenset[Place]:
        """Return the places that were ever reached."""
        return self.table.reached(self.map)
