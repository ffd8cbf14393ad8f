"""The suspect places of a case, as 'replay --suspects' prints them."""

from __future__ import annotations

from typing import Any

from driftcheck.cli.places import at
from driftcheck.search.suspects import Suspects


def render(found: Suspects) -> str:
    """Return the suspect places of each subject as text, without a newline at its end."""
    if not found.agreeing:
        return "suspects  none: no variation of the case agrees, so there is nothing to compare it with"
    lines = [
        f"suspects  blocks that the case reached, and how many of {found.agreeing} agreeing variations "
        "reached them"
    ]
    width = max(map(len, found.places), default=0)
    for subject, places in found.places.items():
        if not places:
            lines.append(
                f"  {subject:<{width}}  none: each agreeing variation reached all that the case reached"
            )
        for number, one in enumerate(places):
            name = "" if number else subject
            where = at(one.place.file, one.place.line)
            lines.append(
                f"  {name:<{width}}  {where} {one.place.function}  {one.agreeing} of {found.agreeing}"
            )
    return "\n".join(lines)


def to_json(found: Suspects) -> dict[str, Any]:
    """Return the same as JSON data."""
    return {
        "agreeing": found.agreeing,
        "diverging": found.diverging,
        "places": {
            subject: [
                {
                    "file": one.place.file,
                    "line": one.place.line,
                    "function": one.place.function,
                    "agreeing": one.agreeing,
                }
                for one in places
            ]
            for subject, places in found.places.items()
        },
    }
