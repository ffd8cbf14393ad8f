"""The colours of a terminal that driftcheck uses, and text in one of them."""

from __future__ import annotations

from driftcheck.core.visible import visible

BOLD, RED, GREEN, YELLOW, RESET = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
CODES = (BOLD, RED, GREEN, YELLOW, RESET)


def painted(text: str, colour: str) -> str:
    """Return text in a colour; what is unsafe in it is escaped, so that the text has no other colour."""
    return f"{colour}{visible(text)}{RESET}"
