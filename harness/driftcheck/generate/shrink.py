"""
Shrinking: a case made smaller as long as it shows the same signature.

`passes` says what is tried. First steps, arguments and choices become simpler, then documents as bytes.
Knows nothing of subjects: a judge says which signature a case shows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic

import attrs

from driftcheck.generate import passes
from driftcheck.generate._conjecture import Choices, Flaky
from driftcheck.generate.attempts import Attempts, Ended, Judge
from driftcheck.generate.cutting import Case
from driftcheck.generate.passes import Pass
from driftcheck.generate.strategy import CaseStrategy

MAX_SHRINK_CALLS = 5_000
TRIES_TO_RECUR = 3  # a busy machine may once turn a slow death into a hang
ROUNDS = 4  # of the passes; two are usual


@attrs.frozen
class Shrunk(Generic[Case]):
    """The smallest case that was found for a signature."""

    signature: Hashable
    case: Case
    original: Case  # the case before it was shrunk
    calls: int  # of the judge
    recurs: bool = True  # False: the judge saw another signature in the original case, which stays as it is
    is_minimal: bool = True  # False: the shrinking ended early
    others: Mapping[Hashable, Case] = attrs.field(factory=dict)  # other signatures, each with its first case


def shrink(
    strategy: CaseStrategy[Case],
    case: Case,
    judge: Judge[Case],
    signature: Hashable,
    *,
    seed: int = 0,
    max_calls: int = MAX_SHRINK_CALLS,
    stop: Callable[[], bool] = lambda: False,
) -> Shrunk[Case]:
    """Make a case as small as possible while the judge returns the same signature.

    Args:
        strategy: draws such cases, with at least as many steps as this one has.
        judge: returns the signature that a case shows, or None.
        max_calls: of the judge.
        stop: asked before each call but the first; True ends the shrinking with the smallest case so far.
    """
    recurs, is_minimal = False, True
    others: dict[Hashable, Case] = {}
    try:
        for _ in range(TRIES_TO_RECUR):
            attempts = Attempts(strategy, judge, signature, seed, max_calls, stop, others)
            if recurs := attempts.attempt(case):
                _shrink(attempts)
                break
    except (Ended, Flaky):
        is_minimal = False
    return Shrunk(
        signature=signature,
        case=attempts.case() if recurs else case,
        original=case,
        calls=attempts.calls,
        recurs=recurs,
        is_minimal=is_minimal and recurs,
        others=others,
    )


def _shrink(attempts: Attempts[Any]) -> None:
    """Run all passes."""
    done: dict[Pass, Choices] = {}
    _until_none_helps(attempts, passes.OF_CASES, done)
    attempts.takes_others = False  # documents of any bytes may show divergences that no drawn value shows
    _until_none_helps(attempts, passes.OF_DOCUMENTS, done)


def _until_none_helps(attempts: Attempts[Any], some: Sequence[Pass], done: dict[Pass, Choices]) -> None:
    """Run passes in rounds; skip a pass on choices that it could not improve before.

    Args:
        done: the choices that each pass left as they were.
    """
    for _ in range(ROUNDS):
        before = attempts.choices
        for one in some:
            if done.get(one) != attempts.choices and not one.improves(attempts):
                done[one] = attempts.choices
        if attempts.choices == before:
            return
