"""
Files that the user names: reads them whole and within a limit, and never waits for one.

A stranger may have made the file. Knows nothing of its content.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

import attrs

LARGEST = 256 << 10  # bytes of a file of settings; those that ship have some 30,000


@attrs.define(eq=False)
class Unreadable(Exception):
    """A file cannot be read; the reason continues its name."""

    reason: str
    line: int | None = None

    def __str__(self) -> str:
        return self.reason


class Absent(Unreadable):
    """There is no such file."""


def read_file(path: Path, largest: int = LARGEST) -> bytes:
    """Return the content of a regular file.

    Args:
        largest: bytes that it may have.

    Raises:
        Absent: there is no such file.
        Unreadable: it is not a regular file, is larger, or cannot be read.
    """
    with open_file(path) as file:
        return read_stream(file, largest)


def open_file(path: Path) -> io.BufferedReader:
    """Open a regular file for reading; raises Absent or Unreadable."""
    try:
        # Non-blocking, so that a pipe in place of a file does not hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise Absent(_cannot(error)) from None
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        raise Unreadable(_cannot(error)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("is not a regular file; give the path of a file")
    return open(descriptor, "rb")


def read_stream(stream: BinaryIO, largest: int = LARGEST) -> bytes:
    """Return the content of a stream, such as standard input; arguments and errors as in `read_file`."""
    try:
        data: bytes | None = stream.read(largest + 1)
    except OSError as error:
        raise Unreadable(_cannot(error)) from None
    if data is None:  # a file of the kernel, such as /proc/kmsg, whose content would have to be waited for
        raise Unreadable("cannot be read without waiting for it; give the path of a file on a disk")
    if len(data) > largest:
        raise Unreadable(f"is larger than {_size(largest)}, the limit; check that it is the right file")
    return data


def names_in(folder: Path) -> list[str]:
    """Return the sorted names in a folder, none if there is no such folder; `glob` hides other errors.

    Raises:
        OSError: the folder cannot be read, such as one of another user, a file, or a link to nothing.
    """
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        if folder.is_symlink():
            raise
        return []


def files_below(folder: Path, ending: str = "") -> list[Path]:
    """Return the regular files in a folder and below it, sorted; links to folders are not followed.

    Args:
        ending: of the names.

    Raises:
        OSError: a folder cannot be read, which `rglob` hides.
    """

    def refuse(error: OSError) -> None:
        raise error

    found = [
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if name.endswith(ending)
    ]
    return sorted(path for path in found if path.is_file())


def read_text(path: Path, largest: int = LARGEST) -> str:
    """Return the text of a file in UTF-8, without a byte order mark; otherwise as `read_file`."""
    return as_text(read_file(path, largest))


def as_text(data: bytes) -> str:
    """Decode bytes as UTF-8 text, without a byte order mark; raises Unreadable."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 text (at byte {error.start}); save it as UTF-8") from None


def _cannot(error: OSError | ValueError) -> str:
    what = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read: {what}; check its path and permissions"


def _size(count: int) -> str:
    for unit, shift in (("MiB", 20), ("KiB", 10)):
        if count >> shift:
            return f"{count >> shift} {unit}"
    return f"{count} bytes"
