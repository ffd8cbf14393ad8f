"""
How a program is started under a supervisor, which ends when driftcheck ends and kills all that is left.

Owns the command line of what driftcheck starts. Knows nothing of what a host or a tool does.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from importlib import metadata

# Without `site` a host starts 2 ms sooner; the sys.path of the parent has what `site` would add.
WITHOUT_SITE = ("-I", "-S")
WITH_SITE = ("-I",)

# The order of the parent comes first, so that a host imports the same model as the parent.
_PROGRAM = """\
import sys
path = sys.argv[2].split("\\n")
sys.path[:] = path + [p for p in sys.path if p not in path]
module, _, name = sys.argv[1].partition(":")
getattr(__import__(module, fromlist=[name]), name)(sys.argv[3:])
"""


class NotInstalled(LookupError):
    """No installed package declares this entry point."""


@functools.cache
def entry_point(group: str, name: str) -> str:
    """Return the target of an entry point, as `module:callable`.

    Raises:
        NotInstalled: no package declares it.
    """
    # Read here and passed to the host: importing importlib.metadata would take 40 ms in each host.
    for found in metadata.entry_points(group=group, name=name):
        return found.value
    raise NotInstalled(f"no entry point is named {name!r} in the group {group!r}")


def command(role: str, arguments: Sequence[str], flags: Sequence[str] = WITHOUT_SITE) -> list[str]:
    """Return the command that starts a "host" or a "tool" under a supervisor.

    Raises:
        NotInstalled: the package of the supervisor is not installed.
    """
    path = "\n".join(os.path.abspath(folder) for folder in sys.path)
    main = entry_point("driftcheck.host", "main")
    return [sys.executable, *flags, "-c", _PROGRAM, main, path, role, *arguments]
