"""
The features of any bytes as a timestamp of RFC 3339, by the names of the mutations.

The reader goes from left to right and accepts many forms of each part. Each
unusual part has one feature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from driftcheck.codecs.rfc3339.text import Stamp, is_leap_second, last_day
from driftcheck.core.raw_mutations import plain_text
from driftcheck.core.unicode_text import LONG

_SHAPE = "0000-00-00T00:00:00"  # of a timestamp without offset
_TAIL = re.compile(r"\.|(?:\.0+)?[+-](?:0(?:0:0?)?)?")
_ROOMY = re.compile(r"[ \t]+(?=[-:.,+TtZz])|(?<=[-:.,+TtZz])[ \t]+")
_OTHER_MARK = re.compile(rb"\A(\d{4}-\d\d-\d\d)[\x00-\x7f](?<![Tt \d])(\d\d:)")

# Each part in the forms that it may have, and the words for all but the usual one, which is judged by
# what it says. The first that fits counts.
_Forms = Sequence[tuple[str, re.Pattern[str]]]


def _forms(**forms: str) -> _Forms:
    return [(name.replace("_", "-").strip("-"), re.compile(form, re.ASCII)) for name, form in forms.items()]


_DATE = _forms(
    week_date=r"\d{4}-?W\d\d(?:-?\d)?",
    ordinal_date=r"\d{4}-?\d{3}(?![\d-])",
    date_without_dashes=r"\d{8}(?!\d)",
    other_date_separator=r"\d{4}([/._:])\d\d\1\d\d",
    _=r"(?P<sign>[+-]?)(?P<year>\d{1,99})-(?P<month>\d{1,99})-(?P<day>\d\d(?=\d\d:)|\d{1,99})",
)
_CLOCK = _forms(
    _=r"(?P<hour>\d{1,99}):(?P<minute>\d{1,99}):(?P<second>\d{1,99})",
    other_time_separator=r"\d\d([._-])\d\d\1\d\d(?!:)",
    missing_seconds=r"\d\d:\d\d(?![.,])",
    fraction_of_minute=r"\d\d:\d\d(?:[.,]\d+)",
    time_without_colons=r"\d{6}(?!\d)",
    missing_minutes=r"\d\d(?!\d)",
)
_ZONE = _forms(
    _=r"Z|[+-]\d\d:\d\d(?!:)",
    lower_case_z=r"z",
    offset_with_seconds=r"[+-]\d\d:\d\d:\d\d",
    single_digit_offset=r"[+-]\d:\d\d",
    offset_without_colon=r"[+-]\d{4}",
    offset_of_hours=r"[+-]\d\d",
    double_sign=r"[+-]{2}\d\d:\d\d",
    zone_name=r"[A-Za-z]{1,5}",
)
_ANOTHER = re.compile(r"Z|[+-]\d\d:\d\d", re.ASCII)
_FRACTION = re.compile(r"([.,])(\d*)", re.ASCII)
_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")


def features(data: bytes) -> set[str]:
    """Return the features of the bytes; none for what the codec writes."""
    marked = _OTHER_MARK.sub(rb"\1T\2", data)  # it may be white space or NUL, which have words of their own
    found, text = plain_text(marked)
    if "decomposed" in found:  # no mutation of a timestamp makes that, since it has no such letters
        found = found - {"decomposed"} | {"other-format"}
    if marked != data:
        found.add("other-mark")
    if len(text) > LONG and len(set(text[-LONG - 1 :])) == 1:
        text = text[: -LONG - 1]  # what `very-long` has put after it
    if not text:
        return found or {"other-format"}
    if is_truncated(text):
        return found | {"truncated"}
    if len(text) % 2 == 0 and text[: len(text) // 2] == text[len(text) // 2 :]:
        return found | {"doubled"}
    reader = _Reader(text)
    return found | reader.read()


def is_truncated(text: str) -> bool:
    """Tell whether a timestamp ends inside a part or lacks a required one."""
    shape = re.sub(r"[0-9]", "0", text)
    if len(shape) < len(_SHAPE):
        return _SHAPE.startswith(shape) and len(shape) != len("0000-00-00")
    return shape.startswith(_SHAPE) and _TAIL.fullmatch(shape, len(_SHAPE)) is not None


class _Reader:
    """Reads a timestamp part by part, and collects its features."""

    def __init__(self, text: str) -> None:
        self.found: set[str] = set()
        self.text = self._narrow(text)
        self.at = 0

    def read(self) -> set[str]:
        """Return all features."""
        has_date = self._date()
        if has_date and self.at == len(self.text):
            return self.found | {"date-only"}
        if has_date:
            self._mark()
        if not self._clock():
            return self.found | {"trailing-bytes"} if has_date else {"other-format"}
        if not has_date:
            self.found.add("time-only")
        self._zone()
        self._end()
        return self.found

    def _narrow(self, text: str) -> str:
        """Leave out the space around marks."""
        narrow = _ROOMY.sub("", text)
        if len(narrow) < len(text):
            self.found.add("inner-space")
        return narrow

    def _take(self, forms: _Forms) -> re.Match[str] | None:
        """Read a part in the first form that fits, and note that form."""
        for name, form in forms:
            match = form.match(self.text, self.at)
            if match:
                self.at = match.end()
                if name:
                    self.found.add(name)
                return match
        return None

    def _date(self) -> bool:
        match = self._take(_DATE)
        self.date = match.groupdict() if match else {}
        if self.date:
            self.found.update(_odd_date(**self.date))
        return match is not None

    def _mark(self) -> None:
        mark = self.text[self.at]
        if mark in "0123456789":
            self.found.add("missing-t")
            return
        self.at += 1
        if mark != "T":
            self.found.add({"t": "lower-case-t", " ": "space-for-t"}.get(mark, "other-mark"))

    def _clock(self) -> bool:
        match = self._take(_CLOCK)
        self.clock = match.groupdict() if match else {}
        fraction = _FRACTION.match(self.text, self.at) if match else None
        if fraction:
            self.at = fraction.end()
            self.found.update(_odd_fraction(*fraction.groups()))
        if self.clock:
            self.found.update(_odd_clock(**self.clock, fraction=fraction[2] if fraction else ""))
        return match is not None

    def _zone(self) -> None:
        match = self._take(_ZONE)
        if match is None:
            self.found.add("missing-offset")
            return
        zone = match[0]
        if zone in ("+00:00", "-00:00"):
            self.found.add("numeric-zero-offset" if zone[0] == "+" else "negative-zero-offset")
        elif zone[1:3].isdigit():
            self.found.update(_odd_offset(zone[1:3], zone[3:].strip(":")[:2]))
        if self.clock.get("second") == "60":
            parts = {name: self.date.get(name, "") for name in ("year", "month", "day")}
            place = zone if _ANOTHER.fullmatch(zone) else "Z"
            stamp = Stamp(**parts, **self.clock, mark="T", fraction="", zone=place)
            self.found.add("leap-second" if is_leap_second(stamp) else "misplaced-leap-second")

    def _end(self) -> None:
        another = _ANOTHER.match(self.text, self.at)
        if another:
            self.at = another.end()
            self.found.add("second-offset")
        brackets = _BRACKETS.match(self.text, self.at)
        if brackets:
            self.at = brackets.end()
            self.found.add("tag-in-brackets" if "=" in brackets[0] else "zone-in-brackets")
        if self.at < len(self.text):
            self.found.add("trailing-bytes")


def _odd_date(sign: str, year: str, month: str, day: str) -> Iterator[str]:
    if sign:
        yield "signed-year" if sign == "+" else "negative-year"
    elif len(year) != 4:
        yield "short-year" if len(year) < 4 else "long-year"
    elif year == "0000":
        yield "year-zero"
    elif (year, month) == ("9999", "12") and day in ("29", "30", "31"):
        yield "end-of-9999"
    if min(len(month), len(day)) < 2:
        yield "single-digit-date"
    elif max(len(month), len(day)) > 2:
        yield "extra-zero-in-date"
    y, m, d = int(year), int(month), int(day)
    if m == 0:
        yield "month-00"
    elif m > 12:
        yield "month-13"
    if d == 0:
        yield "day-00"
    elif d > 31:
        yield "day-32"
    elif 0 < m <= 12 and d > last_day(y, m):
        yield "february-29" if (m, d) == (2, 29) else "day-past-month"


def _odd_clock(hour: str, minute: str, second: str, fraction: str) -> Iterator[str]:
    for name, field in (("hour", hour), ("minute", minute), ("second", second)):
        if len(field) < 2:
            yield f"single-digit-{name}"
    if max(len(hour), len(minute), len(second)) > 2:
        yield "extra-zero-in-time"
    h, m, s = int(hour), int(minute), int(second)
    if h == 24 and (m or s or fraction.strip("0")):
        yield "hour-25"
    elif h >= 24:
        yield "hour-24" if h == 24 else "hour-25"
    if m > 59:
        yield "minute-60"
    if s > 60:
        yield "second-61"


def _odd_fraction(dot: str, digits: str) -> Iterator[str]:
    if dot == ",":
        yield "comma-fraction"
    if not digits:
        yield "empty-fraction"
    elif len(digits) > 9:
        yield "long-fraction"
    elif digits.endswith("0"):
        yield "padded-fraction"


def _odd_offset(hours: str, minutes: str) -> Iterator[str]:
    h, m = int(hours), int(minutes or 0)
    if h >= 24:
        yield "offset-24" if h == 24 else "offset-25"
    if m > 59:
        yield "offset-minute-60" if m == 60 else "offset-minute-61"
