"""
Mutations of numbers: past their range, in forms that mean the same, in forms that JSON does not have.
"""

from __future__ import annotations

from driftcheck.codecs.json.document import Document, Site
from driftcheck.codecs.json.mutation import json_mutation, pick, replace_one, takes_odd_value, values
from driftcheck.codecs.json.scalars import width
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw

# 1 + 2**-53, half-way between two doubles: rounds down to the even one, and up with one digit more.
HALF_WAY = b"1.00000000000000011102230246251565404236316680908203125"

SUBNORMALS = (
    b"4.9e-324",  # the smallest
    b"2.4703282292062328e-324",  # a little more than half of it: rounds up
    b"2.2250738585072011e-308",  # the largest; parsers of several languages hung on it
    b"1.0e-323",
)
PAST_53_BITS = (b"9007199254740993", b"-9007199254740993", b"9223372036854775807", b"18446744073709551615")


def _integers(document: Document) -> list[Site]:
    """List the integers that are written plainly."""
    sites = [s for s in values(document, "number") if isinstance(s.type, t.Int)]
    sites = [s for s in sites if document.raw(s.node).lstrip(b"-").isdigit()]
    return sites if not sites or takes_odd_value(document, sites[0]) else []


def _declared(document: Document) -> list[Site]:
    """List those of `_integers` at which a number that is not an integer would be a feature."""
    return [s for s in _integers(document) if not s.untyped]


def _floats(document: Document) -> list[Site]:
    sites = [s for s in values(document, "number") if isinstance(s.type, t.Float) or s.untyped]
    return sites if not sites or takes_odd_value(document, sites[0]) else []


@json_mutation
def out_of_range(document: Document, draw: Draw) -> bytes | None:
    """Write an integer that does not fit its type: 8, 16 or 32 bits if the bounds are those, otherwise 64."""
    sites = _integers(document)
    if not sites:
        return None
    site = pick(draw, sites)
    assert isinstance(site.type, t.Int)
    lo, hi = width(site.type)
    exact = (hi + 1, lo - 1, 2 * hi + 2)  # the same double to every reader that takes them for one
    beyond = pick(draw, exact if site.untyped else (*exact, 10 * hi, 10**30))
    return document.replaced(site.node, str(beyond).encode())


@json_mutation
def negative_zero(document: Document, draw: Draw) -> bytes | None:
    """Write -0 for an integer."""
    return replace_one(document, draw, _integers(document), b"-0")


@json_mutation
def zero_fraction(document: Document, draw: Draw) -> bytes | None:
    """Write an integer with a fraction of zero."""
    return replace_one(document, draw, _declared(document), b"%s.0", b"%s.000")


@json_mutation
def fraction(document: Document, draw: Draw) -> bytes | None:
    """Write a fraction for an integer."""
    return replace_one(document, draw, _declared(document), b"%s.5", b"%s.0000000000000000000001")


@json_mutation
def exponent(document: Document, draw: Draw) -> bytes | None:
    """Write an integer with an exponent."""
    return replace_one(document, draw, _declared(document), b"%se0", b"1e2", b"%sE+0", b"100e-2")


@json_mutation
def huge_number(document: Document, draw: Draw) -> bytes | None:
    """Write a number beyond every double."""
    sites = _floats(document) + _declared(document)
    return replace_one(document, draw, sites, b"1e400", b"-1e400", b"1e99999999999999999999")


@json_mutation
def tiny_number(document: Document, draw: Draw) -> bytes | None:
    """Write a number that is not zero and below every double."""
    texts = (b"1e-400", b"1e-99999999999999999999", b"-1e-400")
    return replace_one(document, draw, _floats(document), *texts)


@json_mutation
def excess_digits(document: Document, draw: Draw) -> bytes | None:
    """Write a float with more digits than a double has."""
    texts = (b"0.1000000000000000055", HALF_WAY, HALF_WAY + b"1", b"9007199254740993.00000000000000000000001")
    return replace_one(document, draw, _floats(document), *texts)


@json_mutation
def huge_digits(document: Document, draw: Draw) -> bytes | None:
    """Write a float with more digits than any double has, so that the digit that decides may be cut off."""
    texts = (HALF_WAY + b"0" * 800 + b"1", b"0." + b"1" * 800, b"9" * 300 + b"." + b"9" * 600)
    return replace_one(document, draw, _floats(document), *texts)


@json_mutation
def subnormal(document: Document, draw: Draw) -> bytes | None:
    """Write a float below every normal double, in other digits than the shortest."""
    return replace_one(document, draw, _floats(document), *SUBNORMALS)


@json_mutation
def past_53_bits(document: Document, draw: Draw) -> bytes | None:
    """Write an integer that no double can represent, in place of a float or of an untyped value."""
    return replace_one(document, draw, _floats(document), *PAST_53_BITS)


@json_mutation
def leading_zero(document: Document, draw: Draw) -> bytes | None:
    """Put a zero before a number's digits."""
    sites = values(document, "number")
    if not sites:
        return None
    node = pick(draw, sites).node
    digits = document.raw(node).lstrip(b"-")
    return document.spliced(node.end - len(digits), node.end, b"0" + digits)


@json_mutation
def plus_sign(document: Document, draw: Draw) -> bytes | None:
    """Put a plus sign before a number that is not negative."""
    sites = [s for s in values(document, "number") if not document.raw(s.node).startswith(b"-")]
    return replace_one(document, draw, sites, b"+%s")


@json_mutation
def leading_dot(document: Document, draw: Draw) -> bytes | None:
    """Write a number that begins with its point."""
    return replace_one(document, draw, values(document, "number"), b".5", b"-.5")


@json_mutation
def trailing_dot(document: Document, draw: Draw) -> bytes | None:
    """Write a number that ends with its point."""
    return replace_one(document, draw, values(document, "number"), b"0.", b"-1.")


@json_mutation
def bare_exponent(document: Document, draw: Draw) -> bytes | None:
    """Write a number whose exponent has no digits."""
    return replace_one(document, draw, values(document, "number"), b"0e", b"1e+")


@json_mutation
def hexadecimal(document: Document, draw: Draw) -> bytes | None:
    """Write a number in hexadecimal."""
    return replace_one(document, draw, values(document, "number"), b"0x0", b"0XfF")


@json_mutation
def nan(document: Document, draw: Draw) -> bytes | None:
    """Write NaN for a number."""
    return replace_one(document, draw, values(document, "number"), b"NaN", b"nan", b"-NaN")


@json_mutation
def infinity(document: Document, draw: Draw) -> bytes | None:
    """Write an infinity for a number."""
    return replace_one(document, draw, values(document, "number"), b"Infinity", b"-Infinity", b"inf")


NUMBERS = (
    out_of_range,
    negative_zero,
    zero_fraction,
    fraction,
    exponent,
    huge_number,
    tiny_number,
    excess_digits,
    huge_digits,
    subnormal,
    past_53_bits,
    leading_zero,
    plus_sign,
    leading_dot,
    trailing_dot,
    bare_exponent,
    hexadecimal,
    nan,
    infinity,
)
