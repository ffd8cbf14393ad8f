"""
Files that the user names for output, such as a JUnit file: opened before the work, written after it.

A regular file is written completely or not at all. A device, a pipe or a socket stays what it is, and gets
the text.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
from contextlib import suppress
from pathlib import Path

import attrs

from driftcheck.core.errors import DriftcheckError

_DESCRIPTORS = re.compile(r"/proc/(?:self|thread-self|(\d+))(?:/task/\d+)?/fd")
_MOST_LINKS = 40  # as in the kernel


@attrs.define(eq=False)
class OutputError(DriftcheckError):
    """A file that the user named for output cannot be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: it cannot be written: {self.reason}; name another file"


@attrs.frozen
class OutputFile:
    """A place that takes text; `open_output` makes it."""

    path: Path
    _target: Path | None = None  # of a regular file, with all links followed
    _descriptor: int | None = None  # of anything else, open for writing

    @property
    def can_be_replaced(self) -> bool:
        """Say whether a later text takes the place of an earlier one; otherwise it follows it."""
        return self._target is not None

    def write(self, text: str) -> None:
        """Write the text.

        Raises:
            OutputError: the place is full, or its reader has gone.
        """
        data = text.encode("utf-8", "backslashreplace")
        try:
            if self._target is not None:
                replace_file(self._target, data)
            else:
                assert self._descriptor is not None
                _write_all(self._descriptor, data)
        except OSError as error:
            raise OutputError(str(self.path), _reason(error)) from None


def open_output(path: Path) -> OutputFile:
    """Make sure that a place can be written, before anything else is done.

    Creates the folders that are missing, and changes no file.

    Raises:
        OutputError: it is a folder or a disk, it must not be written, or nobody reads from it.
    """
    try:
        return _opened(path)
    except OSError as error:
        raise OutputError(str(path), _reason(error)) from None
    except ValueError as error:  # a NUL in the name
        raise OutputError(str(path), str(error)) from None


def _opened(path: Path) -> OutputFile:
    own = _own_descriptor(path)
    if own is not None:
        os.fstat(own)
        return OutputFile(path, descriptor=own)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return OutputFile(path, target=_checked(Path(os.path.realpath(path))))
    if stat.S_ISREG(mode):
        return OutputFile(path, target=_checked(Path(os.path.realpath(path))))
    if stat.S_ISDIR(mode):
        raise OutputError(str(path), "it is a folder")
    if stat.S_ISBLK(mode):
        raise OutputError(str(path), "it is a disk")
    if stat.S_ISSOCK(mode):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
        except OSError:
            connection.close()
            raise
        return OutputFile(path, descriptor=connection.detach())
    # Without O_NONBLOCK a pipe without a reader would be waited for.
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    os.set_blocking(descriptor, True)
    return OutputFile(path, descriptor=descriptor)


def _own_descriptor(path: Path) -> int | None:
    """Return the descriptor of this process that a path such as /dev/stdout names, or None.

    Opening such a path again would write over what the descriptor has written.
    """
    place = os.path.abspath(path)
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(place)
        found = _DESCRIPTORS.fullmatch(os.path.realpath(folder))
        if found is not None and name.isdigit():
            return int(name) if found[1] in (None, str(os.getpid())) else None
        try:
            place = os.path.normpath(os.path.join(folder, os.readlink(place)))
        except OSError:
            return None  # no link
    return None


def _checked(target: Path) -> Path:
    """Return the path of a regular file, once it can be replaced."""
    if target.is_dir():
        raise OutputError(str(target), "it is a folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not os.access(target, os.W_OK):
        raise OutputError(str(target), "it is protected against writing")
    beside = _beside(target)
    os.close(_created(beside))
    beside.unlink()
    return target


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.tmp")


def _created(beside: Path) -> int:
    """Create a file, in place of one that a killed run left or that somebody else put there as a link."""
    with suppress(FileNotFoundError):
        beside.unlink()
    return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)


def replace_file(target: Path, data: bytes) -> None:
    """Write a file completely or not at all; it keeps its permissions. Raises OSError."""
    beside = _beside(target)
    descriptor = _created(beside)
    try:
        try:
            with suppress(FileNotFoundError):
                os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(target)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(target), None  # `os.write` names no file
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _reason(error: OSError) -> str:
    if error.errno == errno.ENXIO:
        return "nobody reads from it"
    return error.strerror or str(error)
