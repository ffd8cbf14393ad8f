"""
Outcomes: what a subject did in one step, as frozen values.

Knows nothing of bytes, hosts or verdicts.
"""

from __future__ import annotations

import signal
from typing import Any

import attrs


@attrs.frozen
class Accepted:
    """The subject did the step; `value` is its result, or None if it has none or is a handle."""

    value: Any = None


@attrs.frozen
class Rejected:
    """The subject refused the step with a rejection of the contract."""

    rejection: str
    detail: Any = None


@attrs.frozen
class Unmapped:
    """The subject returned an error that is not a rejection of the contract."""

    text: str


@attrs.frozen
class Panicked:
    """The subject panicked, and its SDK caught the panic; the trace ends here for this subject."""

    text: str


@attrs.frozen
class Unsupported:
    """The subject cannot do this step; driftcheck counts the step and does not compare it."""


@attrs.frozen
class Void:
    """The handle that the step takes was never made, or is closed."""


@attrs.frozen
class Broken:
    """The adapter reports itself as broken, or its reply cannot be read."""

    text: str


@attrs.frozen
class Evidence:
    """What is known about the death of a host."""

    reason: str  # one line: "signal 11 (SIGSEGV)", "exit status 3", "no progress for 1.0 s"
    frame: str = ""  # the innermost frame or fault, which distinguishes crashes; "" if unknown
    stderr: str = ""  # the end of what the host wrote
    stacks: str = ""  # goroutine stacks from before the kill; "" if there are none
    signal: int | None = None
    exit_status: int | None = None
    peak_bytes: int | None = None  # resident memory


@attrs.frozen
class Crashed:
    """The host died in this step."""

    evidence: Evidence = attrs.field(eq=False)


@attrs.frozen
class Hung:
    """The step made no progress within the deadline."""

    evidence: Evidence = attrs.field(eq=False)


@attrs.frozen
class Exhausted:
    """The host exceeded a limit in this step: of memory, of a state or of a reply."""

    evidence: Evidence = attrs.field(eq=False)


@attrs.frozen
class NotReached:
    """An earlier step ended the trace for this subject."""


Outcome = (
    Accepted
    | Rejected
    | Unmapped
    | Panicked
    | Unsupported
    | Void
    | Broken
    | Crashed
    | Hung
    | Exhausted
    | NotReached
)
DEATHS = (Crashed, Hung, Exhausted)


def was_killed(outcome: Outcome) -> bool:
    """Say whether a host was killed by what may be somebody else, such as the kernel for lack of memory."""
    return isinstance(outcome, Crashed) and outcome.evidence.signal == signal.SIGKILL


def kind(outcome: Outcome) -> str:
    """Return the kind of an outcome in the lower-case words of findings and asymmetries."""
    match outcome:
        case Rejected(rejection=rejection):
            return rejection
        case NotReached():
            return "not reached"
        case _:
            return type(outcome).__name__.lower()
