"""
The first steps of the command: Ctrl-C ends it in silence also while all the rest is still being imported.

Lies outside the package, whose import alone takes tenths of a second.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    before = signal.signal(signal.SIGINT, _leave)
    from driftcheck.cli import main as run

    signal.signal(signal.SIGINT, before)
    run()


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)  # nothing has begun that would have to be ended
