"""
Outcomes: what a subject did with one step, as frozen values.

Knows nothing of bytes, hosts or verdicts. `wire` reads them, `oracle` compares them.
"""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen
class Accepted:
    """The step was done; `value` is its result (None where it has none, or a handle)."""

    value: Any = None


@attrs.frozen
class Rejected:
    """The step was refused with a class of the contract."""

    rejection: str
    detail: Any = None


@attrs.frozen
class Unmapped:
    """The subject returned an error that no rejection names."""

    text: str


@attrs.frozen
class Panicked:
    """The subject panicked, and the panic was caught; the rest of the trace is not reached."""

    text: str


@attrs.frozen
class Unsupported:
    """The subject cannot do this step: counted, not compared."""


@attrs.frozen
class Void:
    """The step's handle was never made, or is closed."""


@attrs.frozen
class Broken:
    """The adapter says that it is at fault itself, or its reply cannot be read."""

    text: str


@attrs.frozen
class Evidence:
    """What a dead host left behind."""

    reason: str  # one line: "signal 11 (SIGSEGV)", "exit status 3", "no progress for 1.0 s"
    frame: str = ""  # the innermost frame or fault that tells crashes apart, "" where unknown
    stderr: str = ""  # its tail
    stacks: str = ""  # goroutine stacks taken before the kill, "" where there are none
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
    """The host went past its memory limit in this step."""

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


def kind(outcome: Outcome) -> str:
    """Name the outcome's class in one lower-case phrase, as findings and asymmetries print it."""
    match outcome:
        case Rejected(rejection=rejection):
            return rejection
        case NotReached():
            return "not reached"
        case _:
            return type(outcome).__name__.lower()
