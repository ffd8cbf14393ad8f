"""
Mutations of versions: pre-release and build.

After a mutation of `LEGAL`, a version is still valid, but unusual; its precedence may change.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from driftcheck.codecs.semver.mutations import PAST_64_BITS, pick, version_mutation
from driftcheck.codecs.semver.parts import Parts, is_plain_number
from driftcheck.core.mutation import Draw, Mutation

ILLEGAL = "!@#$%&*~^/\\:;,?'\"()[]{}<>|"
FOREIGN_LETTERS = ("é", "ß", "ı", "ſ", "ς", "中")


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
    """Rewrite one of the identifiers, or "0" if there is none."""
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
    """Write the build before the pre-release, which then becomes part of it."""
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
