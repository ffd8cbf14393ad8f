"""
An item of a contract: runs its job, and keeps the result in pytest's reports.
"""

from __future__ import annotations

import inspect
from os import PathLike
from pathlib import Path
from typing import Any

import pytest

from driftcheck.core.author_code import guarded
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.visible import visible
from driftcheck.testing.failure import Failed, as_failure
from driftcheck.testing.jobs import Job, Result, run_job


class ContractItem(pytest.Item):
    """One part of testing a contract, which pytest can run alone."""

    def __init__(self, *, job: Job, line: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.job = job
        self.line = line
        self.add_marker(pytest.mark.driftcheck)

    def runtest(self) -> None:
        """Run the job; a finding fails the item."""
        with guarded(self.job.settings.session.author):
            result = run_job(self.job)
        self._report(result)
        if result.pages or result.troubles:
            raise Failed(self.job, result)
        if result.not_judged:
            pytest.skip(result.not_judged)

    def _report(self, result: Result) -> None:
        """Keep what the summary needs in user properties, which JUnit and the controller of xdist get too."""
        job = self.job
        properties: dict[str, Any] = {"contract": job.schema.name, "seed": job.run_seed, "job": job.kind}
        properties |= {"traces": result.traces, "steps": result.steps, "asymmetries": result.asymmetries}
        properties |= {"alarms": result.alarms, "not_exercised": result.missing}
        self.user_properties += [(f"driftcheck_{name}", value) for name, value in properties.items() if value]
        kept = [page for page in result.pages if page.case]
        self.user_properties += [("driftcheck_case", visible(page.case)) for page in kept]
        self.user_properties += [("driftcheck_replay", visible(page.replay)) for page in kept]
        for number, page in enumerate(result.pages, 1):
            for key, text in (("standard error", page.stderr), ("stacks", page.stacks)):
                if text.strip():
                    self.add_report_section("call", f"{key} of finding {number}", visible(text))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show findings and mistakes without a traceback of driftcheck."""
        if isinstance(excinfo.value, Failed | DriftcheckError):
            return as_failure(excinfo.value, str(self._place), max(self.line, 1))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        """Return the place of the test."""
        return self._place, max(self.line - 1, 0), self.name

    @property
    def _place(self) -> Path:
        """Return the test file, or the contract's own file where the command line names the contract."""
        return self.path if self.line else Path(inspect.getfile(self.job.contract))
