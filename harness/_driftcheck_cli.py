"""
The entry point of the command: Ctrl-C ends it without a traceback, also while the package is being imported.

Lies outside the package, since importing that alone takes tenths of a second.
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
    os._exit(INTERRUPTED)  # there is nothing to close yet
