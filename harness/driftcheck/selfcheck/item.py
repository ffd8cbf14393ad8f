"""The result of one trial of the selfcheck, as a value."""

from __future__ import annotations

from typing import Literal

import attrs

State = Literal["ok", "warning", "unsound", "untried"]


@attrs.frozen
class Item:
    """The result of one trial."""

    subject: str  # "" where the contract was tried
    name: str
    state: State
    text: str  # what was tried; where it is not ok, what happened and what to do
