"""
Mutations of versions: the three numbers, and what precedes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

from driftcheck.codecs.semver.parts import U64_MAX, Parts, is_plain_number, parts
from driftcheck.core.mutation import Draw, Mutation, mutation
from driftcheck.core.types import Type

PAST_64_BITS = (U64_MAX + 1, U64_MAX + 2, 10**20 - 1, 10**20, 2**65, 10**30)

Item = TypeVar("Item")


def version_mutation(breaks: Callable[[Parts, Draw], Parts | str | None]) -> Mutation:
    """Make a mutation of a function, as `mutation` does, that receives the version in parts."""

    def apply(data: bytes, draw: Draw, type_: Type) -> bytes | None:
        try:
            broken = breaks(parts(data.decode()), draw)
        except UnicodeDecodeError:
            return None
        return None if broken is None else str(broken).encode()

    apply.__name__, apply.__doc__ = breaks.__name__, breaks.__doc__
    return mutation(apply)


def pick(draw: Draw, items: Sequence[Item]) -> Item:
    """Draw one of the items; the first is the simplest."""
    return items[draw.integer(0, len(items) - 1)]


def _prefixed(version: Parts, sign: str) -> Parts:
    return attrs.evolve(version, prefix=sign + version.prefix)


def _number(version: Parts, draw: Draw, form: Callable[[str], str]) -> Parts | None:
    """Rewrite one of the numbers that are written plainly."""
    places = [i for i, number in enumerate(version.numbers) if is_plain_number(number)]
    if not places:
        return None
    at = pick(draw, places)
    return version.with_number(at, form(version.numbers[at]))


@version_mutation
def v_prefix(version: Parts, draw: Draw) -> Parts | None:
    """Put a v in front."""
    return _prefixed(version, "v")


@version_mutation
def capital_v(version: Parts, draw: Draw) -> Parts | None:
    """Put a V in front."""
    return _prefixed(version, "V")


@version_mutation
def equals_prefix(version: Parts, draw: Draw) -> Parts | None:
    """Put an equals sign in front."""
    return _prefixed(version, "=")


@version_mutation
def plus_sign(version: Parts, draw: Draw) -> Parts | None:
    """Put a plus sign before a number."""
    return _number(version, draw, "+{}".format)


@version_mutation
def negative_number(version: Parts, draw: Draw) -> Parts | None:
    """Put a minus sign before a number."""
    return _number(version, draw, "-{}".format)


@version_mutation
def leading_zero(version: Parts, draw: Draw) -> Parts | None:
    """Put zeros before a number."""
    return _number(version, draw, (pick(draw, ("0", "00")) + "{}").format)


@version_mutation
def missing_patch(version: Parts, draw: Draw) -> Parts | None:
    """Leave out the last number, and what comes after it."""
    return Parts(version.prefix, version.numbers[:2]) if len(version.numbers) == 3 else None


@version_mutation
def missing_minor(version: Parts, draw: Draw) -> Parts | None:
    """Leave out all but the first number."""
    return Parts(version.prefix, version.numbers[:1]) if len(version.numbers) == 3 else None


@version_mutation
def suffix_after_short(version: Parts, draw: Draw) -> Parts | None:
    """Write a pre-release or a build after fewer than three numbers."""
    if len(version.numbers) != 3:
        return None
    short = attrs.evolve(version, numbers=version.numbers[: pick(draw, (2, 1))])
    if short.has_suffix:
        return short
    return attrs.evolve(short, build="0") if draw.boolean() else attrs.evolve(short, pre="0")


@version_mutation
def fourth_part(version: Parts, draw: Draw) -> Parts | None:
    """Write a fourth number."""
    return attrs.evolve(version, numbers=(*version.numbers, "0")) if len(version.numbers) == 3 else None


@version_mutation
def trailing_dot(version: Parts, draw: Draw) -> Parts | None:
    """Write a dot after the numbers, and nothing more."""
    return Parts(version.prefix, (*version.numbers, "")) if len(version.numbers) == 3 else None


@version_mutation
def empty_part(version: Parts, draw: Draw) -> Parts | None:
    """Leave out a number, but not its dot."""
    if len(version.numbers) != 3:
        return None
    # Without the suffix: where the last number is not there, its hyphen would be a sign.
    return Parts(version.prefix, version.numbers).with_number(draw.integer(0, 2), "")


@version_mutation
def wildcard_part(version: Parts, draw: Draw) -> Parts | None:
    """Write a wildcard for a number."""
    return _number(version, draw, lambda number: pick(draw, ("x", "X", "*")))


@version_mutation
def underscore_in_number(version: Parts, draw: Draw) -> Parts | None:
    """Group a number's digits by an underscore."""
    return _number(version, draw, "{}_000".format)


@version_mutation
def hexadecimal_number(version: Parts, draw: Draw) -> Parts | None:
    """Write a number in hexadecimal."""
    return _number(version, draw, lambda number: f"{int(number):#x}")


@version_mutation
def exponent_number(version: Parts, draw: Draw) -> Parts | None:
    """Write a number with an exponent."""
    return _number(version, draw, "{}e0".format)


@version_mutation
def past_64_bits(version: Parts, draw: Draw) -> Parts | None:
    """Write a number that does not fit 64 bits."""
    return _number(version, draw, lambda number: str(pick(draw, PAST_64_BITS)))


@version_mutation
def inner_space(version: Parts, draw: Draw) -> str | None:
    """Put white space inside."""
    text = str(version)
    if len(text) < 2:
        return None
    at = draw.integer(1, len(text) - 1)
    return text[:at] + pick(draw, (" ", "\t", "\n")) + text[at:]


CORE: tuple[Mutation, ...] = (
    v_prefix,
    capital_v,
    equals_prefix,
    plus_sign,
    negative_number,
    leading_zero,
    missing_patch,
    missing_minor,
    suffix_after_short,
    fourth_part,
    trailing_dot,
    empty_part,
    wildcard_part,
    underscore_in_number,
    hexadecimal_number,
    exponent_number,
    past_64_bits,
    inner_space,
)
