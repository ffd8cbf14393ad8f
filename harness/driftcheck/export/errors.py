"""What cannot be exported, and why."""

from __future__ import annotations

import attrs

from driftcheck.core.errors import DriftcheckError


@attrs.define(eq=False)
class CannotExport(DriftcheckError):
    """A case cannot become a test that fails; `why` says what to do instead."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"case file {self.path}: cannot be exported: {self.why}"


class NotExportable(Exception):
    """The reason, while the path of the case is not known."""
