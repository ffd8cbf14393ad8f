"""
The result of a run of one contract.

Knows statistics and findings. Knows nothing of how a run draws or judges.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings.finding import Finding
from driftcheck.findings.root_causes import RootCause, root_causes
from driftcheck.oracle.signature import Signature
from driftcheck.search.statistics import RunStatistics


@attrs.frozen(eq=False)
class Explored:
    """The result of a run of one contract."""

    contract: str
    seed: int
    statistics: RunStatistics
    findings: tuple[Finding, ...]
    witnesses: Mapping[str, Trace | LawCase]  # the shrunk case of each asymmetry that was seen, by id
    seconds: float
    ended_by: str  # "traces", "time", "interrupt", "exhausted", "finding" or "fault"
    hosts_spent: int
    killed: int = 0  # hosts that somebody else has killed; no findings
    more: Mapping[Signature, int] = attrs.field(factory=dict)  # divergences like a finding, not shrunk
    passed_over: int = 0  # with `fail_fast`: divergences seen while the only finding was shrunk
    unexamined: int = 0  # divergences that the run had no time to examine
    drawn_rarely: tuple[str, ...] = ()  # causes that it saw so often that it drew them rarely

    @property
    def root_causes(self) -> tuple[RootCause, ...]:
        """Return the findings in groups, different ones first."""
        return root_causes(self.findings, self.more)
