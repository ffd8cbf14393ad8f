"""What can go wrong with a campaign and with a corpus."""

from __future__ import annotations

import attrs

from driftcheck.core.errors import DriftcheckError


@attrs.define(eq=False)
class CorpusInUse(DriftcheckError):
    """Another process writes to the corpus of a contract."""

    folder: str

    def __str__(self) -> str:
        return f"{self.folder}: another campaign uses this corpus; wait until it has ended, or stop it"


@attrs.define(eq=False)
class CorpusError(DriftcheckError):
    """The user asked for something that a corpus or a folder does not allow."""

    place: str
    what: str  # what is wrong, and what to do

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@attrs.define(eq=False)
class NotKept(DriftcheckError):
    """A campaign cannot write what it keeps."""

    place: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.reason}; a campaign keeps its corpus and its record under .driftcheck/: "
            "make room there, or start it in a folder that you may write to"
        )


@attrs.define(eq=False)
class WorkersDie(DriftcheckError):
    """The worker of a contract died several times in a row."""

    contract: str
    times: int
    how: str  # how the last one ended, with what it printed

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: its worker ended {self.times} times in a row: {self.how}; "
            f"run 'driftcheck run {self.contract}' to see more"
        )


class WorkerDied(Exception):
    """A worker process has ended while it had a turn."""


class WorkerKilled(WorkerDied):
    """Somebody else has killed a worker process, such as the kernel for lack of memory."""


class WorkerStuck(WorkerDied):
    """A worker process was killed because its turn did not end."""
