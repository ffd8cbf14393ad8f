"""
A contract with a model alone: nothing to build, and quick to start.

`DRIFTCHECK_TINY`, in the environment in which a host starts, lists the model's faults:

    outside     `add` returns a number outside its type
    query       `read` changes the state
    law         `read` forgets what it just said
    varies      `add` answers otherwise in each process
    broken      `add` says that its adapter is at fault
    kill        once a case is saved, `read` kills the process that runs pytest
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated

from driftcheck import Contract, Rejection, ge, law, lt, operation, query

VARIABLE = "DRIFTCHECK_TINY"

Small = Annotated[int, ge(0), lt(10)]


class Tiny(Contract):
    """A sum that ends below ten."""

    full = Rejection("the sum would be ten or more")

    def state(self) -> Small: ...

    @operation(rejects=[full])
    def add(self, n: Small) -> Small:
        """Add a number; return the sum."""

    @query
    def read(self) -> Small:
        """Return the sum."""

    @law
    def reads_alike(self) -> bool:
        """What was read is read again."""
        return self.read() == self.read()


class TinyModel(Tiny):
    """The sum, with the faults that the environment asks for."""

    def __init__(self) -> None:
        self.sum = 0
        self.reads = 0
        self.faults = os.environ.get(VARIABLE, "").split(",")

    def state(self) -> Small:
        return self.sum

    def add(self, n: Small) -> Small:
        if "broken" in self.faults:
            raise RuntimeError("on request")
        if self.sum + n >= 10:
            raise Tiny.full()
        self.sum += n
        if "varies" in self.faults:
            return hash((os.getpid(), self.sum, n)) % 10  # of a few steps, one differs for sure
        return 10 if "outside" in self.faults and self.sum == 9 else self.sum

    def read(self) -> Small:
        if "kill" in self.faults and any(Path("cases").glob("*/*.json")):
            supervisor = Path(f"/proc/{os.getppid()}/stat").read_text()
            os.kill(int(supervisor.rpartition(")")[2].split()[1]), signal.SIGKILL)
        if "query" in self.faults and self.sum == 1:
            self.sum = 2
        self.reads += 1
        return self.reads % 2 if "law" in self.faults else self.sum
