"""Prints how many hostile inputs there are, by kind: `python tests/hostile/count.py`."""

from __future__ import annotations

import sys
from collections import Counter

from frame import all_hostile


def table() -> str:
    """Return the count as text."""
    counted = Counter(one.kind for one in all_hostile())
    lines = [f"{kind:<24} {count:>5}" for kind, count in sorted(counted.items())]
    return "\n".join([*lines, f"{'all':<24} {sum(counted.values()):>5}"])


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
