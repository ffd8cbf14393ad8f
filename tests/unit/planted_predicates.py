"""The first drawn case that a judge finds interesting, shrunk."""

from __future__ import annotations

from itertools import islice
from typing import Any

from driftcheck.generate.cutting import Case
from driftcheck.generate.draw import draw
from driftcheck.generate.shrink import Judge, Shrunk, shrink
from driftcheck.generate.strategy import CaseStrategy


def first_shrunk(
    strategy: CaseStrategy[Case], judge: Judge[Case], *, seed: int, max_cases: int, **more: Any
) -> Shrunk[Case]:
    """Draw cases until the judge returns a signature, and shrink that case."""
    for case in islice(draw(strategy, seed), max_cases):
        signature = judge(case)
        if signature is not None:
            return shrink(strategy, case, judge, signature, seed=seed, **more)
    raise AssertionError(f"the judge finds none of {max_cases} cases interesting")
