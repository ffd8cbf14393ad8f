"""
Durations and sizes as people write them, such as `90s`, `2h` and `512MiB`.

Knows numbers and their units. Knows nothing of where they were written.
"""

from __future__ import annotations

import re

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+)(B|KiB|MiB|GiB)")
_LONGEST_S = 366 * 86400.0
_LARGEST = 1 << 50  # beyond it, setrlimit and a machine's memory have an end, too


def duration_s(text: str) -> float:
    """Read a duration, as `300ms`, `90s`, `1h30m`, and return it in seconds.

    Raises:
        ValueError: it is none, zero, or longer than a year; the text says so.
    """
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text, re.ASCII):
        raise ValueError(f"{text!r} is no duration; give a number and a unit of {', '.join(SECONDS)}, as 90s")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in _DURATION.findall(text))
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError(f"{text!r} is no duration to wait for; give more than nothing and at most a year")
    return seconds


def size_bytes(text: str) -> int:
    """Read a size, as `512MiB`, and return it in bytes.

    Raises:
        ValueError: it is none, zero, or more than a machine has; the text says so.
    """
    match = re.fullmatch(_SIZE.pattern, text, re.ASCII)
    if match is None:
        raise ValueError(
            f"{text!r} is no size; give a whole number and a unit of {', '.join(BYTES)}, as 512MiB"
        )
    size = int(match[1][:20]) * BYTES[match[2]]
    if not 0 < size <= _LARGEST:
        raise ValueError(
            f"{text!r} is no size that a host can have; give more than nothing and at most 1 PiB"
        )
    return size
