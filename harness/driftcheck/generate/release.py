"""
The releases of Hypothesis that driftcheck works with, checked before a private name is imported.
"""

from __future__ import annotations

import hypothesis

from driftcheck.core.errors import DriftcheckError

OLDEST, NEWEST = (6, 140), (6, 170)  # minor releases, both included


def check_release() -> None:
    """Check that the private names of the installed Hypothesis are known.

    Raises:
        DriftcheckError: names the installed release and those that work.
    """
    found = hypothesis.__version_info__
    if not OLDEST <= found[:2] <= NEWEST:
        raise DriftcheckError(
            f"Hypothesis {hypothesis.__version__} is not supported; install hypothesis"
            f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
        )
