"""
Mutations of a timestamp's time of day: leap seconds, hours past 23, fields and fractions of other lengths.
"""

from __future__ import annotations

import attrs

from driftcheck.codecs.rfc3339.mutation import one_digit, pick, stamp_mutation
from driftcheck.codecs.rfc3339.text import DAY, Stamp, days_of, is_leap_second, last_day, offset_of, write
from driftcheck.core.mutation import Draw


@stamp_mutation
def leap_second(stamp: Stamp, draw: Draw) -> Stamp | None:
    """Write second 60 at a legal place: 23:59:60 UTC on the last day of a month."""
    year, month = int(stamp.year), int(stamp.month)
    if (year, month) >= (9999, 12):
        return None  # some offsets would take it into the year 10000
    try:
        midnight = days_of(year, month, last_day(year, month)) * DAY + DAY
        minute = write(midnight - 60 + offset_of(stamp.zone) * 60, 0, 0)
    except (ValueError, IndexError):  # an earlier mutation has left no such month
        return None
    date, clock = minute[:-1].split("T")
    return attrs.evolve(
        stamp,
        **dict(zip(("year", "month", "day"), date.split("-"), strict=True)),
        **dict(zip(("hour", "minute", "second"), (*clock.split(":")[:2], "60"), strict=True)),
    )


@stamp_mutation
def misplaced_leap_second(stamp: Stamp, draw: Draw) -> Stamp:
    """Write second 60 at a place that never has one."""
    changed = attrs.evolve(stamp, second="60")
    return attrs.evolve(changed, hour="12", minute="30") if is_leap_second(changed) else changed


@stamp_mutation
def second_61(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a second past the sixtieth."""
    return attrs.evolve(stamp, second=f"{draw.integer(61, 99)}")


@stamp_mutation
def minute_60(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a minute past the fifty-ninth."""
    return attrs.evolve(stamp, minute=f"{draw.integer(60, 99)}")


@stamp_mutation
def hour_24(stamp: Stamp, draw: Draw) -> Stamp:
    """Write midnight as 24:00:00, as ISO 8601 may."""
    return attrs.evolve(stamp, hour="24", minute="00", second="00", fraction="")


@stamp_mutation
def hour_25(stamp: Stamp, draw: Draw) -> Stamp:
    """Write an hour past the twenty-fourth, or a moment after 24:00:00."""
    if draw.boolean(0.25):
        return attrs.evolve(stamp, hour="24", minute="01")
    return attrs.evolve(stamp, hour=f"{draw.integer(25, 99)}")


@stamp_mutation
def single_digit_hour(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the hour in one digit."""
    return attrs.evolve(stamp, hour=one_digit(stamp.hour))


@stamp_mutation
def single_digit_minute(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the minute in one digit."""
    return attrs.evolve(stamp, minute=one_digit(stamp.minute))


@stamp_mutation
def single_digit_second(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the second in one digit."""
    return attrs.evolve(stamp, second=one_digit(stamp.second))


@stamp_mutation
def extra_zero_in_time(stamp: Stamp, draw: Draw) -> Stamp:
    """Write hour, minute or second in three digits."""
    name = pick(draw, ("hour", "minute", "second"))
    return attrs.evolve(stamp, **{name: "0" + getattr(stamp, name)})


@stamp_mutation
def missing_seconds(stamp: Stamp, draw: Draw) -> str:
    """Leave out the seconds."""
    return f"{stamp.date}{stamp.mark}{stamp.hour}:{stamp.minute}{stamp.zone}"


@stamp_mutation
def missing_minutes(stamp: Stamp, draw: Draw) -> str:
    """Leave out minutes and seconds."""
    return f"{stamp.date}{stamp.mark}{stamp.hour}{stamp.zone}"


@stamp_mutation
def time_without_colons(stamp: Stamp, draw: Draw) -> str:
    """Write the time in the basic form of ISO 8601."""
    return f"{stamp.date}{stamp.mark}{stamp.clock.replace(':', '')}{stamp.fraction}{stamp.zone}"


@stamp_mutation
def other_time_separator(stamp: Stamp, draw: Draw) -> str:
    """Put other marks where the time has colons."""
    clock = stamp.clock.replace(":", pick(draw, (".", "-", "_")))
    return f"{stamp.date}{stamp.mark}{clock}{stamp.fraction}{stamp.zone}"


@stamp_mutation
def comma_fraction(stamp: Stamp, draw: Draw) -> Stamp:
    """Put a comma before the fraction."""
    return attrs.evolve(stamp, fraction="," + (stamp.fraction[1:] or "5"))


@stamp_mutation
def empty_fraction(stamp: Stamp, draw: Draw) -> Stamp:
    """Write a dot without a fraction after it."""
    return attrs.evolve(stamp, fraction=".")


@stamp_mutation
def padded_fraction(stamp: Stamp, draw: Draw) -> Stamp | None:
    """Write zeros at the end of the fraction, of nine digits at most."""
    digits = stamp.fraction[1:]
    if len(digits) > 8:
        return None
    return attrs.evolve(stamp, fraction="." + digits.ljust(draw.integer(len(digits) + 1, 9), "0"))


@stamp_mutation
def long_fraction(stamp: Stamp, draw: Draw) -> Stamp:
    """Write the fraction in more than nine digits, which RFC 3339 allows, even more than fit into 64 bits."""
    digits = stamp.fraction[1:].ljust(9, "0")[:9]
    length = pick(draw, (10, 11, 12, 18, 19, 20, 40))
    return attrs.evolve(stamp, fraction="." + digits.ljust(length, pick(draw, "059")))


@stamp_mutation
def fraction_of_minute(stamp: Stamp, draw: Draw) -> str:
    """Write a fraction of the minute in place of seconds, as ISO 8601 may."""
    return f"{stamp.date}{stamp.mark}{stamp.hour}:{stamp.minute}.5{stamp.zone}"


CLOCK = (
    leap_second,
    misplaced_leap_second,
    second_61,
    minute_60,
    hour_24,
    hour_25,
    single_digit_hour,
    single_digit_minute,
    single_digit_second,
    extra_zero_in_time,
    missing_seconds,
    missing_minutes,
    time_without_colons,
    other_time_separator,
    comma_fraction,
    empty_fraction,
    padded_fraction,
    long_fraction,
    fraction_of_minute,
)
