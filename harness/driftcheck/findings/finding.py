"""
Findings: a divergence, the shrunk case that shows it, and how surely it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.core.trace import LawCase, Trace
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle.signature import Divergence, Signature


@attrs.frozen(eq=False)
class Finding:
    """What is kept, printed and replayed."""

    divergence: Divergence
    case: Trace | LawCase  # shrunk
    execution: (
        Execution  # made in mode FULL; of a law case: the steps before the law and the calls that it made
    )
    confirmed: int  # so many fresh runs showed it again
    of: int  # of so many
    descriptions: Mapping[str, Mapping[str, Any]]  # how each library describes itself
    batch: tuple[Trace, ...] = ()  # of a death that did not recur alone: what its host had run

    @property
    def signature(self) -> Signature:
        """Return what tells this finding from others."""
        return self.divergence.signature

    @property
    def languages(self) -> dict[str, str]:
        """Return the subjects' languages, by name."""
        return {name: str(told.get("language")) for name, told in self.descriptions.items()}

    @property
    def is_flaky(self) -> bool:
        """Say whether a fresh run did not show it."""
        return self.confirmed < self.of or bool(self.batch)
