"""One thing that was looked at."""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen
class Item:
    """One thing that a run needs, or may need."""

    name: str
    state: Literal["ok", "missing", "broken"]
    text: str  # what was found; where it is not ok, what to do, too
    is_needed: bool = True  # False: a run does without it, or sees to it by itself

    @property
    def is_well(self) -> bool:
        """Say whether a run can do with what was found."""
        return self.state == "ok" or not self.is_needed
