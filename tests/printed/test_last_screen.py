"""The last screen of `make fuzz`, compared with a page; `UPDATE_PRINTED=1` writes it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

from driftcheck.cli import summary
from driftcheck.findings.words import width
from driftcheck.search.explore import Budget, explore
from driftcheck.search.session import open_session
from driftcheck_contracts.lru import Lru
from driftcheck_contracts.time import Time

PAGE = Path(__file__).with_name("last-screen.txt")
LINES, COLUMNS = 24, 100
SEED = 0

# What differs from run to run: counts, times, the digits of a misread number, and what these push out.
MASKS = (
    (r"\b[0-9]\.[0-9]{3,}.*", "N..."),
    (r"\b[0-9][0-9,.]* (payloads|traces|steps|s\b)", r"N \1"),
    (r"\b[0-9][0-9,]* steps/s, seed [0-9]+", "N steps/s, seed N"),
    (r"\b[0-9.]+%", "N%"),
    (r"^ *[0-9][0-9,]* (?=[a-z0-9-]+ +(parse|show|add|compare))", "       N "),
)


def reported(contract: type, traces: int) -> summary.Reported:
    with open_session(contract) as session:
        explored = explore(session, Budget(max_traces=traces), seed=SEED)
        return summary.Reported(session.schema, explored, session.asymmetries, {}, (), ())


def masked(line: str) -> str:
    for pattern, instead in MASKS:
        line = re.sub(pattern, instead, line)
    return line


def test_it_fits_one_screen() -> None:
    """Two contracts, and what it came to, in 24 lines of 100, beside a line for each known difference."""
    reports = [reported(Time, 4_000), reported(Lru, 200)]
    lines = [line for report in reports for line in summary.lines(report)]
    lines.append(summary.closing(reports, False))
    page = "".join(f"{masked(line)}\n" for line in lines)
    if os.environ.get("UPDATE_PRINTED"):
        PAGE.write_text(page)

    known = sum(len(report.asymmetries.entries) for report in reports)
    assert len(lines) - known < LINES  # the shell's own line stands below
    assert max(map(width, lines)) <= COLUMNS
    assert page == PAGE.read_text()
