"""
Which releases of Hypothesis are known to work; asked before any of its private names is imported.
"""

from __future__ import annotations

import hypothesis

from driftcheck.core.errors import DriftcheckError

OLDEST, NEWEST = (6, 140), (6, 170)  # minor releases, both included


def check_release() -> None:
    """Check that the installed Hypothesis is one whose private names are known.

    Raises:
        DriftcheckError: names the release that was found and those that work.
    """
    found = hypothesis.__version_info__
    if not OLDEST <= found[:2] <= NEWEST:
        raise DriftcheckError(
            f"Hypothesis {hypothesis.__version__} is not supported; install hypothesis"
            f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
        )
