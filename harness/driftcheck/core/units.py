"""
Durations, sizes and counts as people write them: `90s`, `2h`, `512MiB`, `1 case`.

Knows numbers and their units. Does not know where they were written.
"""

from __future__ import annotations

import re

from driftcheck.core.shorten import shown

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

_NUMBER = r"\d+(?:\.\d+)?"
_DURATION = re.compile(rf"({_NUMBER})(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+)(B|KiB|MiB|GiB)")
_LONGEST_S = 366 * 86400.0
_LARGEST = 1 << 50  # above what setrlimit takes and a machine has
_MOMENTS_S = (-62_000_000_000, 253_000_000_000)  # years 5 to 9987, in any zone


def duration_s(text: str) -> float:
    """Read a duration such as `300ms`, `90s` or `1h30m`, and return it in seconds; `90` is 90 seconds.

    Raises:
        ValueError: the text is not a duration, or it is zero or longer than a year.
    """
    if re.fullmatch(_NUMBER, text, re.ASCII):
        text = f"{text}s"
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text, re.ASCII):
        raise ValueError(
            f"{shown(text)} is not a duration; give a number of seconds, "
            f"or a number with a unit of {', '.join(SECONDS)}, such as 90s"
        )
    seconds = sum(float(number) * SECONDS[unit] for number, unit in _DURATION.findall(text))
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError(f"{shown(text)} is not a possible time limit; give more than 0s and at most a year")
    return seconds


def is_moment(value: object) -> bool:
    """Say whether a value from a file is a time in seconds since 1970 that can be shown as a date."""
    return isinstance(value, int | float) and _MOMENTS_S[0] < value < _MOMENTS_S[1]


def size_bytes(text: str) -> int:
    """Read a size such as `512MiB`, and return it in bytes.

    Raises:
        ValueError: the text is not a size, or it is zero or more than a machine has.
    """
    match = re.fullmatch(_SIZE.pattern, text, re.ASCII)
    if match is None:
        raise ValueError(
            f"{shown(text)} is not a size; give a whole number with a unit of {', '.join(BYTES)}, "
            "such as 512MiB"
        )
    size = int(match[1][:20]) * BYTES[match[2]]
    if not 0 < size <= _LARGEST:
        raise ValueError(f"{shown(text)} is not a possible memory limit; give more than 0B and at most 1 PiB")
    return size


def clock(seconds: float) -> str:
    """Write a duration as a clock shows it, such as `1:05`, or `2:01:05` from an hour on."""
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun, such as `1 case` or `1,000 cases`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
