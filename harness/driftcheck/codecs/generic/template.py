"""
What all documents of a binary format have in common, and the values between.

Many formats write the name of each field. So the documents contain the same runs of bytes in the same order,
and the value of a field is the gap between two runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import attrs

SHORTEST = 3  # bytes of a run; shorter ones are often shared by chance
SHORT = 2  # bytes of a value that may be the one for nothing
LONGEST = 512  # bytes of a document that is compared
MOST_COMPARED = 24  # documents
FEWEST = 8  # documents
MOST_RUNS = 64


@attrs.frozen
class Field:
    """A shared run in a document, and the gap behind it, which ends where the next run begins."""

    at: int
    gap: int
    end: int


@lru_cache(maxsize=64)
def shared_runs(documents: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return the runs of bytes that all documents contain, in their order."""
    compared = [one for one in documents if len(one) <= LONGEST][:MOST_COMPARED]
    if len(compared) < FEWEST:
        return ()
    return tuple(_shared(compared))[:MOST_RUNS]


def fields_of(data: bytes, documents: tuple[bytes, ...]) -> list[Field]:
    """Return the fields of a document, as far as it contains the runs that the others share."""
    places = []
    start = 0
    for run in shared_runs(documents):
        at = data.find(run, start)
        if at >= 0:
            start = at + len(run)
            places.append((at, start))
    ends = [*(at for at, _ in places), len(data)][1:]
    return [Field(at, gap, end) for (at, gap), end in zip(places, ends, strict=False)]


@lru_cache(maxsize=64)
def gaps_of(documents: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return the content of the gaps of the documents, the shortest first; what is frequent comes often."""
    found = [one[field.gap : field.end] for one in documents for field in fields_of(one, documents)]
    return tuple(sorted(found, key=lambda gap: (len(gap), gap)))


@lru_cache(maxsize=64)
def short_gaps_of(documents: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return those gaps that have one or two bytes."""
    return tuple(gap for gap in gaps_of(documents) if 0 < len(gap) <= SHORT)


def _shared(texts: Sequence[bytes]) -> Iterator[bytes]:
    run = _longest(texts)
    if not run:
        return
    places = [text.find(run) for text in texts]
    yield from _shared([text[:at] for text, at in zip(texts, places, strict=True)])
    yield run
    yield from _shared([text[at + len(run) :] for text, at in zip(texts, places, strict=True)])


def _longest(texts: Sequence[bytes]) -> bytes:
    """Return the longest run that all texts contain; empty if it is short."""
    base = min(texts, key=len)
    lo, hi, best = SHORTEST, len(base), b""
    while lo <= hi:
        size = (lo + hi) // 2
        runs = (base[at : at + size] for at in range(len(base) - size + 1))
        found = next((run for run in runs if all(run in text for text in texts)), b"")
        if found:
            lo, best = size + 1, found
        else:
            hi = size - 1
    return best
