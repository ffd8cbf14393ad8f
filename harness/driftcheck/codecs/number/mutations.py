"""
Mutations of plain numbers as text, for codecs of your own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from driftcheck.core import types as t
from driftcheck.core.mutation import Draw, Mutation, mutation

BOUNDARIES = tuple(sorted({2**n for n in (7, 8, 15, 16, 31, 32, 53, 63, 64)}))
# 1 + 2**-53, half-way between two doubles: rounds down to the even one, and up with one digit more.
HALF_WAY = "1.00000000000000011102230246251565404236316680908203125"

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Breaks = Callable[[str, Draw, t.Type], str | None]


def number_mutation(breaks: Breaks) -> Mutation:
    """Make a mutation of a function, as `mutation` does, that receives a number in its plain form."""

    def apply(data: bytes, draw: Draw, type_: t.Type) -> bytes | None:
        text = data.decode(errors="replace")
        broken = breaks(text, draw, type_) if _PLAIN.fullmatch(text) else None
        return None if broken is None else broken.encode()

    apply.__name__, apply.__doc__ = breaks.__name__, breaks.__doc__
    return mutation(apply)


def _pick(draw: Draw, items: Sequence[str]) -> str:
    return items[draw.integer(0, len(items) - 1)]


def _signed(text: str) -> tuple[str, str]:
    return ("-", text[1:]) if text.startswith("-") else ("", text)


@number_mutation
def leading_zero(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Put zeros before the digits."""
    sign, digits = _signed(text)
    return sign + _pick(draw, ("0", "000")) + digits


@number_mutation
def plus_sign(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Put a plus sign in front."""
    return None if text.startswith("-") else f"+{text}"


@number_mutation
def double_sign(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write two signs."""
    return _pick(draw, ("--", "+-", "-+", "++")) + _signed(text)[1]


@number_mutation
def sign_alone(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a sign without digits."""
    return _pick(draw, ("-", "+"))


@number_mutation
def negative_zero(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write -0 for a whole number."""
    return "-0"


@number_mutation
def exponent(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write the number with an exponent."""
    return text + _pick(draw, ("e0", "E0", "e+0", "e-0", "e2"))


@number_mutation
def bare_exponent(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write an exponent without digits."""
    return text + _pick(draw, ("e", "e+"))


@number_mutation
def zero_fraction(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a whole number with a fraction of zero."""
    return None if "." in text else text + _pick(draw, (".0", ".000"))


@number_mutation
def fraction(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a fraction for a whole number."""
    return (
        None
        if "." in text
        else text + _pick(draw, (".5", ".0000000000000000000001", ".99999999999999999999"))
    )


@number_mutation
def leading_dot(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Begin the number with its point."""
    return _pick(draw, (".5", "-.5"))


@number_mutation
def trailing_dot(text: str, draw: Draw, type_: t.Type) -> str | None:
    """End the number with its point."""
    return None if "." in text else f"{text}."


@number_mutation
def decimal_comma(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a comma for the point."""
    return text.replace(".", ",") if "." in text else f"{text},5"


@number_mutation
def digit_groups(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Group the digits by thousands."""
    sign, digits = _signed(text.partition(".")[0])
    grouped = f"{int(digits[-4000:]) if len(digits) > 3 else 1000 + int(digits):,}"
    return sign + grouped.replace(",", _pick(draw, (",", " ", "'")))


@number_mutation
def underscore(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write an underscore between digits."""
    return text + _pick(draw, ("_0", "_000", "__0"))


@number_mutation
def hexadecimal(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a number in hexadecimal."""
    return _pick(draw, ("0x0", "0XfF", "0x7fffffff"))


@number_mutation
def octal(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a number in octal."""
    return _pick(draw, ("0o0", "0O17"))


@number_mutation
def binary(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a number in binary."""
    return _pick(draw, ("0b0", "0B11"))


@number_mutation
def type_suffix(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write the suffix of a programming language's type after the number."""
    return text + _pick(draw, ("L", "u", "f", "d", "n"))


@number_mutation
def nan(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write NaN for the number."""
    return _pick(draw, ("NaN", "nan", "-nan", "nan(0)"))


@number_mutation
def infinity(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write an infinity."""
    return _pick(draw, ("Infinity", "inf", "-Infinity", "-inf", "INF", "∞"))


@number_mutation
def at_boundary(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a number at a boundary of 8 to 64 bits, or of a double's 53, that its type can represent."""
    type_ = t.bare(type_)
    lo, hi = (type_.lo, type_.hi) if isinstance(type_, t.Int) else (t.I64_MIN, t.I64_MAX)
    inside = [str(n) for n in _around() if lo <= n <= hi]
    return _pick(draw, inside) if inside else None


@number_mutation
def out_of_range(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a number that fits into 64 bits but not into the declared type."""
    type_ = t.bare(type_)
    if not isinstance(type_, t.Int):
        return None
    near = (type_.hi + 1, type_.lo - 1, *_around())
    outside = [n for n in near if t.I64_MIN <= n <= t.U64_MAX and not type_.lo <= n <= type_.hi]
    return _pick(draw, [str(n) for n in outside]) if outside else None


@number_mutation
def past_64_bits(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a whole number of more than 64 bits."""
    return str(_pick(draw, [str(n) for n in (2**64, 2**64 + 1, -(2**63) - 1, 10**20, 2**127, -(2**127))]))


@number_mutation
def past_128_bits(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a whole number of more than 128 bits."""
    return _pick(draw, (str(2**128), str(-(2**128)), "9" * 100, "1" + "0" * 400))


@number_mutation
def excess_digits(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a decimal with more digits than a double can represent, so that it must be rounded."""
    return _pick(draw, ("0.1000000000000000055", HALF_WAY, HALF_WAY + "1", "9007199254740993.00000000001"))


@number_mutation
def subnormal(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a decimal so small that a double represents it with fewer digits."""
    return positional(float(_pick(draw, ("5e-324", "2.225073858507201e-308", "1e-310"))))


@number_mutation
def underflow(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a decimal that is not zero and below every double."""
    return _pick(draw, ("0." + "0" * 400 + "1", "-0." + "0" * 400 + "1"))


@number_mutation
def overflow(text: str, draw: Draw, type_: t.Type) -> str | None:
    """Write a decimal beyond every double."""
    return _pick(draw, ("1" + "0" * 309, "-1" + "0" * 309))


def _around() -> list[int]:
    """Return the numbers at all boundaries, signed and unsigned, and one past them."""
    return [n for b in BOUNDARIES for n in (b, b - 1, b + 1, -b, -b - 1, -b + 1)]


FORMS: tuple[Mutation, ...] = (
    leading_zero,
    plus_sign,
    double_sign,
    sign_alone,
    exponent,
    bare_exponent,
    leading_dot,
    trailing_dot,
    decimal_comma,
    digit_groups,
    underscore,
    hexadecimal,
    octal,
    binary,
    type_suffix,
    nan,
    infinity,
)
integer_mutations: tuple[Mutation, ...] = (
    *FORMS,
    negative_zero,
    zero_fraction,
    fraction,
    at_boundary,
    out_of_range,
    past_64_bits,
    past_128_bits,
)
decimal_mutations: tuple[Mutation, ...] = (*FORMS, excess_digits, subnormal, underflow, overflow)


def positional(value: float) -> str:
    """Write a finite float with the fewest digits that lead back to it, and without an exponent."""
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")
