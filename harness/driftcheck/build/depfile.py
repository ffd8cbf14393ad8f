"""
The inputs and the content of a library, written beside it; they alone decide whether the library is stale.

Knows files and their contents. Knows nothing of Go or Rust.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs.validators import deep_iterable, deep_mapping, instance_of

from driftcheck.core.files import Unreadable, open_file, read_file
from driftcheck.core.output_file import replace_file

_FORMAT = 1
_LARGEST = 16 << 20  # bytes of a depfile; those that ship have some 20,000
_TEXT = instance_of(str)
_A_DICT = instance_of(dict)
_ABSENT = "absent"
_CHANGING = "changing"  # changed while the compiler ran, so it equals no digest


@attrs.frozen
class Inputs:
    """The inputs of a build: files, and folders in which every source counts, including new ones."""

    files: frozenset[Path]  # an absent file counts too
    folders: frozenset[Path] = frozenset()


@attrs.frozen
class Depfile:
    """The inputs of one build, by content, the settings it was made with, and the library that it made."""

    settings: Mapping[str, Any] = attrs.field(validator=_A_DICT)  # JSON data
    files: Mapping[str, str] = attrs.field(validator=deep_mapping(_TEXT, _TEXT))  # path to digest
    folders: Mapping[str, list[str]] = attrs.field(
        validator=deep_mapping(_TEXT, deep_iterable(_TEXT))
    )  # path to the names of the sources in it
    library: str  # digest
    size: int  # of the library, in bytes
    mtime_ns: int  # of the library

    @classmethod
    def from_build(
        cls, library: Path, inputs: Inputs, settings: Mapping[str, Any], started_ns: int
    ) -> Depfile:
        """Record a build that began at `started_ns`, in nanoseconds since the epoch, and made `library`.

        A file that changed later may differ from what the compiler read, so the library counts as stale.
        """
        folders = {str(folder): _sources(folder) for folder in sorted(inputs.folders)}
        paths = set(inputs.files)
        paths.update(Path(folder, name) for folder, names in folders.items() for name in names)
        files = {str(path): _digest(path, before_ns=started_ns) for path in sorted(paths)}
        status = library.stat()
        return cls(settings, files, folders, _digest(library), status.st_size, status.st_mtime_ns)

    @classmethod
    def read(cls, path: Path) -> Depfile | None:
        """Read a depfile; None if there is none that this version wrote."""
        try:
            data = json.loads(read_file(path, _LARGEST))
            if data.pop("format") == _FORMAT:
                return cls(**data)
        except (Unreadable, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        return None

    def write(self, path: Path) -> None:
        """Write the depfile by rename, so that it is complete or absent."""
        data = {"format": _FORMAT, **attrs.asdict(self)}
        replace_file(path, json.dumps(data, indent=1).encode())

    def stale(self, library: Path, settings: Mapping[str, Any]) -> str | None:
        """Return why a build with these settings would differ from the library, or None."""
        if self._is_damaged(library):
            return f"{library} was changed since the last build made it"
        for key in settings.keys() | self.settings.keys():
            if settings.get(key) != self.settings.get(key):
                return (
                    f"its {key} are {settings.get(key)!r}, but it was built with {self.settings.get(key)!r}"
                )
        for folder, names in self.folders.items():
            if changed := set(_sources(Path(folder))) ^ set(names):
                return f"{Path(folder, min(changed))} was added or removed since the last build"
        for path, digest in self.files.items():
            if _digest(Path(path)) != digest:
                return f"{path} changed since the last build"
        return None

    def _is_damaged(self, library: Path) -> bool:
        """Compare the content only where size or time have changed, since a library has many megabytes."""
        try:
            status = library.stat()
        except OSError:  # somebody has just removed it
            return True
        as_left = (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)
        return not as_left and _digest(library) != self.library


def _sources(folder: Path) -> list[str]:
    try:
        return sorted(
            entry.name
            for entry in folder.iterdir()
            if entry.is_file() and not entry.name.startswith(".") and not entry.name.endswith("_test.go")
        )
    except OSError:
        return []


def _digest(path: Path, *, before_ns: int | None = None) -> str:
    try:
        # A time in the future is not of a change while the compiler ran, but of another clock.
        if before_ns is not None and before_ns < path.stat().st_mtime_ns <= time.time_ns():
            return _CHANGING
        with open_file(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, Unreadable):
        return _ABSENT
