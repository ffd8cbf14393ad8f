"""
Colours a printed finding for a terminal: what was accepted, rejected or died, and the first difference.

Escapes what is unsafe, and changes no other character of the text. Knows no terminal: the command line
decides when to use colours.
"""

from __future__ import annotations

import re

from driftcheck.core.colours import BOLD, GREEN, RED, RESET, YELLOW
from driftcheck.core.visible import visible
from driftcheck.findings.table import ARROW

_OUTCOMES = {"accepted": GREEN, "rejected": YELLOW} | dict.fromkeys(
    ("panicked", "crashed", "hung", "out of memory", "unmapped error", "broken adapter"), RED
)
# Cells are two columns apart, so an outcome follows two blanks. A value of the user's may contain the word.
_OUTCOME = re.compile(rf"(?<=  )({'|'.join(_OUTCOMES)})(?=: |, |  |$)")


def coloured(text: str) -> str:
    """Colour a printed finding: its title, each outcome, and the arrow at the first difference."""
    first, *rest = visible(text).split("\n")
    return "\n".join([f"{BOLD}{first}{RESET}", *map(_coloured_line, rest)])


def _coloured_line(line: str) -> str:
    line = _OUTCOME.sub(lambda found: f"{_OUTCOMES[found[1]]}{found[1]}{RESET}", line)
    if line.startswith(ARROW):
        return f"{BOLD}{RED}{ARROW}{RESET}{line.removeprefix(ARROW)}"
    return line
