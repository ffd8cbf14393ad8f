"""
Mutations of versions: of the three numbers, of pre-release and build.

Those of `LEGAL` leave a version a version, if an unusual one, and may change its precedence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

from driftcheck.codecs.mutation import Draw, Mutation, mutation
from driftcheck.codecs.semver_parts import U64_MAX, Parts, is_plain_number, parts
from driftcheck.contract.types import Type

PAST_64_BITS = (U64_MAX + 1, U64_MAX + 2, 10**20 - 1, 10**20, 2**65, 10**30)
ILLEGAL = "!@#$%&*~^/\\:;,?'\"()[]{}<>|"
FOREIGN_LETTERS = ("é", "ß", "ı", "ſ", "ς", "中")

Item = TypeVar("Item")


def version_mutation(breaks: Callable[[Parts, Draw], Parts | str | None]) -> Mutation:
    """Make a mutation of a function, as `mutation` does, that sees the version in its parts."""

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


@version_mutation
def missing_hyphen(version: Parts, draw: Draw) -> Parts | None:
    """Write a pre-release right after the last number."""
    if len(version.numbers) != 3 or not is_plain_number(version.numbers[2]):
        return None
    return Parts(version.prefix, version.numbers, build=version.build).with_number(
        2, version.numbers[2] + pick(draw, ("alpha", "rc1", "b2"))
    )


@version_mutation
def empty_pre_release(version: Parts, draw: Draw) -> Parts | None:
    """Write a hyphen and no pre-release after it."""
    return attrs.evolve(version, pre="")


@version_mutation
def empty_build(version: Parts, draw: Draw) -> Parts | None:
    """Write a plus and no build after it."""
    return attrs.evolve(version, build="")


def _identifier(text: str | None, draw: Draw, form: Callable[[str], str]) -> str:
    """Rewrite one of the identifiers; where there is none, one of "0"."""
    identifiers = (text or "0").split(".")
    at = draw.integer(0, len(identifiers) - 1)
    return ".".join([*identifiers[:at], form(identifiers[at]), *identifiers[at + 1 :]])


def _in_pre(version: Parts, draw: Draw, form: Callable[[str], str]) -> Parts:
    return attrs.evolve(version, pre=_identifier(version.pre, draw, form))


def _in_build(version: Parts, draw: Draw, form: Callable[[str], str]) -> Parts:
    return attrs.evolve(version, build=_identifier(version.build, draw, form))


def _in_either(version: Parts, draw: Draw, form: Callable[[str], str]) -> Parts:
    return (_in_build if draw.boolean() else _in_pre)(version, draw, form)


@version_mutation
def empty_identifier(version: Parts, draw: Draw) -> Parts | None:
    """Leave out an identifier of the pre-release, but not its dot."""
    return _in_pre(version, draw, lambda one: pick(draw, (f"{one}.", f".{one}", f"{one}..0")))


@version_mutation
def empty_build_identifier(version: Parts, draw: Draw) -> Parts | None:
    """Leave out an identifier of the build, but not its dot."""
    return _in_build(version, draw, lambda one: pick(draw, (f"{one}.", f".{one}", f"{one}..0")))


@version_mutation
def leading_zero_identifier(version: Parts, draw: Draw) -> Parts | None:
    """Write a number with a zero in front in the pre-release."""
    return _in_pre(version, draw, lambda one: "0" + (one if one.isdigit() else pick(draw, "01")))


@version_mutation
def underscore_identifier(version: Parts, draw: Draw) -> Parts | None:
    """Write an underscore in an identifier."""
    return _in_either(version, draw, "{}_".format)


@version_mutation
def illegal_character(version: Parts, draw: Draw) -> Parts | None:
    """Write an ASCII character in an identifier that none may have."""
    return _in_either(version, draw, lambda one: one + pick(draw, ILLEGAL))


@version_mutation
def non_ascii_letter(version: Parts, draw: Draw) -> Parts | None:
    """Write a letter in an identifier that ASCII does not have."""
    return _in_either(version, draw, lambda one: one + pick(draw, FOREIGN_LETTERS))


@version_mutation
def second_plus(version: Parts, draw: Draw) -> Parts | None:
    """Write a second build after the first."""
    build = version.build or "0"
    return attrs.evolve(version, build=f"{build}+{build}")


@version_mutation
def past_256_bytes(version: Parts, draw: Draw) -> Parts | None:
    """Write a version longer than 256 bytes."""
    longer = pick(draw, ("a" * 257, "a." * 128 + "a"))
    return attrs.evolve(version, build=longer) if draw.boolean() else attrs.evolve(version, pre=longer)


@version_mutation
def huge_identifier(version: Parts, draw: Draw) -> Parts | None:
    """Write a number in the pre-release that does not fit 64 bits."""
    return _in_pre(version, draw, lambda one: str(pick(draw, PAST_64_BITS)))


@version_mutation
def leading_zero_build(version: Parts, draw: Draw) -> Parts | None:
    """Write a number with a zero in front in the build."""
    return _in_build(version, draw, lambda one: "0" + (one if one.isdigit() else pick(draw, "01")))


@version_mutation
def edge_hyphen(version: Parts, draw: Draw) -> Parts | None:
    """Begin or end an identifier with a hyphen, or write nothing else."""
    return _in_either(version, draw, lambda one: pick(draw, ("-", f"-{one}", f"{one}-", "--")))


@version_mutation
def inner_hyphen(version: Parts, draw: Draw) -> Parts | None:
    """Write a hyphen inside an identifier of the pre-release."""
    return _in_pre(version, draw, lambda one: f"{one or 0}-{pick(draw, ('0', 'a', 'A'))}")


@version_mutation
def build_before_pre_release(version: Parts, draw: Draw) -> Parts | None:
    """Write the build before the pre-release, which so becomes part of it."""
    pre = version.pre or "0"
    return attrs.evolve(version, pre=None, build=f"{version.build or '0'}-{pre}")


@version_mutation
def long_identifier(version: Parts, draw: Draw) -> Parts | None:
    """Write an identifier of more than 32 characters."""
    return _in_either(version, draw, lambda one: "a" * pick(draw, (33, 64)))


@version_mutation
def many_identifiers(version: Parts, draw: Draw) -> Parts | None:
    """Write more than eight identifiers."""
    return _in_either(version, draw, lambda one: ".".join("a" * 9) + pick(draw, ("", ".0")))


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
SUFFIX: tuple[Mutation, ...] = (
    missing_hyphen,
    empty_pre_release,
    empty_build,
    empty_identifier,
    empty_build_identifier,
    leading_zero_identifier,
    underscore_identifier,
    illegal_character,
    non_ascii_letter,
    second_plus,
    build_before_pre_release,
    long_identifier,
    past_256_bytes,
)
LEGAL: tuple[Mutation, ...] = (
    huge_identifier,
    leading_zero_build,
    edge_hyphen,
    inner_hyphen,
    many_identifiers,
)
