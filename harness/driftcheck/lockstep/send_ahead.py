"""
Sending ahead: hosts run the next batch of traces while driftcheck judges this one.

Owns the size of a batch. Knows nothing of hosts or of what a trace is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

BATCH = 32

T = TypeVar("T")


def send_ahead(
    traces: Iterable[T], send: Callable[[Sequence[T]], None], *, batch: int = BATCH
) -> Iterator[T]:
    """Yield traces, and send each batch of them while the caller still works on the batch before."""
    source = iter(traces)
    sent: list[T] = []
    while True:
        upcoming = list(islice(source, batch))
        if upcoming:
            send(upcoming)
        yield from sent
        if not upcoming:
            return
        sent = upcoming
