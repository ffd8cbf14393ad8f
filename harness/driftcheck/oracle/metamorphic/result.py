"""What a metamorphic check returns."""

from __future__ import annotations

import attrs

from driftcheck.oracle.signature import Divergence


@attrs.frozen
class CheckResult:
    """How often one check varied a trace, and the first divergence that this showed."""

    variations: int = 0
    divergence: Divergence | None = None
