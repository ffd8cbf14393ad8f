"""
Variables that a file gives to processes: refuses what no process can have.

Knows names and values. Knows nothing of the file or of the process.
"""

from __future__ import annotations

from typing import Any

from driftcheck.core.shorten import shown

LARGEST = 64 << 10  # characters of all names and values; Linux takes 128 KiB for one


def read_environment(table: Any) -> dict[str, str]:
    """Return the variables of a table of a file.

    Raises:
        ValueError: the reason continues the name of the table.
    """
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise ValueError(f"is {shown(table)}; give a table of strings")
    for name, value in table.items():
        if not name or "=" in name or "\0" in name:
            raise ValueError(f"names a variable {shown(name)}; give a name without '=' and NUL")
        if "\0" in value:
            raise ValueError(f"gives {shown(name)} a value with a NUL, which no process can have; remove it")
    if sum(len(name) + len(value) for name, value in table.items()) > LARGEST:
        raise ValueError(f"is longer than {LARGEST >> 10} KiB; shorten it")
    return table
