"""
Failures as pytest prints them: findings and mistakes as driftcheck words them, without a traceback.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from _pytest._code.code import (  # no public name, and the only form that xdist, JUnit and editors all keep
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)

from driftcheck.core.errors import DriftcheckError
from driftcheck.core.visible import visible
from driftcheck.testing.jobs import Job, Result


@attrs.define(eq=False)
class Failed(AssertionError):
    """An item has findings, or something else that fails it."""

    job: Job
    result: Result

    def __str__(self) -> str:
        """Return one line for the short summary."""
        titles = [page.title for page in self.result.pages] + self.result.troubles
        more = f" (and {len(titles) - 1} more)" if len(titles) > 1 else ""
        return visible(f"{titles[0]}{more}")

    def text(self) -> str:
        """Return the whole text of the failure."""
        result, settings = self.result, self.job.settings
        parts = [page.text for page in result.pages]
        parts = (
            [f"[{n} of {len(parts)}] {part}" for n, part in enumerate(parts, 1)] if len(parts) > 1 else parts
        )
        parts += result.troubles
        parts.append(f"seed: --driftcheck-seed {self.job.run_seed}{_with_workers(settings.shards)}")
        return "\n\n".join(parts)


def _with_workers(shards: int) -> str:
    return f" -n {shards}" if shards > 1 else ""


def as_failure(error: Failed | DriftcheckError, path: str, line: int) -> ReprExceptionInfo:
    """Return what pytest prints of an error, with the place of the test."""
    text = visible(error.text() if isinstance(error, Failed) else str(error))
    message = visible(str(error)).partition("\n")[0]
    entry = ReprEntryNative([f"{text}\n"])
    traceback = ReprTraceback([entry], extraline=None, style="native")
    return ReprExceptionInfo(traceback, ReprFileLocation(path, line, message))


def in_one_sentence(collector: pytest.Collector, report: pytest.CollectReport) -> None:
    """Replace the traceback of a mistake that was found while pytest collected a test file."""
    call: Any = getattr(report, "call", None)  # pytest keeps it there for plugins
    excinfo: pytest.ExceptionInfo[BaseException] | None = call.excinfo if call is not None else None
    if excinfo is None or not isinstance(excinfo.value, DriftcheckError):
        return
    lines = [entry.lineno + 1 for entry in excinfo.traceback if entry.path == collector.path]
    report.longrepr = as_failure(excinfo.value, str(collector.path), lines[-1] if lines else 1)
