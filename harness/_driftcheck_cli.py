"""
The entry point of the command: Ctrl-C ends it without a traceback, also while the package is being imported.

Is outside the package, since importing that alone takes tenths of a second.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    _open_what_is_closed()
    before = signal.signal(signal.SIGINT, _leave)
    from driftcheck.cli import main as run

    signal.signal(signal.SIGINT, before)
    run()


def _open_what_is_closed() -> None:
    """Give descriptors 0 to 2 to nothing where they are closed, so that no other file gets their numbers."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)  # there is nothing to close yet
