"""
Set cover: chooses few entries that show everything that all of them show.

Knows sizes and what entries show. Knows nothing of files.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Set

import attrs

OVERHEAD = 64  # bytes added to the size of each entry, so that few long ones beat many short ones


@attrs.frozen
class Item:
    """An entry to choose from."""

    size: int  # bytes
    shows: Set[str]


def cover(items: Mapping[str, Item], *, most: int, most_bytes: int) -> list[str]:
    """Choose entries greedily: next is the one that shows most that is new for its size.

    Entries that show nothing more than those before them are not chosen. This is the greedy algorithm for
    weighted set cover (Chvátal, *A greedy heuristic for the set-covering problem*, 1979).

    Args:
        items: the entries, by name.
        most: how many may be chosen.
        most_bytes: how large they may be in all.
    """
    covered: set[str] = set()
    chosen: list[str] = []
    left = most_bytes
    waiting = [(-_gain(one, covered), one.size, name) for name, one in items.items()]
    heapq.heapify(waiting)
    while waiting and len(chosen) < most:
        _, size, name = heapq.heappop(waiting)
        gain = _gain(items[name], covered)
        if not gain or size > left:
            continue
        if waiting and (-gain, size, name) > waiting[0]:  # it was better before others were chosen
            heapq.heappush(waiting, (-gain, size, name))
            continue
        chosen.append(name)
        covered |= items[name].shows
        left -= size
    return chosen


def _gain(item: Item, covered: Set[str]) -> float:
    return len(item.shows - covered) / (item.size + OVERHEAD)
