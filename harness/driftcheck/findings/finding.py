"""
Findings: a divergence, the shrunk case that shows it, and in how many runs it was seen again.

Knows nothing of files or of printing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.core.trace import LawCase, Trace
from driftcheck.generate.repairs import Repair
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle.signature import Divergence, Signature


@attrs.frozen
class Repairs:
    """What a divergence needs, as far as it is known: each repair removes it."""

    healing: frozenset[Repair] = frozenset()
    of_cause: frozenset[Repair] = frozenset()  # those that take away a feature of its cause; all without one


@attrs.frozen(eq=False)
class Finding:
    """A divergence with its shrunk case."""

    divergence: Divergence
    case: Trace | LawCase  # shrunk
    execution: (
        Execution  # made in mode FULL; of a law case: the steps before the law and the calls that it made
    )
    confirmed: int  # runs in fresh processes in which it was seen again
    of: int  # all of these runs
    descriptions: Mapping[str, Mapping[str, Any]]  # how each library describes itself
    is_minimal: bool = True  # False: the case was not completely shrunk
    needs: tuple[str, ...] = ()  # what it needs of the numbers in its call, in words
    repairs: Repairs = Repairs()  # those of the step that diverges that remove its divergence
    same_states: Signature | None = None  # an earlier finding that diverges at the same states
    belongs_to: Signature | None = None  # an earlier finding that is probably the same bug
    batch: tuple[Trace, ...] = ()  # of a death that did not recur alone: all traces that its host had run

    @property
    def signature(self) -> Signature:
        """Return what distinguishes this finding from others."""
        return self.divergence.signature

    @property
    def languages(self) -> dict[str, str]:
        """Return the subjects' languages, by name."""
        return {name: str(description.get("language")) for name, description in self.descriptions.items()}

    @property
    def is_flaky(self) -> bool:
        """Say whether it was not seen again in each run."""
        return self.confirmed < self.of or bool(self.batch)
