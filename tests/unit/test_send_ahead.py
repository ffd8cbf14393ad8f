"""Batches are sent ahead, while the caller works on the batch before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from driftcheck.lockstep.send_ahead import send_ahead


def test_each_batch_is_sent_before_it_is_needed() -> None:
    """Each item is sent once, in order, and a whole batch before the caller works on it."""
    sent: list[int] = []
    batches: list[int] = []

    def send(numbers: Sequence[int]) -> None:
        sent.extend(numbers)
        batches.append(len(numbers))

    for number in send_ahead(range(45), send, batch=10):
        assert sent[number] == number
        assert len(sent) >= min(number + 10, 45)

    assert sent == list(range(45))
    assert batches == [10, 10, 10, 10, 5]


def test_no_more_than_two_batches_are_sent() -> None:
    """A caller that stops has sent no more than two batches."""
    sent: list[int] = []

    next(send_ahead(count(), sent.extend, batch=10))

    assert sent == list(range(20))
