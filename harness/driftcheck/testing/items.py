"""
An item of a contract: runs its job, and keeps what came of it where reports travel.
"""

from __future__ import annotations

import inspect
from os import PathLike
from pathlib import Path
from typing import Any

import pytest

from driftcheck.core.errors import DriftcheckError
from driftcheck.testing.failure import Failed, as_failure
from driftcheck.testing.jobs import Job, Result, run_job


class ContractItem(pytest.Item):
    """A check of a contract that pytest can run alone."""

    def __init__(self, *, job: Job, line: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.job = job
        self.line = line
        self.add_marker(pytest.mark.driftcheck)

    def runtest(self) -> None:
        """Run the job; a finding fails the item."""
        result = run_job(self.job)
        self._report(result)
        if result.pages or result.troubles:
            raise Failed(self.job, result)

    def _report(self, result: Result) -> None:
        """Keep what the summary needs: user properties also reach JUnit and the controller of xdist."""
        job = self.job
        properties: dict[str, Any] = {"contract": job.schema.name, "seed": job.settings.seed, "job": job.kind}
        properties |= {"traces": result.traces, "steps": result.steps, "known": result.known}
        properties |= {"alarms": result.alarms, "not_exercised": result.missing}
        self.user_properties += [(f"driftcheck_{name}", value) for name, value in properties.items() if value]
        kept = [page for page in result.pages if page.case]
        self.user_properties += [("driftcheck_case", page.case) for page in kept]
        self.user_properties += [("driftcheck_replay", page.replay) for page in kept]
        for number, page in enumerate(result.pages, 1):
            for key, text in (("standard error", page.stderr), ("stacks", page.stacks)):
                if text.strip():
                    self.add_report_section("call", f"{key} of finding {number}", text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show findings and mistakes without a traceback of ours."""
        if isinstance(excinfo.value, Failed | DriftcheckError):
            return as_failure(excinfo.value, str(self._place), max(self.line, 1))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        """Say where the test stands."""
        return self._place, max(self.line - 1, 0), self.name

    @property
    def _place(self) -> Path:
        """Return the file to look at: the test's, or the contract's own where it was named."""
        return self.path if self.line else Path(inspect.getfile(self.job.contract))
