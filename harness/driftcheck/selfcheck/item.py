"""One thing that a subject was tried for."""

from __future__ import annotations

from typing import Literal

import attrs

State = Literal["ok", "unsound", "untried"]


@attrs.frozen
class Item:
    """What one trial came to."""

    subject: str  # "" where the contract itself was tried
    name: str
    state: State
    text: str  # what was done; where it is not ok, what was found, and what to do
