"""
The blocks that a trace ran, as behaviours in a corpus. Each names a block and roughly how often it ran.

Knows coverage tables and buckets. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath

from driftcheck.lockstep.covered import Covered
from driftcheck.subjects.coverage import CoverageTable

PREFIX = "ran: "  # no operation has a colon in its name
# The buckets of a counter, from the lowest bit on: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more.
OFTEN = ("once", "a few times", "a few times", "a few times", "often", "often", "often", "often")
PARTS = 3  # of the path of a file, since each crate has a src/lib.rs


class Blocks:
    """Says in words what a trace ran, and reads these words again.

    Args:
        covered: the coverage of the subjects, by name.
    """

    def __init__(self, covered: Mapping[str, Covered]) -> None:
        self._covered = covered
        self._words = {name: _words(name, one.table) for name, one in covered.items()}

    def things(self, ran: Mapping[str, bytes]) -> frozenset[str]:
        """Return what a trace ran as things.

        Args:
            ran: for each subject the bucket of each counter, as `Lockstep.counters` returns it.
        """
        return frozenset(
            words[bits.bit_length() - 1]
            for name, buckets in ran.items()
            for counter, words in self._words[name].items()
            if (bits := buckets[counter])
        )

    def map(self, subject: str, things: Collection[str]) -> bytes:
        """Return the map of a subject, with the buckets that these things name."""
        buckets = bytearray(self._covered[subject].table.counters)
        for counter, words in self._words[subject].items():
            buckets[counter] = sum(1 << bit for bit, word in enumerate(words) if word in things)
        return bytes(buckets)

    def reached(self) -> dict[str, tuple[int, int]]:
        """Return for each subject how many blocks were ever reached, and how many there are."""
        return {
            name: (len(one.reached()), len({*one.table.places.values()}))
            for name, one in self._covered.items()
        }


def of_blocks(things: Iterable[str]) -> frozenset[str]:
    """Return those of these things that say what ran."""
    return frozenset(thing for thing in things if thing.startswith(PREFIX))


def _words(subject: str, table: CoverageTable) -> Mapping[int, tuple[str, ...]]:
    """Return the thing of each bucket of each counter that has a place."""
    words = {}
    for counter, place in table.places.items():
        file = "/".join(PurePath(place.file).parts[-PARTS:])
        words[counter] = tuple(f"{PREFIX}{subject} {file}:{place.line} {often}" for often in OFTEN)
    return words
