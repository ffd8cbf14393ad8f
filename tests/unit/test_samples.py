"""Traces that are examined: one in eight, more that show something new, and more after a divergence."""

from __future__ import annotations

from driftcheck.search.samples import AGAIN, MOST, MOST_TIME, SAMPLE, Samples


def test_one_trace_in_eight_is_examined() -> None:
    """Where nothing is new, and nothing was found."""
    samples = Samples()

    assert sum(samples.wants(n, is_new=False) for n in range(800)) == 800 // SAMPLE


def test_traces_that_show_something_new_are_examined() -> None:
    """But no more than one in four of all."""
    samples, rare = Samples(), Samples()

    assert sum(samples.wants(n, is_new=True) for n in range(800)) <= 800 // MOST + 1
    assert all(rare.wants(n, is_new=n % 50 == 3) for n in range(3, 800, 50))


def test_more_traces_are_examined_after_a_divergence() -> None:
    """Where an examination has found something, others may find more."""
    samples = Samples()
    samples.found(8)

    assert sum(samples.wants(n, is_new=False) for n in range(9, 9 + AGAIN)) >= 3 * AGAIN // SAMPLE
    assert sum(samples.wants(n, is_new=False) for n in range(100, 900)) == 800 // SAMPLE


def test_examinations_take_no_more_than_their_part_of_the_time() -> None:
    """Where time is limited, traces go on."""
    samples = Samples()

    assert not any(samples.wants(n, is_new=True, time_taken=MOST_TIME + 0.01) for n in range(80))
    assert samples.wants(80, is_new=False, time_taken=MOST_TIME)
