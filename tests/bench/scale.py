"""
The size of a bench: full, or a smoke run that only proves that the bench still works.

`DRIFTCHECK_BENCH=smoke` asks for the smoke run. It takes seconds, so `make check` can run it each time.
What a bench promises of speed or size is not held there: figures of so few traces are noise.
"""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

SMOKE = os.environ.get("DRIFTCHECK_BENCH") == "smoke"


def sized(full: T, smoke: T) -> T:
    """Return the constant of this run."""
    return smoke if SMOKE else full
