"""
Saved cases that a run had no time to shrink completely: each is shrunk further when it runs again.

Replaces the file of a case by a smaller one. Knows nothing of the search, of terminals or of pytest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from driftcheck.core.trace import LawCase
from driftcheck.findings import keep
from driftcheck.findings.case import Case
from driftcheck.findings.finding import Finding
from driftcheck.generate.plan import MAX_STEPS
from driftcheck.generate.strategy import MAX_LAW_STEPS, CaseStrategy, law_cases, traces
from driftcheck.oracle import checks
from driftcheck.search.budget import Budget, Clock
from driftcheck.search.confirm import examine_in_fresh_hosts
from driftcheck.search.observer import Observer
from driftcheck.search.replay import shown_again
from driftcheck.search.session import Session
from driftcheck.search.shares import Shares
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.triage import Triage

MOST_S = 20.0  # for one case; what is left, the next run does


def shrink_saved(case: Case, session: Session, interrupted: Callable[[], bool]) -> Path | None:
    """Shrink a saved case that shows its signature, and replace its file.

    The shrunk case may need less of the cause, and then has another file; the old one is removed.

    Returns:
        the file of the shrunk case; None where the case does not show its signature first.

    Raises:
        CaseError: the file cannot be written.
        DriftcheckError: an adapter or a law is at fault.
    """
    target = checks.check(case.signature.check, session.schema.plugin_checks)
    verdict = examine_in_fresh_hosts(session.oracle, case.case, target=target)
    if verdict.divergence is None or verdict.divergence.signature != case.signature:
        return None
    found: list[Finding] = []
    clock = Clock(Budget(max_time_s=MOST_S))
    triage = Triage(
        session,
        RunStatistics(),
        Shares(in_seconds=False),
        Observer(finding=found.append),
        is_late=lambda: False,
        is_over=lambda: interrupted() or clock.is_over(),
        stops_at_first=True,
        wants_witnesses=False,
    )
    triage.report(verdict, case.case, _strategy(case, session), seed=0)
    triage.finish()
    if not found:
        return None
    path = _kept(found[0], case, session, is_last_try=not interrupted())
    if path.resolve() != case.path.resolve():
        case.path.unlink()
    return path


def _kept(finding: Finding, case: Case, session: Session, *, is_last_try: bool) -> Path:
    """Keep a shrunk case; one that did not become smaller loses its mark, so that no run tries it again."""
    root = case.path.resolve().parents[2]  # of the project: the file is in cases/<contract>/ under it
    before = case.path.read_bytes()
    again = partial(shown_again, session=session)
    saved = keep.save(finding, session.schema, root, again)
    is_as_before = saved.path.resolve() == case.path.resolve() and case.path.read_bytes() == before
    if is_as_before and is_last_try:
        saved = keep.save(attrs.evolve(finding, is_minimal=True), session.schema, root, again)
    return saved.path


def _strategy(case: Case, session: Session) -> CaseStrategy[Any]:
    """Return a strategy that draws cases like this one."""
    schema, model, steps = session.schema, session.model, len(case.trace.steps)
    if isinstance(case.case, LawCase):
        law = next(one for one in schema.laws if one.name == case.case.law)
        return law_cases(schema, law, max_steps=max(steps, MAX_LAW_STEPS), model=model)
    return traces(schema, max_steps=max(steps, MAX_STEPS), model=model)
