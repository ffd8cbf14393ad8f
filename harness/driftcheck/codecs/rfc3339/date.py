"""
Mutations of a timestamp's date: beyond the calendar, beyond four digits, and in other forms of ISO 8601.
"""

from __future__ import annotations

import calendar
import datetime

import attrs

from driftcheck.codecs.rfc3339.mutation import one_digit, pick, stamp_mutation
from driftcheck.codecs.rfc3339.text import Stamp, last_day
from driftcheck.core.mutation import Draw


@stamp_mutation
def year_zero(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a moment in the year 0, which RFC 3339 has."""
    return attrs.evolve(stamp, year="0000")


@stamp_mutation
def end_of_9999(stamp: Stamp, draw: Draw) -> Stamp | None:
    """Write a moment of the last day of the year 9999 in UTC, which jiff's range leaves out."""
    if stamp.second == "60":
        return None  # the change would make or remove a leap second
    return attrs.evolve(stamp, year="9999", month="12", day="31", zone="Z")


@stamp_mutation
def short_year(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the year in fewer than four digits."""
    return attrs.evolve(stamp, year=stamp.year[pick(draw, (2, 1, 3)) :])


@stamp_mutation
def long_year(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the year in five digits or six."""
    return attrs.evolve(stamp, year=pick(draw, ("1", "0", "00")) + stamp.year)


@stamp_mutation
def signed_year(stamp: Stamp, draw: Draw) -> str:
    """Put a plus in front of the year, as ISO 8601 does for years of six digits."""
    return pick(draw, ("+00", "+")) + str(stamp)


@stamp_mutation
def negative_year(stamp: Stamp, draw: Draw) -> str:
    """Put a minus in front of the year, of four digits or six."""
    year = pick(draw, ("-00" + stamp.year, "-" + stamp.year, "-000000"))
    return f"{year}{str(stamp)[len(stamp.year) :]}"


@stamp_mutation
def month_00(stamp: Stamp, draw: Draw) -> Stamp:
    """Write month 00."""
    return attrs.evolve(stamp, month="00")


@stamp_mutation
def month_13(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a month past the twelfth."""
    return attrs.evolve(stamp, month=f"{draw.integer(13, 99)}")


@stamp_mutation
def day_00(stamp: Stamp, draw: Draw) -> Stamp:
    """Write day 00."""
    return attrs.evolve(stamp, day="00")


@stamp_mutation
def day_32(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a day that no month has."""
    return attrs.evolve(stamp, day=f"{draw.integer(32, 99)}")


@stamp_mutation
def day_past_month(stamp: Stamp, draw: Draw) -> Stamp:
    """Write 31 February or another day that the month does not have, except 29 February."""
    month, day = pick(draw, (("02", "31"), ("02", "30"), ("04", "31"), ("11", "31")))
    return attrs.evolve(stamp, month=month, day=day)


@stamp_mutation
def february_29(stamp: Stamp, draw: Draw) -> Stamp:
    """Write 29 February of a year that is not a leap year, sometimes of a whole century."""
    year = int(stamp.year) if len(stamp.year) == 4 else 1970
    common = year + calendar.isleap(year)
    return attrs.evolve(stamp, year=pick(draw, (f"{common:04}", "1900", "2100")), month="02", day="29")


@stamp_mutation
def single_digit_date(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the month or the day in one digit."""
    if draw.boolean():
        return attrs.evolve(stamp, day=one_digit(stamp.day))
    return attrs.evolve(stamp, month=one_digit(stamp.month))


@stamp_mutation
def extra_zero_in_date(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the month or the day in three digits."""
    if draw.boolean():
        return attrs.evolve(stamp, day="0" + stamp.day)
    return attrs.evolve(stamp, month="0" + stamp.month)


@stamp_mutation
def date_without_dashes(stamp: Stamp, draw: Draw) -> str:
    """Write the date in the basic form of ISO 8601."""
    return f"{stamp.year}{stamp.month}{stamp.day}{stamp.mark}{stamp.time}"


@stamp_mutation
def other_date_separator(stamp: Stamp, draw: Draw) -> str:
    """Put other marks where the date has dashes."""
    return stamp.date.replace("-", pick(draw, ("/", ".", "_", ":"))) + stamp.mark + stamp.time


@stamp_mutation
def week_date(stamp: Stamp, draw: Draw) -> str:
    """Write the date as year, week and day of the week, as ISO 8601 may."""
    year, week, day = _date(stamp).isocalendar()
    dash = pick(draw, ("-", ""))
    return f"{year:04}{dash}W{week:02}{dash}{day}{stamp.mark}{stamp.time}"


@stamp_mutation
def ordinal_date(stamp: Stamp, draw: Draw) -> str:
    """Write the date as year and day of the year, as ISO 8601 may."""
    return f"{stamp.year}{pick(draw, ('-', ''))}{_date(stamp).timetuple().tm_yday:03}{stamp.mark}{stamp.time}"


def _date(stamp: Stamp) -> datetime.date:
    """Return the date, or one near it where an earlier mutation has put it outside the calendar."""
    year = min(max(int(stamp.year), 1), 9999)
    month = min(max(int(stamp.month), 1), 12)
    return datetime.date(year, month, min(max(int(stamp.day), 1), last_day(year, month)))


DATE = (
    year_zero,
    end_of_9999,
    short_year,
    long_year,
    signed_year,
    negative_year,
    month_00,
    month_13,
    day_00,
    day_32,
    day_past_month,
    february_29,
    single_digit_date,
    extra_zero_in_date,
    date_without_dashes,
    other_date_separator,
    week_date,
    ordinal_date,
)
