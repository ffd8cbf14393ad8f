"""
The keeper of a session's findings: saves each one, and passes it to the sinks of plugins.

Decides what people read of a finding: the content of its case file. Knows no terminal, no pytest and no page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings import keep
from driftcheck.findings.finding import Finding
from driftcheck.search.replay import shown_again
from driftcheck.search.saved_cases import SavedCase, from_here
from driftcheck.search.session import Session


@attrs.frozen(eq=False)
class Kept:
    """A finding as it is in its case file."""

    finding: Finding
    path: Path | None  # as a command in the working directory names it; None if it could not be saved
    faults: tuple[DriftcheckError, ...] = ()  # why it could not be saved, or what a plugin raised


@attrs.frozen
class Keeper:
    """Keeps the findings of one session."""

    session: Session
    root: Path  # of the project
    since_ns: int | None  # when the run began, as `keep.save` takes it
    report: Callable[[Finding, Schema, Path], None]  # passes a saved finding on; raises PluginFailed

    def keep(self, finding: Finding) -> Kept:
        """Save a finding at once, since the process may be killed before the next one."""
        session = self.session
        again = partial(shown_again, session=session)
        try:
            saved = keep.save(finding, session.schema, self.root, again, since_ns=self.since_ns)
        except DriftcheckError as fault:  # people must still see the finding
            return Kept(finding, None, (fault,))
        try:
            self.report(saved.finding, session.schema, saved.path)
        except DriftcheckError as fault:
            return Kept(saved.finding, from_here(saved.path), (fault,))
        return Kept(saved.finding, from_here(saved.path))


def new_ones(kept: Sequence[Kept], cases: Sequence[SavedCase]) -> list[Kept]:
    """Return the findings that are not open cases too."""
    known = {case.path for case in cases if case.is_open}
    return [one for one in kept if one.path not in known]
