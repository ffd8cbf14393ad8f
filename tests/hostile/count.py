"""
Counts the hostile inputs by kind: `python tests/hostile/count.py`.

With a report of pytest in JUnit's form, it prints what was measured: `count.py nightly/tests.xml`.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from frame import all_hostile


def table() -> str:
    """Return the count as text."""
    counted = Counter(one.kind for one in all_hostile())
    lines = [f"{kind:<24} {count:>5}" for kind, count in sorted(counted.items())]
    return "\n".join([*lines, f"{'all':<24} {sum(counted.values()):>5}"])


def figures(reports: Sequence[Path]) -> str:
    """Return the number of answers of each kind, and the largest memory and time, as text."""
    found: dict[str, list[tuple[int, float, str, bool]]] = defaultdict(list)
    for report in reports:
        for test in ElementTree.parse(report).iter("testcase"):
            held = {one.get("name"): one.get("value", "") for one in test.iter("property")}
            if "seconds" in held:
                failed = any(test.find(tag) is not None for tag in ("failure", "error"))
                grown, seconds = int(held.get("grown_bytes", 0)), float(held["seconds"])
                found[held["kind"]].append((grown, seconds, test.get("name", ""), failed))
    lines = [
        f"{'kind':<24} {'answers':>7} {'failed':>6} {'MiB':>5} {'seconds':>7}  the most memory; the most time"
    ]
    for kind, rows in sorted(found.items()):
        most, longest = max(rows), max(rows, key=lambda row: row[1])
        failed = sum(row[3] for row in rows)
        lines.append(
            f"{kind:<24} {len(rows):>7} {failed:>6} {most[0] >> 20:>5} {longest[1]:>7.1f}  "
            f"{most[2].partition('[')[2][:-1]}; {longest[2].partition('[')[2][:-1]}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{figures([*map(Path, sys.argv[1:])]) if sys.argv[1:] else table()}\n")
