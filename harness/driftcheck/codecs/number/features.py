"""
The features of any text as a plain number, by the names of the mutations.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from driftcheck.core import types as t
from driftcheck.core.raw_mutations import plain_text

_FORMS = (  # the first that matches what comes after the sign
    (re.compile(r"nan(\(.*\))?", re.IGNORECASE), "nan"),
    (re.compile(r"inf(inity)?|∞", re.IGNORECASE), "infinity"),
    (re.compile(r"0[xX][0-9a-fA-F]+"), "hexadecimal"),
    (re.compile(r"0[oO][0-7]+"), "octal"),
    (re.compile(r"0[bB][01]+"), "binary"),
    (re.compile(r"\.[0-9]+"), "leading-dot"),
    (re.compile(r"[0-9]+\."), "trailing-dot"),
    (re.compile(r"[0-9]{1,3}([, '][0-9]{3})+"), "digit-groups"),
    (re.compile(r"[0-9]+(\.[0-9]+)?(_+[0-9]+)+"), "underscore"),
    (re.compile(r"[0-9]+,[0-9]+"), "decimal-comma"),
    (re.compile(r"[0-9]+(\.[0-9]+)?[eE][+-]?"), "bare-exponent"),
    (re.compile(r"[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+"), "exponent"),
    (re.compile(r"[0-9]+(\.[0-9]+)?[a-zA-Z]"), "type-suffix"),
)
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
DIGITS = 17  # of a double; more must be rounded
I128 = 2**127


def number_features(data: bytes, type_: t.Type) -> set[str]:
    """Return the features of any bytes as a number of the declared type; `no-number` if they are not one."""
    found, text = plain_text(data)
    if (text or not found) and "very-long" not in found:
        found.update(_odd(text, t.bare(type_)))
    return found


def _odd(text: str, type_: t.Type) -> Iterator[str]:
    sign = (re.match(r"[+-]*", text) or [""])[0]
    rest = text[len(sign) :]
    if not rest:
        yield "sign-alone"
        return
    if len(sign) > 1:
        yield "double-sign"
        return
    if sign == "+":
        yield "plus-sign"
    for pattern, name in _FORMS:
        if pattern.fullmatch(rest):
            yield name
            return
    if not _PLAIN.fullmatch(rest):
        yield "no-number"
        return
    if re.match(r"0[0-9]", rest):
        yield "leading-zero"
        rest = rest.lstrip("0") or "0"
        rest = f"0{rest}" if rest.startswith(".") else rest
    if isinstance(type_, t.Float):
        yield from _odd_decimal(rest)
    else:
        yield from _odd_whole(sign[-1:], rest, type_)


def _odd_whole(sign: str, digits: str, type_: t.Type) -> Iterator[str]:
    whole, point, after = digits.partition(".")
    if point:
        yield "fraction" if after.strip("0") else "zero-fraction"
    value = (-1 if sign == "-" else 1) * int(whole[:4000])
    lo, hi = (type_.lo, type_.hi) if isinstance(type_, t.Int) else (t.I64_MIN, t.U64_MAX)
    if value == 0 and sign == "-" and not point:
        yield "negative-zero"
    if not -2 * I128 < value < 2 * I128:
        yield "past-128-bits"
    elif not t.I64_MIN <= value <= t.U64_MAX:
        yield "past-64-bits"
    elif not lo <= value <= hi:
        yield "out-of-range"


def _odd_decimal(digits: str) -> Iterator[str]:
    value = float(digits)
    if math.isinf(value):
        yield "overflow"
    elif value == 0 and digits.strip("0."):
        yield "underflow"
    elif len(digits.replace(".", "").strip("0")) > DIGITS:
        yield "excess-digits"
