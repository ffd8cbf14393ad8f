"""
Takes what a run finds in one contract: shows it at once, keeps it, and reports it at the end.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path

from driftcheck.cli import summary
from driftcheck.cli.reported import Reported
from driftcheck.cli.screen import Screen
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.shorten import shorten
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings import replayed as replays
from driftcheck.findings import show
from driftcheck.findings.finding import Finding
from driftcheck.findings.last_run import FOLDER as LAST_RUN
from driftcheck.findings.last_run import keep_last_run
from driftcheck.search.alarms import alarms
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Keeper, Kept
from driftcheck.search.saved_cases import SavedCase, try_saved
from driftcheck.search.session import Session


class Sink:
    """What a run has found in one contract."""

    def __init__(self, session: Session, keeper: Keeper, screen: Screen, *, verbose: bool) -> None:
        self._session = session
        self._keeper = keeper
        self._screen = screen
        self._verbose = verbose
        self._kept: list[Kept] = []
        self._cases: list[SavedCase] = []
        self._cases_s = 0.0
        self._faults: list[DriftcheckError] = []

    def saved_case(self, path: Path, interrupted: Callable[[], bool]) -> None:
        """Run a saved case again; show it if it is open."""
        started = time.monotonic()
        case = try_saved(path, self._session, interrupted)
        self._cases.append(case)
        self._cases_s += time.monotonic() - started
        if case.fault is not None:
            self._note(case.fault)
        if case.replayed is not None and case.is_open:
            title = replays.title(case.replayed)
            self._screen.result(f"{title}\n\n{replays.render_open(case.replayed)}\n")

    def finding(self, finding: Finding) -> None:
        """Keep a finding, and show the content of its file; an open case was shown before the search."""
        self._screen.count_finding()
        kept = self._keeper.keep(finding)
        self._kept.append(kept)
        if any(case.is_open and case.path == kept.path for case in self._cases):
            self._screen.result(f"open case  {kept.path}, shown above\n")
            return
        self._screen.result(
            show.render(kept.finding, self._session.schema, path=kept.path or "not kept") + "\n"
        )
        for fault in kept.faults:
            self._note(fault)

    def witness(self, asymmetry: str, case: Trace | LawCase) -> None:
        """Show the witness of an asymmetry, if that is wanted."""
        if self._verbose:
            line = f"asymmetry {asymmetry}: {show.in_a_line(self._session.schema, case)}"
            self._screen.result(shorten(line, summary.WIDTH), colour=False)

    def fault(self, fault: DriftcheckError) -> None:
        """Take what ends the search of this contract."""
        self._faults.append(fault)

    def keep_last_run(self, explored: Explored, root: Path) -> None:
        """Keep what the run saw for `driftcheck accept`; a run goes on where this cannot be written."""
        try:
            keep_last_run(explored.contract, root, explored.seed, explored.statistics.sighted)
        except OSError as error:
            why = f"{error.strerror}, so that 'driftcheck accept' cannot say how much an entry covers"
            self._screen.say(f"driftcheck: {root / LAST_RUN} cannot be written: {why}")

    def _note(self, fault: DriftcheckError) -> None:
        """Say at once what went wrong, since the run goes on."""
        self._screen.say(f"driftcheck: {fault}")
        self._faults.append(fault)

    def reported(self, explored: Explored) -> Reported:
        """Return the report of the contract."""
        session = self._session
        languages = {name: str(one.get("language")) for name, one in session.descriptions.items()}
        raised = alarms(
            session.schema,
            session.asymmetries,
            explored.statistics,
            [finding.divergence for finding in explored.findings],
            list(session.descriptions),
            datetime.datetime.now(tz=datetime.UTC).date(),
            [case.replayed for case in self._cases if case.replayed is not None],
        )
        return Reported(
            session.schema,
            explored,
            session.asymmetries,
            languages,
            tuple(self._kept),
            raised,
            tuple(self._cases),
            self._cases_s,
            tuple(self._faults),
        )
