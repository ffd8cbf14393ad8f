"""
What the divergence of a finding needs: the kinds of character without which it is gone.

Knows nothing of groups.
"""

from __future__ import annotations

import attrs

from driftcheck.core.trace import Trace
from driftcheck.findings.finding import Finding, Repairs
from driftcheck.generate.repairs import Repair, repaired
from driftcheck.oracle.healing import OF_HEALING, is_healed
from driftcheck.search.session import Session
from driftcheck.subjects.wire import DIGESTS


def with_repairs(session: Session, finding: Finding) -> tuple[Finding, int]:
    """Return the finding with what its divergence needs, and how many variants of its case were run."""
    case, divergence = finding.case, finding.divergence
    if not isinstance(case, Trace) or divergence.step is None or divergence.check not in OF_HEALING:
        return finding, 0
    number, oracle = divergence.step, session.oracle
    step = case.steps[number]
    operation = session.schema.operation(step.operation)
    healing: set[Repair] = set()
    of_cause: set[Repair] = set()
    runs = 0
    for variant in repaired(operation, step):
        is_of_cause = not divergence.cause or bool(variant.lost & set(divergence.cause))
        if variant.repair in (of_cause if is_of_cause else healing):
            continue
        runs += 1
        trace = case.with_steps((*case.steps[:number], variant.step, *case.steps[number + 1 :]))
        execution = session.lockstep.probe(trace, DIGESTS, deadline_s=oracle.shrink_deadline_s)
        outcomes = {name: a.outcome(operation, number) for name, a in execution.answers.items()}
        if is_healed(divergence, operation, outcomes):
            healing.add(variant.repair)
            if is_of_cause:
                of_cause.add(variant.repair)
    return attrs.evolve(finding, repairs=Repairs(frozenset(healing), frozenset(of_cause))), runs
