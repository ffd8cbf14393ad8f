"""Processes that a test has started, found by what Linux says of them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

DYING_S = 5.0  # that a process may take to end once it was told to


def children(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started, and those that these have started."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _text(listed).split()):
            yield child
            yield from children(child)


def command_of(pid: int) -> str:
    """Return the command line of a process; "" of one that has ended."""
    return _text(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")


def kill(pid: int, word: str) -> bool:
    """Kill a process, if its command line has a word in it; return whether it was killed."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        # Its number is its own as long as the descriptor is open: it is the same process that is asked.
        if word not in command_of(pid):
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)


def left_behind(folder: Path) -> list[str]:
    """Return the commands of the processes that still work in a folder or below, after the time to end."""
    until = time.monotonic() + DYING_S
    while True:
        found = [command_of(int(p.parent.name)) for p in Path("/proc").glob("[0-9]*/cwd") if _is(p, folder)]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def _is(link: Path, folder: Path) -> bool:
    try:
        return link.readlink().is_relative_to(folder.resolve())
    except OSError:
        return False


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""
