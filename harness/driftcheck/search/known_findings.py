"""
What a run knows already: the findings by root cause, and the witnesses of asymmetries.

Decides what is new in a verdict. Knows nothing of budgets, hosts or files.
"""

from __future__ import annotations

import attrs

from driftcheck.core.trace import LawCase, Trace
from driftcheck.generate.cutting import size
from driftcheck.oracle.oracle import Verdict
from driftcheck.oracle.signature import Signature


@attrs.frozen
class MissingWitness:
    """Takes the place of a signature while the run shrinks the first case of an asymmetry."""

    asymmetry: str  # id


New = Signature | MissingWitness


@attrs.define
class KnownFindings:
    """The signatures and witnesses of one run."""

    signatures: set[Signature] = attrs.field(factory=set)
    witnesses: dict[str, Trace | LawCase] = attrs.field(factory=dict)  # by the id of the asymmetry
    shrunk_witnesses: set[str] = attrs.field(factory=set)  # ids

    def note_witnesses(self, verdict: Verdict, case: Trace | LawCase) -> None:
        """Keep the case for each asymmetry that it shows, unless a shorter one is kept."""
        for seen in verdict.asymmetries:
            kept = self.witnesses.get(seen.entry.id)
            if kept is None or (seen.entry.id not in self.shrunk_witnesses and size(case) < size(kept)):
                self.witnesses[seen.entry.id] = case
