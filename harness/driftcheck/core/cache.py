"""
The user's own folder for files that driftcheck can make again.

Other users can neither write nor replace anything in it, as they can in the folder for temporary files.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import attrs

from driftcheck.core.errors import DriftcheckError

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@attrs.define(eq=False)
class CacheError(DriftcheckError):
    """The folder cannot be used."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; correct it, or let XDG_CACHE_HOME name another folder"


def cache_folder() -> Path:
    """Return the folder, and make it if it is missing.

    Raises:
        CacheError: it cannot be made, or other users can write into it.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        # Absolute also where HOME is not, since compilers run in folders of their own.
        path = (named if named.is_absolute() else Path.home().absolute() / ".cache") / "driftcheck"
    except RuntimeError as error:  # the user has no home
        raise CacheError("XDG_CACHE_HOME", f"is not set, and {error}") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.stat()
    except OSError as error:
        raise CacheError(str(path), f"cannot be made: {error.strerror}") from None
    if status.st_uid != os.geteuid():
        raise CacheError(str(path), "belongs to another user")
    if status.st_mode & WRITABLE_BY_OTHERS:
        raise CacheError(str(path), "can be written by other users")
    return path
