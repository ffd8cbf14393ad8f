"""
The function around a line of Rust, read from the source by its indentation.

The debug information of an inlined function names it in several ways, and addr2line does not always print
its name. Knows the style of rustfmt. Knows nothing of coverage.
"""

from __future__ import annotations

import re
from pathlib import Path

_FUNCTION = re.compile(r"\s*(?:[\w()\"]+ )*?fn\s+(?P<name>\w+)")
_END_OF_HEADER = (")", "{", "where", ">")  # how the last lines of a long header begin


class RustSource:
    """The functions of source files, each read once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def function(self, file: str, line: int) -> str:
        """Return the name of the function around a line; the name of the file if there is none."""
        lines = self._read(file)[:line]
        if not lines:
            return Path(file).stem
        if found := _FUNCTION.match(lines[-1]):
            return found["name"]
        limit = _limit(lines[-1])
        for text in reversed(lines[:-1]):
            stripped = text.strip()
            if not stripped or stripped.startswith("//") or _indent(text) >= limit:
                continue
            if found := _FUNCTION.match(text):
                return found["name"]
            limit = _limit(text)
            if limit == 0:
                break
        return Path(file).stem

    def _read(self, file: str) -> list[str]:
        if file not in self._lines:
            try:
                self._lines[file] = Path(file).read_text(errors="replace").splitlines()
            except OSError:
                self._lines[file] = []
        return self._lines[file]


def _limit(text: str) -> int:
    """Return the indent below which the header lies to which a line belongs."""
    return _indent(text) + text.strip().startswith(_END_OF_HEADER)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
