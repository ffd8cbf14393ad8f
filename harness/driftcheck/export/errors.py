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


class IsRight(NotExportable):
    """The subject is right, so no test of it can fail."""


RECORD = "'driftcheck replay --record' adds what is missing"  # where the case file lacks something
