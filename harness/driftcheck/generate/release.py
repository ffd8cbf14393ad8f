"""
The releases of Hypothesis that driftcheck works with, checked before a private name is imported.

Reads what is installed, and does not import it: that takes a quarter of the time in which driftcheck starts,
and most commands need no Hypothesis.
"""

from __future__ import annotations

from importlib import metadata

from driftcheck.core.errors import DriftcheckError

OLDEST, NEWEST = (6, 140), (6, 170)  # minor releases, both included


def check_release() -> None:
    """Check that the private names of the installed Hypothesis are known.

    Raises:
        DriftcheckError: names the installed release and those that work.
    """
    found = metadata.version("hypothesis")
    major, minor, *_ = found.split(".")
    if not OLDEST <= (int(major), int(minor)) <= NEWEST:
        raise DriftcheckError(
            f"Hypothesis {found} is not supported; install hypothesis"
            f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
        )
