"""
TOML of a stranger: reads it in bounded time, and refuses what would break its readers later.

Knows text and plain data. Knows nothing of what the tables mean.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from driftcheck.core.files import Unreadable, read_text

DEEPEST = 20  # tables and lists in each other, and parts of a key; no table of driftcheck has more than four
MOST_BITS = 1 << 10  # of a number

# The time that tomllib takes for a dotted key grows with the square of its parts.
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:\.[ \t]*+{_PART}){{{DEEPEST}}}")
_TOO_DEEP = f"has tables or lists nested more than {DEEPEST} deep; simplify it"
_TOO_LONG = f"contains a whole number of more than {MOST_BITS} bits; shorten it"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a file.

    Raises:
        Absent: there is no such file.
        Unreadable: it cannot be read, or as `parse_toml`.
    """
    return parse_toml(read_text(path))


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        Unreadable: it is not TOML, or contains something that no file of settings needs; with the line if
            known.
    """
    key = _LONG_KEY.search(text)
    if key is not None:
        line = text.count("\n", 0, key.start()) + 1
        raise Unreadable(f"contains a key of more than {DEEPEST} parts; shorten it", line)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _mistake(text, str(error)) from None
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    except ValueError:  # Python's own, for a decimal number with thousands of digits
        raise Unreadable(_TOO_LONG) from None
    _check_size(tables)
    return tables


def _mistake(text: str, error: str) -> Unreadable:
    at = re.search(r"at line (\d+)", error)
    line = int(at.group(1)) if at else text.count("\n") + 1
    said = re.sub(r" \(at .*\)", "", error)
    return Unreadable(f"is not TOML: {said}; fix the line", line)


def _check_size(tables: dict[str, Any]) -> None:
    """Refuse data that would raise a RecursionError or a ValueError when it is printed."""
    level: list[Any] = [tables]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, int) and one.bit_length() > MOST_BITS:
                raise Unreadable(_TOO_LONG)
            if isinstance(one, dict | list):
                inner += one.values() if isinstance(one, dict) else one
        level = inner
        if not level:
            return
    raise Unreadable(_TOO_DEEP)
