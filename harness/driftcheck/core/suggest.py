"""Suggests the known name that a user probably meant by a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 200  # characters of a name; the time to compare names grows with the square of their length


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return "; did you mean 'lru'?" for the known name nearest to a mistyped one, or "" if none is."""
    near = _nearest(name, known)
    return "" if near is None else f"; did you mean {near!r}?"


def advice(name: object, known: Iterable[str], *, what: str = "known names") -> str:
    """Return "did you mean 'lru'?", or "known names: ..." if none of them is near.

    Args:
        name: what was typed; a file may contain anything there.
        what: what the known names are, such as "known fields".
    """
    known = list(known)
    near = _nearest(name, known)
    return f"{what}: {', '.join(known) or 'none'}" if near is None else f"did you mean {near!r}?"


def _nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name nearest to another one in any case of letters, or None if none is near."""
    if not isinstance(name, str) or len(name) > LONGEST:
        return None
    by_lower_case = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[near[0]] if near else None
