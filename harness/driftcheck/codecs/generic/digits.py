"""
Mutations of a number wherever a text contains digits: edge values, and other ways to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from driftcheck.codecs.generic.mutation import GenericMutation, pick, token_mutation, weighted
from driftcheck.codecs.generic.vocabulary import Vocabulary
from driftcheck.core.mutation import Draw

BITS = (8, 16, 32, 64, 7, 15, 31, 53, 63, 128)  # of numbers at which types end
LONG = 400  # digits, more than the exponent of a double allows
LONGEST = 4000  # digits that Python reads


def number_mutation(breaks: Callable[[str, Draw], str | None]) -> GenericMutation:
    """Make a generic mutation from a function that receives a run of digits."""

    def of_tokens(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
        places = [n for n, one in enumerate(parts) if one.isascii() and one.isdigit() and len(one) < LONGEST]
        if not places:
            return None
        at = pick(draw, places)
        broken = breaks(parts[at], draw)
        return None if broken is None else [*parts[:at], broken, *parts[at + 1 :]]

    of_tokens.__name__, of_tokens.__doc__ = breaks.__name__, breaks.__doc__
    return token_mutation(of_tokens)


@number_mutation
def zero(digits: str, draw: Draw) -> str | None:
    """Write zero for a number."""
    return "0"


@number_mutation
def neighbour(digits: str, draw: Draw) -> str | None:
    """Write the next number, or the one before."""
    return str(int(digits) - 1 if int(digits) and draw.boolean() else int(digits) + 1)


@number_mutation
def at_boundary(digits: str, draw: Draw) -> str | None:
    """Write a power of two at which a type of numbers ends, or a number beside it."""
    return str((1 << pick(draw, BITS)) + pick(draw, (0, -1, 1)))


@number_mutation
def round_number(digits: str, draw: Draw) -> str | None:
    """Write a power of ten, or a number of nines."""
    count = draw.integer(1, 20)
    return "9" * count if draw.boolean() else "1" + "0" * count


@number_mutation
def very_long_number(digits: str, draw: Draw) -> str | None:
    """Write a number of 400 digits."""
    return (digits.lstrip("0") or "1").ljust(LONG, "0")


@number_mutation
def leading_zero(digits: str, draw: Draw) -> str | None:
    """Put zeros before the digits."""
    return "0" * (1 << draw.integer(0, 5)) + digits


@number_mutation
def plus_sign(digits: str, draw: Draw) -> str | None:
    """Put a plus sign in front of a number."""
    return f"+{digits}"


@number_mutation
def minus_sign(digits: str, draw: Draw) -> str | None:
    """Put a minus sign in front of a number, perhaps of zero."""
    return "-0" if draw.boolean(0.25) else f"-{digits}"


@number_mutation
def fraction(digits: str, draw: Draw) -> str | None:
    """Write a number with a point: a fraction, a point alone, or a point in front."""
    return pick(draw, (f"{digits}.5", f"{digits}.0", f"{digits}.", f".{digits}", f"{digits},5"))


@number_mutation
def exponent(digits: str, draw: Draw) -> str | None:
    """Write a number with an exponent."""
    return digits + pick(draw, ("e0", "E0", "e1", "e+1", "e-1", "e400"))


@number_mutation
def hexadecimal(digits: str, draw: Draw) -> str | None:
    """Write a number in hexadecimal."""
    prefix = pick(draw, ("0x", "0X", "", "x"))
    return f"{prefix}{int(digits):x}"


@number_mutation
def octal(digits: str, draw: Draw) -> str | None:
    """Write a number in octal."""
    return f"{pick(draw, ('0', '0o'))}{int(digits):o}"


@number_mutation
def binary(digits: str, draw: Draw) -> str | None:
    """Write a number in binary."""
    return f"0b{int(digits):b}"


@number_mutation
def underscore(digits: str, draw: Draw) -> str | None:
    """Write an underscore between digits, or beside them."""
    at = draw.integer(0, len(digits))
    return f"{digits[:at]}_{digits[at:]}"


@number_mutation
def digit_groups(digits: str, draw: Draw) -> str | None:
    """Group the digits by thousands."""
    grouped = f"{int(digits) if len(digits) > 3 else 1000 + int(digits):,}"
    return grouped.replace(",", pick(draw, (",", ".", " ", "'")))


DIGITS = weighted(
    some=(),
    many=(at_boundary,),
    all_=(
        zero,
        neighbour,
        at_boundary,
        round_number,
        very_long_number,
        leading_zero,
        plus_sign,
        minus_sign,
        fraction,
        exponent,
        hexadecimal,
        octal,
        binary,
        underscore,
        digit_groups,
    ),
)
