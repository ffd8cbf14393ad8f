"""One item that the doctor checked."""

from __future__ import annotations

from typing import Literal

import attrs

State = Literal["ok", "stale", "unused", "missing", "broken"]


@attrs.frozen
class Item:
    """One thing that a run needs, or may need.

    A *stale* library is built by the next run. An *unused* tool is missing or broken, and no run here
    needs it. What is *missing* or *broken* keeps a run from beginning.
    """

    name: str
    state: State
    text: str  # what was found; where it is not ok, also what to do

    @property
    def blocks(self) -> bool:
        """Say whether no run can begin until somebody fixes this."""
        return self.state in ("missing", "broken")
