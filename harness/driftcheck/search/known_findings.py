"""
What a run knows already: the signatures it has found, and the asymmetries it has a witness of.

Decides what is new in a verdict. Knows nothing of budgets, hosts or files.
"""

from __future__ import annotations

import attrs

from driftcheck.core.trace import LawCase, Trace
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

    def has(self, new: New) -> bool:
        """Say whether what was new in a verdict is known by now."""
        match new:
            case Signature():
                return new in self.signatures
            case MissingWitness(asymmetry):
                return asymmetry in self.witnesses

    def new_in(self, verdict: Verdict, *, wants_witness: bool) -> New | None:
        """Return what a verdict shows for the first time.

        Args:
            wants_witness: where no divergence is new, return the first asymmetry without a witness.
        """
        if verdict.divergence is not None and verdict.divergence.signature not in self.signatures:
            return verdict.divergence.signature
        if not wants_witness:
            return None
        missing = (one.entry.id for one in verdict.asymmetries if one.entry.id not in self.witnesses)
        return next((MissingWitness(id_) for id_ in missing), None)
