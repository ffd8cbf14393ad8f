"""Errors of builds: a library cannot be built, or is stale and must not be built."""

from __future__ import annotations

import attrs

from driftcheck.core.errors import DriftcheckError


@attrs.define(eq=False)
class BuildError(DriftcheckError):
    """A subject's library cannot be built; the compiler's own output follows the first line."""

    contract: str
    subject: str
    language: str
    what: str
    output: str = ""

    def __str__(self) -> str:
        language = "" if self.language == self.subject else f" ({self.language})"
        line = f"contract {self.contract!r}: subject {self.subject!r}{language}: {self.what}"
        return f"{line}\n{self.output.rstrip()}" if self.output else line


@attrs.define(eq=False)
class StaleLibrary(DriftcheckError):
    """A subject's library is stale, and an option forbids building."""

    contract: str
    subject: str
    why: str
    address: str  # what the command line calls the contract

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: the library of subject {self.subject!r} is stale: {self.why}; "
            f"run 'driftcheck build {self.address}', or allow builds"
        )
