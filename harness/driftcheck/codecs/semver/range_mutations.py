"""
Mutations of requirements: the separators of comparators, their operators and their versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from driftcheck.codecs.semver.mutations import PAST_64_BITS, pick
from driftcheck.codecs.semver.parts import Parts, is_plain_number
from driftcheck.codecs.semver.range_features import FOREIGN, ODD_SPACE, WILDCARDS, Clause, clause
from driftcheck.core.mutation import Draw, Mutation, mutation
from driftcheck.core.types import Type

Rewrite = Callable[[Clause, Draw], Clause | None]


def joined(breaks: Callable[[list[str], Draw], str | None]) -> Mutation:
    """Make a mutation of a function, as `mutation` does, that receives the comparators as a list."""

    def apply(data: bytes, draw: Draw, type_: Type) -> bytes | None:
        try:
            broken = breaks(re.split(r"\s*,\s*", data.decode()), draw)
        except UnicodeDecodeError:
            return None
        return None if broken is None else broken.encode()

    apply.__name__, apply.__doc__ = breaks.__name__, breaks.__doc__
    return mutation(apply)


def clause_mutation(breaks: Rewrite) -> Mutation:
    """Make a mutation of a function, as `mutation` does, that receives one comparator that it can break."""

    def rewritten(clauses: list[str], draw: Draw) -> str | None:
        at = draw.integer(0, len(clauses) - 1)
        broken = breaks(clause(clauses[at]), draw)
        if broken is None:
            return None
        return ", ".join([*clauses[:at], str(broken), *clauses[at + 1 :]])

    rewritten.__name__, rewritten.__doc__ = breaks.__name__, breaks.__doc__
    return joined(rewritten)


def _two(clauses: list[str]) -> list[str]:
    """Return at least two comparators."""
    return clauses if len(clauses) > 1 else clauses * 2


@joined
def missing_comma(clauses: list[str], draw: Draw) -> str | None:
    """Write comparators with a space between them."""
    return " ".join(_two(clauses))


@joined
def no_separator(clauses: list[str], draw: Draw) -> str | None:
    """Write comparators with nothing between them."""
    return "".join(_two(clauses))


@joined
def tight_comma(clauses: list[str], draw: Draw) -> str | None:
    """Write comparators with only a comma between them."""
    return ",".join(_two(clauses))


@joined
def alternatives(clauses: list[str], draw: Draw) -> str | None:
    """Write comparators as alternatives."""
    return pick(draw, (" || ", "||")).join(_two(clauses))


@joined
def ampersands(clauses: list[str], draw: Draw) -> str | None:
    """Write comparators with && between them."""
    return " && ".join(_two(clauses))


@joined
def stray_comma(clauses: list[str], draw: Draw) -> str | None:
    """Write a comma with nothing before or after it."""
    text = ", ".join(clauses)
    return pick(draw, (f"{text},", f", {text}", f"{text}, , {clauses[0]}"))


@joined
def hyphen_range(clauses: list[str], draw: Draw) -> str | None:
    """Write the range from one version to another with a hyphen."""
    first, second = (clause(one).version for one in _two(clauses)[:2])
    return f"{first} - {second}"


@joined
def many_comparators(clauses: list[str], draw: Draw) -> str | None:
    """Write more than 32 comparators."""
    return ", ".join([clauses[0], *[">=0"] * 32])


@joined
def past_512_bytes(clauses: list[str], draw: Draw) -> str | None:
    """Write a requirement longer than 512 bytes."""
    return ", ".join(clauses) + " " * 512 + f", {clauses[-1]}"


@joined
def wildcard_among_others(clauses: list[str], draw: Draw) -> str | None:
    """Write a wildcard beside other comparators."""
    return ", ".join([pick(draw, WILDCARDS), *clauses])


def _number(one: Clause, draw: Draw, form: Callable[[str], str]) -> Clause | None:
    places = [i for i, number in enumerate(one.version.numbers) if is_plain_number(number)]
    if not places:
        return None
    at = pick(draw, places)
    return attrs.evolve(one, version=one.version.with_number(at, form(one.version.numbers[at])))


def _with_numbers(one: Clause, count: int) -> Parts:
    """Return the version with this count of numbers; those that it does not have are 0."""
    numbers = [number if is_plain_number(number) else "0" for number in one.version.numbers[:count]]
    return Parts("", tuple(numbers + ["0"] * (count - len(numbers))))


def _full(one: Clause, pre: str | None = None, build: str | None = None) -> Clause | None:
    """Return a plain comparator with a full version and a suffix; = for ~0.0.0, which is odd by itself."""
    if not one.operator or not all(map(is_plain_number, one.version.numbers)):
        return None
    version = _with_numbers(one, 3)
    operator = "=" if version.numbers == ("0", "0", "0") and one.operator == "~" else one.operator
    return Clause(operator, one.space, attrs.evolve(version, pre=pre, build=build))


@clause_mutation
def foreign_operator(one: Clause, draw: Draw) -> Clause | None:
    """Write an operator of other systems: !=, =>, =< or ~>."""
    return attrs.evolve(one, operator=pick(draw, FOREIGN))


@clause_mutation
def unknown_operator(one: Clause, draw: Draw) -> Clause | None:
    """Write an operator that no system has."""
    return attrs.evolve(one, operator=pick(draw, ("@", "<>", "><", "~=", "===", ">==")))


@clause_mutation
def doubled_operator(one: Clause, draw: Draw) -> Clause | None:
    """Write an operator twice."""
    return attrs.evolve(one, operator=one.operator * 2) if one.operator else None


@clause_mutation
def operator_alone(one: Clause, draw: Draw) -> Clause | None:
    """Write an operator without a version."""
    return Clause(one.operator or "=", "", Parts("", ()))


@clause_mutation
def spaced_operator(one: Clause, draw: Draw) -> Clause | None:
    """Put spaces between operator and version."""
    return attrs.evolve(one, space=pick(draw, (" ", "  "))) if one.operator else None


@joined
def outer_space(clauses: list[str], draw: Draw) -> str | None:
    """Put spaces in front or at the end."""
    text = ", ".join(clauses)
    return f" {text}" if draw.boolean() else f"{text} "


@joined
def odd_space(clauses: list[str], draw: Draw) -> str | None:
    """Put a tab or a line break before or after a comparator."""
    at, space = draw.integer(0, len(clauses) - 1), pick(draw, ODD_SPACE)
    one = clauses[at] + space if draw.boolean() else space + clauses[at]
    return ", ".join([*clauses[:at], one, *clauses[at + 1 :]])


@joined
def bare_version(clauses: list[str], draw: Draw) -> str | None:
    """Write one version without an operator, and nothing else."""
    one = clause(pick(draw, clauses))
    # A full version is where systems differ most: one means it alone, another all that are compatible.
    return str(_with_numbers(one, 3) if draw.boolean(0.75) else one.version)


@clause_mutation
def tilde_zero(one: Clause, draw: Draw) -> Clause | None:
    """Write ~0.0.0."""
    return Clause("~", "", Parts("", ("0", "0", "0")))


@joined
def wildcard(clauses: list[str], draw: Draw) -> str | None:
    """Write a wildcard for all, for the minor or for the patch number."""
    version = _with_numbers(clause(clauses[0]), draw.integer(0, 2))
    return ".".join([*version.numbers, pick(draw, WILDCARDS)])


@clause_mutation
def wildcard_with_operator(one: Clause, draw: Draw) -> Clause | None:
    """Write an operator before a version that ends in a wildcard."""
    numbers = _with_numbers(one, draw.integer(1, 2)).numbers
    return Clause(one.operator or "=", "", Parts("", (*numbers, pick(draw, WILDCARDS))))


@clause_mutation
def operator_before_wildcard(one: Clause, draw: Draw) -> Clause | None:
    """Write an operator before nothing but a wildcard."""
    return Clause(one.operator or "=", "", Parts("", (pick(draw, WILDCARDS),)))


@clause_mutation
def wildcard_first(one: Clause, draw: Draw) -> Clause | None:
    """Write a wildcard and something after it."""
    return Clause("", "", Parts("", (pick(draw, WILDCARDS), pick(draw, ("0", *WILDCARDS)))))


@clause_mutation
def number_after_wildcard(one: Clause, draw: Draw) -> Clause | None:
    """Write a wildcard for the minor number, and a patch number."""
    (major,) = _with_numbers(one, 1).numbers
    return Clause("", "", Parts("", (major, pick(draw, WILDCARDS), "0")))


@joined
def pre_release_bound(clauses: list[str], draw: Draw) -> str | None:
    """Write one comparator that names a pre-release of a full version, and nothing else."""
    full = _full(clause(pick(draw, clauses)), pre=pick(draw, ("0", "a", "z.1")))
    return None if full is None else str(full)


@clause_mutation
def pre_release_on_partial(one: Clause, draw: Draw) -> Clause | None:
    """Name a pre-release after one or two numbers."""
    return attrs.evolve(one, version=attrs.evolve(_with_numbers(one, draw.integer(1, 2)), pre="0"))


@clause_mutation
def build_in_requirement(one: Clause, draw: Draw) -> Clause | None:
    """Name a build in a full version."""
    return _full(one, build=pick(draw, ("0", "a")))


@clause_mutation
def build_on_partial(one: Clause, draw: Draw) -> Clause | None:
    """Name a build after one or two numbers."""
    return attrs.evolve(one, version=attrs.evolve(_with_numbers(one, draw.integer(1, 2)), build="0"))


@clause_mutation
def v_prefix(one: Clause, draw: Draw) -> Clause | None:
    """Put a v before a version."""
    return attrs.evolve(one, version=attrs.evolve(one.version, prefix="v"))


@clause_mutation
def leading_zero(one: Clause, draw: Draw) -> Clause | None:
    """Put a zero before a number."""
    return _number(one, draw, "0{}".format)


@clause_mutation
def past_64_bits(one: Clause, draw: Draw) -> Clause | None:
    """Write a number that does not fit 64 bits."""
    return _number(one, draw, lambda number: str(pick(draw, PAST_64_BITS)))


@clause_mutation
def negative_number(one: Clause, draw: Draw) -> Clause | None:
    """Put a minus sign before a number."""
    return _number(one, draw, "-{}".format)


@clause_mutation
def fourth_part(one: Clause, draw: Draw) -> Clause | None:
    """Write a fourth number."""
    return attrs.evolve(one, version=_with_numbers(one, 4))


@clause_mutation
def trailing_dot(one: Clause, draw: Draw) -> Clause | None:
    """Write a dot after a partial version."""
    numbers = _with_numbers(one, draw.integer(1, 2)).numbers
    return attrs.evolve(one, version=Parts("", (*numbers, "")))


@clause_mutation
def no_number(one: Clause, draw: Draw) -> Clause | None:
    """Write a word for a number."""
    return attrs.evolve(one, version=Parts("", (pick(draw, ("latest", "a", "é")),)))


JOINTS: tuple[Mutation, ...] = (
    missing_comma,
    no_separator,
    tight_comma,
    alternatives,
    ampersands,
    stray_comma,
    hyphen_range,
    many_comparators,
    past_512_bytes,
    wildcard_among_others,
    outer_space,
    odd_space,
)
CLAUSES: tuple[Mutation, ...] = (
    foreign_operator,
    unknown_operator,
    doubled_operator,
    operator_alone,
    spaced_operator,
    bare_version,
    tilde_zero,
    wildcard,
    wildcard_with_operator,
    operator_before_wildcard,
    wildcard_first,
    number_after_wildcard,
    pre_release_bound,
    pre_release_on_partial,
    build_in_requirement,
    build_on_partial,
    v_prefix,
    leading_zero,
    past_64_bits,
    negative_number,
    fourth_part,
    trailing_dot,
    no_number,
)
