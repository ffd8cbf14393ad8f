"""Places in source for people to read: as short as possible, and if possible a path that an editor opens."""

from __future__ import annotations

from pathlib import Path

# What comes before the part of a path that people need: the caches of Cargo and Go, and Go's own source.
_MODULES, _CRATES, _STANDARD = "/pkg/mod/", "/registry/src/", "/go/src/"


def at(file: str, line: int) -> str:
    """Return a file and a line: from the working directory, or from the library's own folder."""
    path = Path(file)
    if path.is_relative_to(Path.cwd()):
        return f"{path.relative_to(Path.cwd())}:{line}"
    for before in (_MODULES, _STANDARD):
        if before in file:
            return f"{file.partition(before)[2]}:{line}"
    if _CRATES in file:
        return f"{file.partition(_CRATES)[2].partition('/')[2]}:{line}"  # without the registry's folder
    return f"{file}:{line}"
