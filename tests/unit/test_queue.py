"""Which divergence is examined next, and how a run shares its work."""

from __future__ import annotations

from typing import Any, cast

from driftcheck.core.trace import Document, Step, Trace
from driftcheck.lockstep.answer import Execution
from driftcheck.oracle import checks
from driftcheck.oracle.oracle import Glance
from driftcheck.oracle.signature import Divergence
from driftcheck.search.queue import FIRST_ONES, DivergenceQueue, Sighting
from driftcheck.search.shares import Shares


def sighting(operation: str, *mutations: str, relation: str = "") -> Sighting:
    divergence = Divergence(checks.VALUE, 0, operation, (("go", "accepted"),), relation=relation)
    trace = Trace((Step(operation, (Document(b"x", mutations=mutations),)),))
    return Sighting(Glance(Execution(trace, {}), divergence), divergence, cast(Any, None), 0)


def test_a_bucket_needs_three_and_keeps_the_latest() -> None:
    """After three were examined, the latest of the others stays at hand."""
    queue = DivergenceQueue()
    several = [sighting("read", "nul") for _ in range(6)]

    needed = []
    for one in several:
        needed.append(queue.offer(one))
        queue.next(first_ones=True)

    assert needed == [True] * FIRST_ONES + [False] * 3
    assert queue.next(first_ones=True) is None
    assert queue.next(first_ones=False) is several[-1]


def test_a_new_kind_comes_before_old_ones() -> None:
    """A crowd of one mutation does not delay another mutation, relation or operation."""
    queue = DivergenceQueue()
    for _ in range(2):
        queue.offer(sighting("read", "nul"))
    assert queue.next(first_ones=True) is not None
    others = [sighting("read", "bom"), sighting("read", "nul", relation="sign"), sighting("write", "nul")]
    for one in others:
        queue.offer(one)

    assert {id(queue.next(first_ones=True)) for _ in others} == set(map(id, others))


def test_a_document_with_a_rare_mutation_counts_for_it() -> None:
    """Of several mutations, the one that was seen least decides whether the document is needed."""
    queue = DivergenceQueue()
    for _ in range(FIRST_ONES):
        assert queue.offer(sighting("read", "nul"))

    assert not queue.offer(sighting("read", "nul"))
    assert queue.offer(sighting("read", "nul", "bom"))


def test_a_run_in_traces_shares_its_work_by_judged_cases() -> None:
    """New divergences take at most as much as the search, and known ones a tenth of it."""
    shares = Shares(in_seconds=False)
    assert shares.allow_new()
    with shares.examination(again=False):
        shares.add_cases(100)
    assert not shares.allow_new()
    shares.add_cases(100)
    shares.end_search()
    assert shares.allow_new()

    with shares.examination(again=True):
        shares.add_cases(11)

    assert not shares.allow_again()
    shares.add_cases(10)
    shares.end_search()
    assert shares.allow_again()
