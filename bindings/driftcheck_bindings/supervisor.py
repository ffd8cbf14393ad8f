"""
The supervisor: starts a host or a tool as its child, and ends what the child leaves behind.

Linux makes it the parent of each descendant whose own parent has ended, so that a process which starts a
session of its own does not escape. Knows nothing of frames. Imports very little, since each host starts
with it.
"""

from __future__ import annotations

import os
import select
import time

from driftcheck_bindings._libc_abi import ffi

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SIGKILL = 9  # here, because the import of the module signal takes 5 ms
_TICK_MS = 1000  # how long ended processes of a living host may wait before their status is taken
_ENDING_S = 2.0  # in which everything that is killed must end


def fork() -> int:
    """Start a child that ends with this process; return its process id, and 0 in the child."""
    libc = ffi.dlopen(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    supervisor = os.getpid()
    child = os.fork()
    if child == 0:
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != supervisor:  # the supervisor ended before the call
            os._exit(0)
    return child


def watch(child: int, parent: int, order: int | None = None, *, ends_leftovers: bool) -> int:
    """Wait until the child ends, and return its wait status.

    Kill it as soon as the parent of this process ends, and with it everything that it has started.

    Args:
        child: its process id.
        parent: that of the process that wants the child.
        order: a descriptor; the parent writes to it or closes it to have the child killed.
        ends_leftovers: also end what the child leaves when it ends by itself.
    """
    ended = os.pidfd_open(child)
    events = select.poll()
    events.register(ended, select.POLLIN)
    orders = [] if order is None else [order]
    try:
        orders.append(os.pidfd_open(parent))
    except ProcessLookupError:
        os.kill(child, _SIGKILL)
    if os.getppid() != parent:  # it ended before
        os.kill(child, _SIGKILL)
    for descriptor in orders:
        events.register(descriptor, select.POLLIN)
    status = None
    while status is None:
        try:
            if any(found != ended for found, _ in events.poll(_TICK_MS)):
                os.kill(child, _SIGKILL)  # its number is its own until the status is taken
                ends_leftovers = True
                for descriptor in orders:
                    events.unregister(descriptor)
                orders.clear()
        except KeyboardInterrupt:  # it is for the parent and for the child
            continue
        status = _take(child)
    if ends_leftovers:
        end_children()
    return status


def end_children() -> None:
    """Kill all children, and theirs, until none is left or the time for it is over."""
    until = time.monotonic() + _ENDING_S
    while time.monotonic() < until:
        try:
            with open("/proc/thread-self/children") as listed:
                children = listed.read().split()
        except OSError:  # a kernel without this file
            return
        for child in children:
            try:
                os.kill(int(child), _SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _take(child: int) -> int | None:
    """Take the status of each process that has ended; return that of the child, or None."""
    try:
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child:
                return status
            if ended == 0:
                return None
    except ChildProcessError:
        return None
