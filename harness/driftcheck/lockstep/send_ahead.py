"""
Sending ahead: hosts run the next batch of traces while driftcheck judges this one.

Owns the size of a batch. Knows nothing of hosts or of what a trace is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

BATCH = 32
GROWTH = (
    4  # a batch that grows is at most this part of the traces before it, so that they can be learned from
)

T = TypeVar("T")


def send_ahead(
    traces: Iterable[T],
    send: Callable[[Sequence[T]], None],
    *,
    batch: int = BATCH,
    first: int | None = None,
) -> Iterator[T]:
    """Yield traces, and send each batch of them while the caller still works on the batch before.

    Args:
        first: the size of the first batch, from which they grow; None where all have the same size.
    """
    source = iter(traces)
    sent: list[T] = []
    before = 0
    while True:
        size = batch if first is None else min(batch, max(first, before // GROWTH))
        upcoming = list(islice(source, size))
        before += len(upcoming)
        if upcoming:
            send(upcoming)
        yield from sent
        if not upcoming:
            return
        sent = upcoming
