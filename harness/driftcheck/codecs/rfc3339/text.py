"""
Timestamps as text: their parts, and the calendar.

Knows the grammar of RFC 3339, 5.6. Knows nothing of features or mutations.
"""

from __future__ import annotations

import calendar
import datetime
import re

import attrs

DAY = 86_400  # seconds
MAX_OFFSET = 24 * 60 - 1  # minutes
NANOS = 10**9  # nanoseconds of a second

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_ERA = 146_097  # days of 400 years, after which the calendar repeats

WHOLE = re.compile(
    r"(?P<year>[0-9]{1,99})-(?P<month>[0-9]{1,99})-(?P<day>[0-9]{1,99})(?P<mark>[Tt _])"
    r"(?P<hour>[0-9]{1,99}):(?P<minute>[0-9]{1,99}):(?P<second>[0-9]{1,99})(?P<fraction>(?:\.[0-9]+)?)"
    r"(?P<zone>[Zz]|[+-][0-9]{1,99}:[0-9]{1,99})"
)
STRICT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?P<mark>[Tt])"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?P<fraction>(?:\.[0-9]+)?)"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


@attrs.frozen
class Stamp:
    """A timestamp in its parts; those of digits are without marks, the fraction has its dot."""

    year: str
    month: str
    day: str
    mark: str
    hour: str
    minute: str
    second: str
    fraction: str
    zone: str

    @property
    def date(self) -> str:
        """Return the date."""
        return f"{self.year}-{self.month}-{self.day}"

    @property
    def clock(self) -> str:
        """Return the time of day, without its fraction."""
        return f"{self.hour}:{self.minute}:{self.second}"

    @property
    def time(self) -> str:
        """Return all that follows the mark."""
        return f"{self.clock}{self.fraction}{self.zone}"

    def __str__(self) -> str:
        return f"{self.date}{self.mark}{self.time}"


def scan(data: bytes) -> Stamp | None:
    """Return the parts of a timestamp, with any number of digits and any values; else None."""
    match = WHOLE.fullmatch(data.decode("latin-1"))
    return Stamp(**match.groupdict()) if match else None


def scan_strictly(data: bytes) -> Stamp | None:
    """Return the parts of a timestamp that follows the grammar of RFC 3339; else None."""
    match = STRICT.fullmatch(data.decode("latin-1"))
    return Stamp(**match.groupdict()) if match else None


def write(seconds: int, nanosecond: int, offset: int) -> str:
    """Return a timestamp in its shortest form.

    Args:
        seconds: of the local clock, since 1970-01-01T00:00:00.
        offset: of the local clock from UTC, in minutes.
    """
    days, second = divmod(seconds, DAY)
    year, month, day = civil(days)
    hour, second = divmod(second, 3600)
    minute, second = divmod(second, 60)
    fraction = f".{nanosecond:09}".rstrip("0") if nanosecond else ""
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{write_offset(offset)}"


def write_offset(offset: int) -> str:
    """Write an offset in minutes."""
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}" if offset else "Z"


def offset_of(zone: str) -> int:
    """Return the minutes of an offset; its fields may be beyond their ranges."""
    if zone in "Zz":
        return 0
    hours, _, minutes = zone[1:].partition(":")
    return (-1 if zone[0] == "-" else 1) * (int(hours) * 60 + int(minutes))


def civil(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a day since 1970-01-01; there may be a year 0."""
    eras, day = divmod(days + _EPOCH - 1, _ERA)
    date = datetime.date.fromordinal(day + 1)
    return date.year + 400 * eras, date.month, date.day


def days_of(year: int, month: int, day: int) -> int:
    """Return the day since 1970-01-01; raises ValueError if the calendar does not have it."""
    eras, years = divmod(year - 1, 400)
    return datetime.date(years + 1, month, day).toordinal() + eras * _ERA - _EPOCH


def last_day(year: int, month: int) -> int:
    """Return the last day of a month from 1 to 12, in any year from 0."""
    return calendar.monthrange(year % 400 + 400, month)[1]


def is_leap_second(stamp: Stamp) -> bool:
    """Tell whether a timestamp is one at 23:59:60 UTC on the last day of a month (RFC 3339, 5.7)."""
    try:
        days = days_of(int(stamp.year), int(stamp.month), int(stamp.day))
        minutes = int(stamp.hour) * 60 + int(stamp.minute) - offset_of(stamp.zone)
    except ValueError:
        return False
    days, minute = divmod(days * 24 * 60 + minutes, 24 * 60)
    return stamp.second == "60" and minute == 24 * 60 - 1 and civil(days + 1)[2] == 1
